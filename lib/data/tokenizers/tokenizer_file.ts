import { checkText, show } from "../../core/check.ts";
import { sha256 } from "../../core/hash.ts";
import { needed, OutsideTrouble } from "../../core/outside_trouble.ts";
import { checkOptions, option, orAbsent, text } from "../../core/options.ts";
import { projectFolder, resolveInside } from "../../core/project.ts";
import { isNotFound, notFound } from "../../core/runtime/errors.ts";
import { readFileSync } from "../../core/runtime/files.ts";
import { checkSha256 } from "../catalogue.ts";
import { bytePairTexts, mergesOf } from "./_byte_pair_text.ts";
import { ofBytes } from "./_byte_tokens.ts";
import { firstCutOf, type FixedTokenizer, readTokenizerJson } from "./_tokenizer_json.ts";
import type { EncodingTokenizer } from "./tokenizer.ts";

/** A tokenizer that stands in a file, as plain JSON. */
export interface TokenizerFileSpecification {
  /** Which tokenizer it is. */
  readonly kind: "tokenizerFile";
  /** The file, from the project's folder. */
  readonly path: string;
  /** SHA-256 of the file's bytes. */
  readonly sha256: string;
  /** Special token of the file that is the unknown token here; absent for one besides the file's. */
  readonly unknownToken?: string;
  /** Special token of the file that is the mark with which a text ends; absent for one besides the file's. */
  readonly endToken?: string;
}

/** What can be said of a tokenizer's file. */
export interface TokenizerFileOptions {
  /**
   * Special token of the file that stands for the unknown token, so that a model has no row besides those
   * of the file; a token of its own if not given.
   */
  readonly unknownToken?: string;
  /** The same of the mark with which a text ends, which stands before and after each text. */
  readonly endToken?: string;
  /** SHA-256 that the file must have; what it has now if not given. */
  readonly sha256?: string;
}

/**
 * A tokenizer of a `tokenizer.json` of Hugging Face, as models are published with: byte-level BPE, such as of
 * GPT-2, Llama 3 and SmolLM2. Every text comes back to the byte, but for bytes that the file has no token
 * for (SmolLM2's: some control characters), which are the unknown token.
 *
 * A token of id i in the file has the id i + 1 here, more by the marks of a model: id 0 is the unknown token
 * `�`, as of every tokenizer. Special tokens of the file are one token wherever their text stands; none is
 * added at the ends of a text, and no text is cut (`post_processor`, `truncation` and `padding` are not
 * read). With `unknownToken` and `endToken`, which {@link pretrainedModel} chooses, two of the special tokens
 * are the unknown token and the mark at a text's end: they are left out of the order, and where a text holds
 * their letters these are tokens as of any other word, so that no text can end itself. Its vocabulary is the same for all folds; its tokens have other lengths than others', so that
 * folds must have `unit: "bytes"` or be of documents. It was made from texts that nobody may know, your
 * held-out text among them.
 *
 * Other kinds of models (WordPiece, Unigram), a normalizer, or a pre-tokenizer that is not one of
 * ByteLevel, Digits and the expressions of GPT-2 and GPT-4 (`cl100k_base`, Llama 3) are refused: texts
 * would not come back, or ids could be others than those of the file's maker.
 *
 * @param path The file, inside the project's folder.
 * @param options See {@link TokenizerFileOptions}.
 * @returns Plain JSON with the checksum; a later change of the file is refused.
 * @throws {TypeError | RangeError | SyntaxError} If the path leaves the project, the checksum is another
 * one, or the file is none that can be read; the message names the field.
 * @throws {Deno.errors.NotFound} If there is no such file.
 *
 * @example
 * ```ts
 * import { tokenizerFile } from "./tokenizer_file.ts";
 * import assert from "node:assert/strict";
 * assert.throws(() => tokenizerFile("../tokenizer.json"), /must stay inside/);
 * assert.throws(() => tokenizerFile("deno.json"), /deno.json": model must be an object/);
 * ```
 */
export function tokenizerFile(
  path: string,
  options: TokenizerFileOptions = {},
): TokenizerFileSpecification {
  const portable = checkText("tokenizerFile: path", path).replaceAll("\\", "/");
  const { sha256: given, ...special } = checkOptions("tokenizerFile", options, {
    sha256: orAbsent(option(checkSha256)),
    ...specialOptions,
  });
  const content = readFile(portable);
  const found = sha256(content);
  if (given !== undefined && given !== found) {
    throw new RangeError(otherFile(portable, given, found));
  }
  const specification = {
    kind: "tokenizerFile",
    path: portable,
    sha256: found,
    ...special,
  } as const;
  const file = parse(portable, content);
  checkSpecialTokens(specification, file);
  read.set(found, file);
  return specification;
}

const specialOptions = { unknownToken: orAbsent(text()), endToken: orAbsent(text()) };

function checkSpecialTokens(
  { path, unknownToken, endToken }: TokenizerFileSpecification,
  { specialTokens }: FixedTokenizer,
): void {
  const subject = `tokenizerFile: ${show(path)}`;
  for (const [name, token] of Object.entries({ unknownToken, endToken })) {
    if (token === undefined || specialTokens.includes(token)) continue;
    throw new RangeError(
      `${subject}: ${name} must be one of its special tokens, ` +
        `${specialTokens.map(show).join(", ") || "of which it has none"}, found ${show(token)}.`,
    );
  }
  if (unknownToken === undefined || unknownToken !== endToken) return;
  throw new RangeError(
    `${subject}: unknownToken and endToken must be two tokens, found ${show(endToken)} for both.`,
  );
}

const otherFile = (path: string, expected: string, found: string) =>
  `tokenizerFile: ${show(path)} cannot be used: its SHA-256 must be ${expected}, found ${found}.`;

function readFile(path: string): Uint8Array {
  const project = projectFolder();
  try {
    return readFileSync(resolveInside(project, path));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw notFound(`tokenizerFile: there is no file ${show(path)} in the project ${project}.`);
  }
}

function parse(path: string, content: Uint8Array): FixedTokenizer {
  return readTokenizerJson(`tokenizerFile: ${show(path)}`, new TextDecoder().decode(content));
}

/** Files that were read, by their SHA-256. */
const read = new Map<string, FixedTokenizer>();

/** The file as it is read for a specification: tokens that stand for no text are none of its texts'. */
function fixed(specification: TokenizerFileSpecification): FixedTokenizer {
  const { path, sha256: expected } = specification;
  let known = read.get(expected);
  if (known === undefined) {
    const content = readFile(path);
    const found = sha256(content);
    if (found !== expected) throw new OutsideTrouble(otherFile(path, expected, found));
    read.set(expected, known = parse(path, content));
  }
  checkSpecialTokens(specification, known);
  const apart = apartOf(specification);
  if (apart.length === 0) return known;
  return { ...known, specialTokens: known.specialTokens.filter((each) => !apart.includes(each)) };
}

/** Tokens of the file that are the unknown token or a mark. */
function apartOf(
  { unknownToken, endToken }: TokenizerFileSpecification,
): readonly (string | undefined)[] {
  return [unknownToken, endToken].filter((token) => token !== undefined);
}

/** What is known of {@link tokenizerFile}. */
export const tokenizerFileTokenizer: EncodingTokenizer<TokenizerFileSpecification> = {
  ...ofBytes,
  create: tokenizerFile,
  options: { path: text(), sha256: option(checkSha256), ...specialOptions },
  async load(specification) {
    await needed(() => fixed(specification));
  },
  firstCut: (specification, whole, from) => firstCutOf(fixed(specification), whole, from),
  specialTokens: (specification) => fixed(specification).specialTokens,
  learn(specification) {
    const apart = apartOf(specification);
    const { tokens } = fixed(specification);
    return { tokens: [ofBytes.unknown, ...tokens.filter((token) => !apart.includes(token))] };
  },
  ownIds(specification) {
    const { tokens, specialTokens } = fixed(specification);
    const idOf = (token: string | undefined) => token === undefined ? null : tokens.indexOf(token);
    const { unknownToken, endToken } = specification;
    return { tokens, specialTokens, unknown: idOf(unknownToken), end: idOf(endToken) };
  },
  encoder(specification, ids) {
    const subject = `tokenizerFile: ${show(specification.path)}`;
    const model = fixed(specification);
    return bytePairTexts(subject, ids, { ...model, merges: mergesOf(subject, ids, model.merges) });
  },
  unit: "subwords",
  stretch: 12,
  trainsUnknown:
    "Masked inputs, and bytes that the file has no token for, are the unknown token of tokenizerFile().",
};
