import { checkOptions } from "../../core/options.ts";
import {
  type LimitedVocabulary,
  limitedVocabulary,
  matches,
  ofWords,
  type SplittingTokenizer,
} from "./tokenizer.ts";

/** A tokenizer of texts that are split already, as plain JSON. */
export interface SpacedWordsSpecification extends LimitedVocabulary {
  /** Which tokenizer it is. */
  readonly kind: "spacedWords";
}

/**
 * A tokenizer for texts that are split already, such as the Penn Treebank and WikiText: a token is a
 * run of anything but white space, or the end of a line (`\n`, which those corpora call `<eos>`).
 *
 * @param options Which words are unknown.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { spacedWords } from "./spaced_words.ts";
 * import { splitTokens } from "./split.ts";
 * import assert from "node:assert/strict";
 * const tokens = splitTokens(spacedWords(), " mr. <unk> does n't\n N years\n");
 * assert.deepEqual(tokens, ["mr.", "<unk>", "does", "n't", "\n", "N", "years", "\n"]);
 * ```
 */
export function spacedWords(options: Partial<LimitedVocabulary> = {}): SpacedWordsSpecification {
  return { kind: "spacedWords", ...checkOptions("spacedWords", options, limitedVocabulary.given) };
}

// U+FEFF is white space in ECMAScript and none in Python, whose counts are published.
const spacedToken = /\r\n|[\n\r\u2028\u2029]|[\S\uFEFF]+/gu;

/** What is known of {@link spacedWords}. */
export const spacedWordsTokenizer: SplittingTokenizer<SpacedWordsSpecification> = {
  ...ofWords,
  create: spacedWords,
  lost: () => "which white space parts words",
  split: (_, text) => matches(text, spacedToken),
  join: (_, tokens) => tokens.join(" ").replaceAll(/ ?\n ?/g, "\n"),
};
