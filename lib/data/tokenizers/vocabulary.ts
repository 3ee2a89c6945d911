import { show } from "../../core/check.ts";
import { IdList } from "./id_list.ts";
import { tokenizerOf, type TokenizerSpecification } from "./kinds.ts";
import { cutBetweenTokens, splitting } from "./split.ts";
import type { LearnedTokens } from "./tokenizer.ts";

/** Ids of the marks before the parts of a text whose middle is filled in. */
export interface InfillMarks {
  readonly prefixId: number;
  readonly suffixId: number;
  readonly middleId: number;
}

/** The tokens that a model knows, numbered from 0. */
export interface Vocabulary {
  /** Number of tokens, the unknown one included. */
  readonly size: number;
  /** Token of each id. */
  readonly tokens: readonly string[];
  /** `left right` of each merge, of byte pairs that were learned. */
  readonly merges?: readonly string[];
  /** Id that stands for every token outside the vocabulary: 0. */
  readonly unknownId: number;
  /** How many ids after it are marks, which stand for no text. */
  readonly marks: number;
  /** The last ids, which stand for no text either, where a model fills in what stands between texts. */
  readonly infillMarks?: InfillMarks;
  /** Ids of tokens, in their order. */
  encode(tokens: readonly string[]): Int32Array;
  /** Ids of the tokens of a text, in their order. */
  encodeText(text: string): Int32Array;
  /** Text of ids. Splitting it again gives the same tokens (of Unicode's words: mostly). */
  decode(ids: ArrayLike<number>): string;
  /** The same where ids may follow: without a character at the end whose bytes are not all there. */
  decodeBegun(ids: ArrayLike<number>): string;
}

/**
 * Builds the vocabulary of training tokens; id 0 is the unknown token (`�` for characters
 * and bytes, `<unk>` for words). Characters follow by code point; words by falling frequency, equally frequent ones by
 * UTF-16 code unit, cut at `maximumVocabulary`. Those that stand fewer than `minimumCount` times are
 * left out.
 *
 * @param tokenizer The tokenizer that gave the tokens.
 * @param trainingTokens Tokens of the training part only, never of held-out text.
 * @throws {RangeError} If there are none, or none as frequent as `minimumCount`.
 *
 * @example
 * ```ts
 * import { characters } from "./characters.ts";
 * import { splitTokens } from "./split.ts";
 * import { buildVocabulary } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * const vocabulary = buildVocabulary(characters(), splitTokens(characters(), "banana"));
 * assert.deepEqual(vocabulary.tokens, ["�", "a", "b", "n"]);
 * assert.deepEqual([...vocabulary.encode(["n", "z"])], [3, 0]);
 * assert.equal(vocabulary.decode([2, 1, 3]), "ban");
 * ```
 */
export function buildVocabulary(
  tokenizer: TokenizerSpecification,
  trainingTokens: Iterable<string>,
): Vocabulary {
  const counts = new Map<string, number>();
  for (const token of trainingTokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return vocabularyOfCounts(tokenizer, counts);
}

/**
 * Learns the vocabulary of training texts: what {@link buildVocabulary} makes of their tokens.
 *
 * @param tokenizer The tokenizer.
 * @param texts Texts of the training part only, never held-out ones; each is split by itself, or a part
 * of a longer one, as `cutBetweenTokens` cuts it.
 * @param marks How the ids after the unknown token's are written that stand for no text; none by
 * default. A text may hold the same words as tokens.
 * @throws {RangeError} As {@link buildVocabulary}.
 *
 * @example
 * ```ts
 * import { characters } from "./characters.ts";
 * import { learnVocabulary } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * const vocabulary = learnVocabulary(characters(), ["ban", "ana"], ["<|end|>"]);
 * assert.deepEqual(vocabulary.tokens, ["�", "<|end|>", "a", "b", "n"]);
 * assert.deepEqual([...vocabulary.encodeText("nab!")], [4, 2, 3, 0]);
 * ```
 */
export function learnVocabulary(
  tokenizer: TokenizerSpecification,
  texts: Iterable<string>,
  marks: readonly string[] = [],
): Vocabulary {
  const kind = tokenizerOf(tokenizer);
  const { tokens: [unknown, ...known], merges } = "learn" in kind ? kind.learn(tokenizer, texts) : {
    tokens: kind.vocabulary(
      tokenizer,
      kind.fixedVocabulary ? new Map() : countsOf(tokenizer, texts),
    ),
  } as LearnedTokens;
  return restoreVocabulary(tokenizer, [unknown, ...marks, ...known], marks.length, merges);
}

function countsOf(tokenizer: TokenizerSpecification, texts: Iterable<string>): Map<string, number> {
  const { split } = splitting(tokenizer);
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const part of cutBetweenTokens(tokenizer, [text])) {
      for (const token of split(tokenizer, part)) counts.set(token, (counts.get(token) ?? 0) + 1);
    }
  }
  if (counts.size === 0) throw noTokens();
  return counts;
}

/** {@link buildVocabulary} of how often each training token stands there. */
export function vocabularyOfCounts(
  tokenizer: TokenizerSpecification,
  counts: ReadonlyMap<string, number>,
): Vocabulary {
  if (counts.size === 0) throw noTokens();
  return restoreVocabulary(tokenizer, splitting(tokenizer).vocabulary(tokenizer, counts));
}

const noTokens = () => new RangeError("buildVocabulary: tokens must not be empty, found 0.");

/**
 * The vocabulary of a stored list of tokens, as {@link buildVocabulary} numbered them.
 *
 * @param tokenizer The tokenizer.
 * @param tokens The tokens by id.
 * @param marks How many ids after the unknown token's are marks of a model, which stand for no text:
 * a token of a text may be written like one of them. 0 by default.
 * @param merges What `Vocabulary.merges` was.
 * @throws {RangeError} If merges and tokens do not belong together, or the list does not begin with the unknown token or names a token twice.
 */
export function restoreVocabulary(
  tokenizer: TokenizerSpecification,
  tokens: readonly string[],
  marks = 0,
  merges?: readonly string[],
): Vocabulary {
  const unknownId = 0;
  if (!Array.isArray(tokens) || tokens.some((token) => typeof token !== "string")) {
    throw new TypeError(
      `restoreVocabulary: tokens must be a list of texts, found ${show(tokens)}.`,
    );
  }
  const kind = tokenizerOf(tokenizer);
  const { unknown, join, joinBegun = join } = kind;
  if (tokens[unknownId] !== unknown) {
    throw new RangeError(
      `restoreVocabulary: the first token must be ${show(unknown)}, found ` +
        `${show(tokens[unknownId])}.`,
    );
  }
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    if (id > 0 && id <= marks) continue;
    if (ids.has(token)) {
      throw new RangeError(`restoreVocabulary: tokens must differ, found ${show(token)} twice.`);
    }
    ids.set(token, id);
  }
  return {
    size: tokens.length,
    tokens,
    ...(merges && { merges }),
    unknownId,
    marks,
    encode: (list) => Int32Array.from(list, (token) => ids.get(token) ?? unknownId),
    encodeText: "learn" in kind
      ? kind.encoder(tokenizer, ids, merges)
      : kind.encoder?.(tokenizer, ids) ?? ((text) => {
        const found = new IdList();
        for (const part of cutBetweenTokens(tokenizer, [text])) {
          for (const token of kind.split(tokenizer, part)) found.push(ids.get(token) ?? unknownId);
        }
        return found.ids();
      }),
    decode: (list) => join(tokenizer, tokensOf(tokens, list)),
    decodeBegun: (list) => joinBegun(tokenizer, tokensOf(tokens, list)),
  };
}

function tokensOf(tokens: readonly string[], ids: ArrayLike<number>): string[] {
  return Array.from(ids, (id) => {
    const token = tokens[id];
    if (token === undefined) {
      throw new RangeError(
        `decode: ids must be whole numbers from 0 to ${tokens.length - 1}, found ${show(id)}.`,
      );
    }
    return token;
  });
}
