import { checkInteger, checkOneOf, checkText, show } from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import { sha256 } from "../core/hash.ts";
import { checkOptions, integer, option, orNotGiven, passed, text } from "../core/options.ts";
import { checkSha256 } from "./catalogue.ts";
import { knownContent } from "./_content.ts";
import {
  documentKindOf,
  type DocumentsSpecification,
  isDocuments,
  validateDocuments,
} from "./documents/kinds.ts";
import type { Excerpt } from "./excerpt.ts";
import {
  decodeUtf8,
  findEntry,
  loadVerified,
  readProjectFile,
  refuseBlank,
  sourceInWords,
} from "./_sources.ts";
import { countCodePoints, sliceCodePoints } from "./text.ts";

export type { Excerpt };

/** A part of a corpus as an option. */
export interface ExcerptOptions {
  /**
   * First code point, from 0.
   *
   * @default {0}
   */
  readonly start?: number;
  /** Number of code points, from 1. */
  readonly length: number;
}

/** What can be said about a text of one's own. */
export interface TextOptions {
  /** What reports call it; of a file its path if not given. */
  readonly name?: string;
  /**
   * Under which terms it may be used.
   *
   * @default {"not stated"}
   */
  readonly licence?: string;
  /** The part to use; the whole text when left out. */
  readonly excerpt?: ExcerptOptions;
}

/** A corpus as a specification holds it: one text, or documents. */
export type CorpusSpecification = TextCorpusSpecification | DocumentsSpecification;

/** One text as a specification holds it: plain JSON with everything that its text depends on. */
export type TextCorpusSpecification =
  & {
    /** What reports call it; of the kind `catalogue`, its name there. */
    readonly name: string;
    /** SHA-256 of the whole text as UTF-8 (of a file: of its bytes), before the excerpt is cut. */
    readonly sha256: string;
    /** Under which terms it may be used, in words. */
    readonly licence: string;
    /** Null for the whole text. */
    readonly excerpt: Excerpt | null;
  }
  & (
    | { readonly kind: "catalogue" }
    /** `path` is relative to the project, with forward slashes. */
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "inline"; readonly text: string }
  );

/**
 * A corpus of the catalogue (`datasets/catalogue.json` of the library, then of the project).
 *
 * @param name Name in the catalogue.
 * @param options `excerpt`: the part to use, in code points; the whole text when left out.
 * @returns Its specification; nothing is loaded yet, except of a corpus in parts (such as `ptb`),
 * whose checksum is that of the fetched files once their published counts are found in them.
 * @throws {RangeError} If the name is unknown (the known ones are listed) or the excerpt leaves the
 * text.
 * @throws {Deno.errors.NotFound} If a corpus in parts has not been fetched.
 *
 * @example
 * ```ts
 * import { corpus } from "./corpora.ts";
 * import assert from "node:assert/strict";
 * const whale = corpus("moby-dick", { excerpt: { length: 40_000 } });
 * assert.deepEqual(whale.excerpt, { start: 0, length: 40_000 });
 * ```
 */
export function corpus(
  name: string,
  options: { readonly excerpt?: ExcerptOptions } = {},
): TextCorpusSpecification {
  const { excerpt } = checkOptions("corpus", options, { excerpt: passed() });
  const hint = " For a text of your own use textFile or inlineText.";
  const entry = findEntry("corpus", checkText("corpus: name", name), hint);
  if (entry.kind !== "text") {
    throw new RangeError(`corpus: ${show(name)} must hold a text, found ${show(entry.kind)}.`);
  }
  const { sha256, codePoints } = knownContent("corpus", entry);
  return {
    kind: "catalogue",
    name,
    sha256,
    licence: entry.licence,
    excerpt: checkExcerpt("corpus: excerpt", excerpt, codePoints),
  };
}

/**
 * A text file of the project as corpus.
 *
 * @param path Path relative to the folder of the nearest deno.json; UTF-8.
 * @param options `name`, the path by default; `licence`; `excerpt`.
 * @returns Its specification with the checksum that the file has now; a later change is refused.
 * @throws {RangeError} If the path leaves the project, or the file is empty, has NUL
 * bytes or is not UTF-8; the message says where, and how to convert it.
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export function textFile(
  path: string,
  options: TextOptions = {},
): TextCorpusSpecification {
  const portable = checkText("textFile: path", path).replaceAll("\\", "/");
  const bytes = readProjectFile("textFile", portable);
  const text = decodeUtf8(bytes, `textFile: ${show(portable)}`);
  const described = describe("textFile", text, portable, options);
  return { kind: "file", ...described, sha256: sha256(bytes), path: portable };
}

/**
 * A text given in the study itself as corpus; it becomes part of every specification, so use it for
 * short ones.
 *
 * @param text The text.
 * @param options `name`, "inline text" by default; `licence`; `excerpt`.
 * @throws {RangeError} If the text is empty, all white space, or holds a NUL character or half a
 * surrogate pair.
 *
 * @example
 * ```ts
 * import { inlineText, loadCorpus } from "./corpora.ts";
 * import assert from "node:assert/strict";
 * const corpus = inlineText("the 🐋 whale", { excerpt: { start: 4, length: 1 } });
 * assert.equal(await loadCorpus(corpus), "🐋");
 * ```
 */
export function inlineText(
  text: string,
  options: TextOptions = {},
): TextCorpusSpecification {
  checkText("inlineText: text", text);
  if (!text.isWellFormed()) {
    throw new RangeError("inlineText: text must be well-formed, found half a surrogate pair.");
  }
  refuseBlank("inlineText: text", text);
  const described = describe("inlineText", text, "inline text", options);
  return { kind: "inline", ...described, sha256: sha256(text), text };
}

function describe(subject: string, whole: string, name: string, options: TextOptions) {
  return checkOptions(subject, options, {
    name: orNotGiven(text(name)),
    licence: orNotGiven(text("not stated")),
    excerpt: option((name, value) => checkExcerpt(name, value, countCodePoints(whole))),
  });
}

/** Where a corpus comes from, in words for a report. */
export function corpusSource(specification: CorpusSpecification): string {
  return isDocuments(specification)
    ? documentKindOf(specification).source(specification)
    : sourceInWords(specification);
}

/**
 * Loads the text of a corpus and verifies its checksum.
 *
 * @param specification As {@link corpus}, {@link textFile} or {@link inlineText} gave it.
 * @returns The excerpt (or the whole text). A byte order mark at the beginning of a file is taken
 * off; line breaks stay as they are.
 * @throws {Error} If the text has another SHA-256 than the specification (both are named), or has
 * not been fetched.
 * @throws {RangeError} If the excerpt is empty, all white space, or longer than the text, or the corpus is
 * of documents, which `openText` reads.
 */
export async function loadCorpus(specification: CorpusSpecification): Promise<string> {
  const valid = validateCorpus(specification);
  const { name, sha256: expected, excerpt } = valid;
  const subject = `Corpus ${show(name)}`;
  if (isDocuments(valid)) {
    throw new RangeError(
      `${subject} has documents, which are not one text: fold it by documentFolds.`,
    );
  }
  const whole = await loadVerified(subject, valid, expected);
  const { start, length } = excerpt ?? { start: 0, length: whole.length };
  const part = excerpt === null ? whole : sliceCodePoints(whole, start, length);
  refuseBlank(`${subject}: its excerpt`, part);
  if (excerpt !== null && countCodePoints(part) < length) {
    checkExcerpt(`${subject}: excerpt`, excerpt, countCodePoints(whole));
  }
  return part;
}

/**
 * Checks that a value read from JSON is the specification of a corpus.
 *
 * @throws {TypeError | RangeError} With the field, the value found and those allowed.
 */
export function validateCorpus(value: unknown): CorpusSpecification {
  return isDocuments(value) ? validateDocuments(value) : validateTextCorpus(value);
}

function validateTextCorpus(value: unknown): TextCorpusSpecification {
  const ownKey = { catalogue: null, file: "path", inline: "text" };
  const kind = checkOneOf(
    "corpus: kind",
    (value as TextCorpusSpecification | null)?.kind,
    Object.keys(ownKey) as (keyof typeof ownKey)[],
  );
  const own = ownKey[kind];
  checkOptions("corpus", value, {
    kind: passed(),
    name: text(),
    sha256: option(checkSha256),
    licence: text(),
    excerpt: option((name, excerpt) =>
      excerpt === null ? null : checkExcerpt(name, excerpt ?? {}, longestText)
    ),
    ...(own && { [own]: text() }),
  });
  return value as TextCorpusSpecification;
}

function checkExcerpt(name: string, value: unknown, codePoints: number): Excerpt | null {
  if (value === undefined) return null;
  const { start, length } = checkOptions(name, value, {
    start: orNotGiven(integer({ from: 0, to: codePoints - 1 }, 0)),
    length: passed(),
  }, ".");
  const longest = codePoints - start;
  return { start, length: checkInteger(`${name}.length`, length, { from: 1, to: longest }) };
}
