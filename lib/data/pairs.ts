import { checkOneOf, checkText, show } from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import { sha256 } from "../core/hash.ts";
import {
  checkOptions,
  integer,
  nested,
  oneOf,
  option,
  orAbsent,
  orNotGiven,
  orNull,
  passed,
  stated,
  text,
} from "../core/options.ts";
import { checkSha256 } from "./catalogue.ts";
import { validateRows } from "./rows/kinds.ts";
import { type PairOfRow, type PairsOfRows, pairsOfRows } from "./rows/pairs_of_rows.ts";
import { rowFormats, textFormats } from "./rows/read_rows.ts";
import { countBytes } from "./text.ts";
import { knownContent } from "./_content.ts";
import { verifiedRows } from "./_verified_rows.ts";
import {
  decodeUtf8,
  findEntry,
  loadVerified,
  readProjectFile,
  refuseBlank,
  sourceInWords,
  type TextSource,
} from "./_sources.ts";

/** A source and the target that a model is to write for it. */
export type TextPair = readonly [source: string, target: string];

/** A list of pairs as a specification holds it: plain JSON with everything that it depends on. */
export type PairCorpusSpecification =
  & {
    /** What reports call it; of the kind `cataloguePairs`, its name there. */
    readonly name: string;
    /** SHA-256 of the whole text as UTF-8 (of a file: of its bytes), before the excerpt is cut. */
    readonly sha256: string;
    /** Under which terms it may be used, in words. */
    readonly licence: string;
    /** The pairs to use, by their place in the text, or the rows; null for all. */
    readonly excerpt: { readonly start: number; readonly length: number } | null;
    /** `given`, or `shuffled` (by a fixed order) after the excerpt is cut. */
    readonly order: "given" | "shuffled";
  }
  & PairLimits
  & (
    | PairsOfColumns & { readonly kind: "cataloguePairs" }
    /** `path` is relative to the project, with forward slashes. */
    | PairsOfColumns & { readonly kind: "filePairs"; readonly path: string }
    /** A pair a line, columns parted by tabs. */
    | PairsOfColumns & { readonly kind: "inlinePairs"; readonly text: string }
    /** Rows of a file that become pairs; the excerpt counts rows. */
    | Omit<PairsOfRows, "excerpt"> & { readonly kind: "fileRows"; readonly path: string }
    /** JSON lines. */
    | Omit<PairsOfRows, "excerpt"> & { readonly kind: "inlineRows"; readonly text: string }
  );

/** Which columns of a line are the pair. */
interface PairsOfColumns {
  /** Column of the source, from 1. */
  readonly sourceColumn: number;
  /** Column of the target, from 1. */
  readonly targetColumn: number;
}

/** How long pairs may be by their texts, whatever reads them; absent for any length. */
export interface PairLimits {
  /** Pairs of the excerpt whose source has more bytes in UTF-8 are left out, never cut; from 1. */
  readonly maximumSourceBytes?: number;
  /** The same of targets. */
  readonly maximumTargetBytes?: number;
}

/** Which pairs to take, in which direction and order. */
export interface PairOptions extends PairLimits {
  /** `start` from 0 (the default) and `length` from 1, in pairs; all when left out. */
  readonly excerpt?: { readonly start?: number; readonly length: number };
  /**
   * `given`: folds hold out stretches of the text, which keeps neighbours such as verses of one chapter
   * together. `shuffled` for lists that are sorted, say by length, where a stretch is not like the rest.
   *
   * @default {"given"}
   */
  readonly order?: "given" | "shuffled";
  /**
   * Column of the source, from 1.
   *
   * @default {1}
   */
  readonly sourceColumn?: number;
  /**
   * Column of the target, from 1.
   *
   * @default {2}
   */
  readonly targetColumn?: number;
}

/** What can be said about pairs of one's own. */
export interface OwnPairOptions extends PairOptions {
  /** What reports call them; of a file its path if not given. */
  readonly name?: string;
  /**
   * Under which terms they may be used.
   *
   * @default {"not stated"}
   */
  readonly licence?: string;
}

const ofLimits = {
  maximumSourceBytes: orAbsent(integer({ from: 1, to: longestText })),
  maximumTargetBytes: orAbsent(integer({ from: 1, to: longestText })),
};

/** Which pairs are taken, in which order. */
export const pairSelection = {
  ...ofLimits,
  excerpt: option((_, value) => value === undefined ? null : { start: 0, ...Object(value) }),
  order: orNotGiven(passed<"given" | "shuffled">("given")),
};

/** What {@link PairOptions} holds; `validatePairCorpus` checks it. */
export const pairOptions = {
  ...pairSelection,
  sourceColumn: orNotGiven(passed<number>(1)),
  targetColumn: orNotGiven(passed<number>(2)),
};

function checkOwnOptions(subject: string, options: OwnPairOptions, name: string) {
  return checkOptions(subject, options, {
    ...pairOptions,
    name: orNotGiven(passed<string>(name)),
    licence: orNotGiven(passed<string>("not stated")),
  });
}

const ownKey = {
  cataloguePairs: null,
  filePairs: "path",
  inlinePairs: "text",
  fileRows: "path",
  inlineRows: "text",
} as const;

const ofColumns = { sourceColumn: integer({ from: 1 }), targetColumn: integer({ from: 1 }) };
const ofRows = {
  rows: option(validateRows),
  ...stated({ group: orNull(text()) }),
};

/**
 * Pairs of the catalogue, such as `kjv-asv`: 31,102 verses in the words of 1611 and of 1901.
 *
 * @param name Name in the catalogue.
 * @param options Excerpt, order and columns; columns 2 and 1 turn the direction round.
 * @returns Its specification; nothing is loaded yet.
 * @throws {RangeError} If the name is unknown or belongs to a text.
 *
 * @example
 * ```ts
 * import { pairCorpus } from "./pairs.ts";
 * import assert from "node:assert/strict";
 * const verses = pairCorpus("kjv-asv", { excerpt: { length: 1000 } });
 * assert.deepEqual(verses.excerpt, { start: 0, length: 1000 });
 * ```
 */
export function pairCorpus(name: string, options: PairOptions = {}): PairCorpusSpecification {
  const chosen = checkOptions("pairCorpus", options, pairOptions);
  const hint = " For pairs of your own use pairFile or inlinePairs.";
  const entry = findEntry("pairCorpus", checkText("pairCorpus: name", name), hint);
  if (entry.kind !== "pairs") {
    throw new RangeError(`pairCorpus: ${show(name)} must hold pairs, found a ${entry.kind}.`);
  }
  const { sha256 } = knownContent("pairCorpus", entry);
  const { licence } = entry;
  return validatePairCorpus({ kind: "cataloguePairs", name, sha256, licence, ...chosen });
}

/**
 * Pairs in a file of the project: a pair a line, columns parted by tabs, more columns than the two
 * allowed, empty lines passed over.
 *
 * @param path Path relative to the folder of the nearest deno.json; UTF-8.
 * @param options `name`, the path by default; `licence`; excerpt, order and columns.
 * @returns Its specification with the checksum that the file has now; a later change is refused.
 * @throws {RangeError} If the path leaves the project, the file is not UTF-8 (the message says where, and
 * how to convert it), a line lacks a column or has an empty one, or the excerpt leaves the list.
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export function pairFile(path: string, options: OwnPairOptions = {}): PairCorpusSpecification {
  const portable = checkText("pairFile: path", path).replaceAll("\\", "/");
  const chosen = checkOwnOptions("pairFile", options, portable);
  const bytes = readProjectFile("pairFile", portable);
  const specification = validatePairCorpus({
    kind: "filePairs",
    ...chosen,
    sha256: sha256(bytes),
    path: portable,
  });
  pairsOf(chosen, decodeUtf8(bytes, `pairFile: ${show(portable)}`), "pairFile");
  return specification;
}

/**
 * Pairs given in the study itself; they become part of every specification, so use it for few.
 *
 * @param pairs Sources and targets, without tabs and line breaks.
 * @param options `name`, "inline pairs" by default; `licence`; excerpt, order and columns.
 * @throws {RangeError} If there are none, or one is blank, holds a tab, a line break or half a
 * surrogate pair.
 *
 * @example
 * ```ts
 * import { inlinePairs, loadPairs } from "./pairs.ts";
 * import assert from "node:assert/strict";
 * const corpus = inlinePairs([["go", "va"], ["run", "cours"]], { sourceColumn: 2, targetColumn: 1 });
 * assert.deepEqual(await loadPairs(corpus), [["va", "go"], ["cours", "run"]]);
 * ```
 */
export function inlinePairs(
  pairs: readonly TextPair[],
  options: OwnPairOptions = {},
): PairCorpusSpecification {
  const chosen = checkOwnOptions("inlinePairs", options, "inline pairs");
  if (!Array.isArray(pairs) || pairs.length === 0) {
    throw new RangeError(
      `inlinePairs: pairs must be a list of at least one, found ${show(pairs)}.`,
    );
  }
  for (const [index, pair] of pairs.entries()) {
    const valid = Array.isArray(pair) && pair.length === 2 &&
      pair.every((text) => typeof text === "string" && text.isWellFormed());
    if (!valid || pair.some((text) => /[\t\n\r]/.test(text))) {
      throw new RangeError(
        `inlinePairs: pair ${index} must be two texts without tabs, line breaks and half ` +
          `surrogate pairs, found ${show(pair)}.`,
      );
    }
  }
  const whole = pairs.map((pair) => `${pair.join("\t")}\n`).join("");
  const specification = validatePairCorpus({
    kind: "inlinePairs",
    ...chosen,
    sha256: sha256(whole),
    text: whole,
  });
  pairsOf(chosen, whole, "inlinePairs");
  return specification;
}

/** Where pairs come from, in words for a report. */
export function pairSource(specification: PairCorpusSpecification): string {
  return sourceInWords(textSource(specification));
}

/** Whether a value read from JSON names a list of pairs, not a text. */
export function isPairCorpus(value: unknown): value is PairCorpusSpecification {
  const kind = (value as { kind?: unknown } | null)?.kind;
  return typeof kind === "string" && Object.hasOwn(ownKey, kind);
}

/**
 * Loads the pairs of a corpus and verifies its checksum.
 *
 * @returns The pairs of the excerpt, in the order that the specification asks for.
 * @throws {Error} If the text has another SHA-256 than the specification, or has not been fetched.
 * @throws {RangeError} If a line is no pair, or the excerpt is longer than the list.
 */
export async function loadPairs(specification: PairCorpusSpecification): Promise<TextPair[]> {
  return (await loadGroupedPairs(specification)).map(({ pair }) => pair);
}

/** The same with what must stay on one side of a fold, besides pairs of one source. */
export async function loadGroupedPairs(
  specification: PairCorpusSpecification,
): Promise<PairOfRow[]> {
  const { name, sha256: expected } = validatePairCorpus(specification);
  const subject = `Corpus ${show(name)}`;
  const source = textSource(specification);
  const all = "rows" in specification
    ? pairsOfRows(specification, await verifiedRows(specification, source, subject), subject)
    : pairsOf(specification, await loadVerified(subject, source, expected), subject)
      .map((pair) => ({ pair, group: null }));
  return withinLimits(all, specification, subject);
}

function withinLimits(
  all: PairOfRow[],
  { maximumSourceBytes, maximumTargetBytes }: PairLimits,
  subject: string,
): PairOfRow[] {
  if (maximumSourceBytes === undefined && maximumTargetBytes === undefined) return all;
  const kept = all.filter(({ pair: [source, target] }) =>
    countBytes(source) <= (maximumSourceBytes ?? Infinity) &&
    countBytes(target) <= (maximumTargetBytes ?? Infinity)
  );
  if (kept.length > 0) return kept;
  throw new RangeError(
    `${subject}: at least one pair must be as short as maximumSourceBytes ${
      maximumSourceBytes ?? "(none)"
    } and maximumTargetBytes ${maximumTargetBytes ?? "(none)"} say, found none of ${all.length}.`,
  );
}

/**
 * Checks that a value read from JSON is the specification of pairs.
 *
 * @throws {TypeError | RangeError} With the field, the value found and those allowed.
 */
export function validatePairCorpus(value: unknown): PairCorpusSpecification {
  const kind = checkOneOf(
    "pairs: kind",
    (value as PairCorpusSpecification | null)?.kind,
    Object.keys(ownKey) as (keyof typeof ownKey)[],
  );
  const own = ownKey[kind];
  const isRows = kind === "fileRows" || kind === "inlineRows";
  checkOptions("pairs", value, {
    kind: passed(),
    name: text(),
    sha256: option(checkSha256),
    licence: text(),
    ...stated({
      excerpt: orNull(nested({
        start: integer({ from: 0, to: longestText }),
        length: integer({ from: 1, to: longestText }),
      })),
    }),
    order: oneOf(["given", "shuffled"]),
    ...ofLimits,
    ...(isRows
      ? { ...ofRows, format: oneOf(kind === "fileRows" ? rowFormats : textFormats) }
      : ofColumns),
    ...(own && { [own]: text() }),
  });
  const { sourceColumn, targetColumn } = value as Partial<PairsOfColumns>;
  if (sourceColumn === targetColumn && !isRows) {
    throw new RangeError(
      `pairs: sourceColumn and targetColumn must differ, found ${sourceColumn} twice.`,
    );
  }
  return value as PairCorpusSpecification;
}

/** Where the text of pairs is. */
export function textSource(specification: PairCorpusSpecification): TextSource {
  if ("path" in specification) return { kind: "file", path: specification.path };
  if ("text" in specification) return { kind: "inline", text: specification.text };
  return { kind: "catalogue", name: specification.name };
}

/** The chosen pairs of a text, in their given order. */
function pairsOf(
  { excerpt, sourceColumn, targetColumn }: PairsOfColumns & Pick<PairsOfRows, "excerpt">,
  text: string,
  subject: string,
): TextPair[] {
  const lines = text.split(/\r\n|\n|\r/).map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== "");
  const { start, length } = excerpt ?? { start: 0, length: lines.length };
  if (start + length > lines.length) {
    throw new RangeError(
      `${subject}: the excerpt must end at or before pair ${lines.length}, found ${start} + ` +
        `${length}.`,
    );
  }
  return lines.slice(start, start + length).map(({ line, number }): TextPair => {
    const columns = line.split("\t");
    const needed = Math.max(sourceColumn, targetColumn);
    if (columns.length < needed) {
      throw new RangeError(
        `${subject}: line ${number} must have at least ${needed} columns parted by tabs, found ` +
          `${columns.length}: ${show(line)}.`,
      );
    }
    const pair = [columns[sourceColumn - 1].trim(), columns[targetColumn - 1].trim()] as const;
    for (const side of pair) refuseBlank(`${subject}: each column of line ${number}`, side);
    return pair;
  });
}
