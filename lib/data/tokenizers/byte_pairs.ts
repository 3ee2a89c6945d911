import { show } from "../../core/check.ts";
import { checkOptions, type Given, integer, oneOf, option, stated } from "../../core/options.ts";
import { bytePairTexts, mergesOf, refuseMissingBytes } from "./_byte_pair_text.ts";
import { byteTokens, ofBytes, refuseHalfPairs, utf8Of } from "./_byte_tokens.ts";
import { cutBetweenWords, type PreTokenizer, preTokenizers } from "./_pre_tokenizers.ts";
import { cutSpecialTokens } from "./_special_tokens.ts";
import { trainBytePairs } from "./_train_byte_pairs.ts";
import type { EncodingTokenizer } from "./tokenizer.ts";

/** A tokenizer of byte pairs, as plain JSON. */
export interface BytePairsSpecification {
  /** Which tokenizer it is. */
  readonly kind: "bytePairs";
  /**
   * Tokens at which learning ends, the 256 bytes, the special tokens and the unknown one counted; fewer
   * where no pair is left that stands `minimumFrequency` times. From 258 and the special tokens.
   */
  readonly vocabularySize: number;
  /**
   * How a text is parted into words before pairs are merged inside of them: `gpt2`, by GPT-2's expression
   * (a word, a number or other signs, each with the space before it), or `gpt4`, by that of `cl100k_base`
   * (digits by threes, line ends apart, contractions in capitals too).
   *
   * @default {"gpt2"}
   */
  readonly preTokenizer: PreTokenizer;
  /**
   * Texts that are one token wherever they stand, such as `<|user|>`; of printable ASCII characters
   * without spaces, from 2 of them.
   *
   * @default {[]}
   */
  readonly specialTokens: readonly string[];
  /**
   * Least times that a pair must stand in the training part to be merged, from 1.
   *
   * @default {2}
   */
  readonly minimumFrequency: number;
}

/** What {@link bytePairs} takes. */
export type BytePairsOptions = Given<
  BytePairsSpecification,
  "preTokenizer" | "specialTokens" | "minimumFrequency"
>;

/** Ids of pairs are kept in 24 bits each. */
const mostTokens = 1 << 20;

const described = {
  // How many it must be at least depends on the special tokens.
  vocabularySize: integer({ from: 1, to: mostTokens }),
  preTokenizer: oneOf(Object.keys(preTokenizers) as PreTokenizer[], "gpt2"),
  specialTokens: option(checkSpecialTokens, []),
  minimumFrequency: integer({ from: 1 }, 2),
};

/**
 * A tokenizer of byte-level byte pair encoding, whose merges are learned from the training part of each
 * fold: a text is parted into words, a word is its bytes in UTF-8, and the pair of tokens that stands most
 * often side by side inside of words becomes one token, again and again. No text has an unknown token, and
 * every text comes back to the byte.
 *
 * Of equally frequent pairs the one with the smaller ids (left, right) is merged first, so that merges
 * depend on the text alone. Ids: the unknown token `�` (0), which stands for no byte and serves
 * `maskedInputs` alone; marks of a model; the special tokens; the 256 bytes by the code point of how GPT-2
 * writes them; then merged tokens as they came up. As the vocabulary is learned, positions of folds cannot
 * be tokens: use `blockedFolds({ count, unit: "bytes" })` or folds of documents.
 *
 * Merges and ids are those of PyPI `tokenizers` 0.23.3 (`BpeTrainer` with all 256 bytes as
 * `initial_alphabet` and special tokens `["�", ...specialTokens]`), but that a special token in the training
 * part is no text that is learned from.
 *
 * @param options See {@link BytePairsSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { bytePairs } from "./byte_pairs.ts";
 * import { learnVocabulary } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * const tokenizer = bytePairs({ vocabularySize: 260, specialTokens: ["<|user|>"] });
 * const vocabulary = learnVocabulary(tokenizer, ["whale whale <|user|>wharf"]);
 * // `w h` stands 3 times, and so does `wh a` after it: 1 + 1 + 256 + 2 tokens.
 * assert.deepEqual(vocabulary.merges, ["h a", "w ha"]);
 * const ids = vocabulary.encodeText("what 鲸<|user|>");
 * assert.deepEqual(Array.from(ids, (id) => vocabulary.tokens[id]), [
 *   "wha", "t", "Ġ", "é", "²", "¸", "<|user|>",
 * ]);
 * assert.equal(vocabulary.decode(ids), "what 鲸<|user|>");
 * ```
 *
 * Paper: Sennrich, Haddow and Birch (2016), "Neural Machine Translation of Rare Words with Subword Units",
 * on bytes as in Radford et al. (2019), "Language Models are Unsupervised Multitask Learners".
 */
export function bytePairs(options: BytePairsOptions): BytePairsSpecification {
  const checked = checkOptions("bytePairs", options, described);
  const specification: BytePairsSpecification = { kind: "bytePairs", ...checked };
  checkRoom(specification);
  return specification;
}

function checkSpecialTokens(name: string, value: unknown): readonly string[] {
  const good = (token: unknown) => typeof token === "string" && /^[!-~]{2,}$/.test(token);
  if (!Array.isArray(value) || !value.every(good)) {
    throw new TypeError(
      `${name} must be a list of texts of two or more printable ASCII characters without spaces, ` +
        `found ${show(value)}.`,
    );
  }
  if (new Set(value).size < value.length) {
    throw new RangeError(`${name} must differ, found ${show(value)}.`);
  }
  return value;
}

function checkRoom({ vocabularySize, specialTokens }: BytePairsSpecification): void {
  const least = 258 + specialTokens.length;
  if (vocabularySize >= least) return;
  throw new RangeError(
    `bytePairs: vocabularySize must be at least ${least}, for the unknown token, 256 bytes${
      specialTokens.length === 0
        ? ""
        : `, ${specialTokens.length} special token${specialTokens.length === 1 ? "" : "s"}`
    } and one merge; found ${vocabularySize}.`,
  );
}

/** Bytes as their tokens, by code point: how PyPI `tokenizers` numbers them. */
const alphabet = [...byteTokens].sort();

/** What is known of {@link bytePairs}. */
export const bytePairsTokenizer: EncodingTokenizer<BytePairsSpecification> = {
  ...ofBytes,
  create: bytePairs,
  options: stated(described),
  checkTogether: checkRoom,
  firstCut: (_, text, from) => cutBetweenWords(text, from),
  specialTokens: ({ specialTokens }) => specialTokens,
  learnsTokens: true,
  learn({ vocabularySize, preTokenizer, specialTokens, minimumFrequency }, texts) {
    const words = countWords(preTokenizer, specialTokens, texts);
    if (words.size === 0) {
      throw new RangeError("bytePairs: the training part must hold a text, found none.");
    }
    const others = [ofBytes.unknown, ...specialTokens];
    const { merges, merged } = trainBytePairs(words, {
      alphabet,
      size: vocabularySize - others.length,
      minimumFrequency,
    });
    return {
      tokens: [...others, ...alphabet, ...merged],
      merges: merges.map((pair) => pair.join(" ")),
    };
  },
  encoder({ preTokenizer, specialTokens }, ids, merges) {
    refuseMissingBytes("bytePairs", ids);
    return bytePairTexts("bytePairs", ids, {
      specialTokens,
      words: preTokenizers[preTokenizer],
      merges: mergesOf("bytePairs", ids, merges),
    });
  },
  unit: "subwords",
  stretch: 12,
  trainsUnknown: "Every byte is known: only masked inputs are the unknown token of bytePairs().",
};

/** How often each word stands in texts, its bytes as their tokens. */
function countWords(
  preTokenizer: PreTokenizer,
  specialTokens: readonly string[],
  texts: Iterable<string>,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    refuseHalfPairs("bytePairs", text);
    cutSpecialTokens(specialTokens, text, {
      text: (part) =>
        preTokenizers[preTokenizer](
          part,
          (word) => counts.set(word, (counts.get(word) ?? 0) + 1),
        ),
      special: () => {},
    });
  }
  return new Map(Array.from(counts, ([word, count]) => [tokensOfBytes(word), count]));
}

function tokensOfBytes(word: string): string {
  let tokens = "";
  for (const part of utf8Of("bytePairs", word)) for (const byte of part) tokens += byteTokens[byte];
  return tokens;
}
