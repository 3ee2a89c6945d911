import { tokenizerOf, type TokenizerSpecification, validateTokenizer } from "./kinds.ts";

/**
 * Splits a text into tokens, without a vocabulary: positions of folds are positions in this list.
 *
 * @param tokenizer The tokenizer.
 * @param text The text.
 * @returns The tokens in their order.
 */
export function splitTokens(tokenizer: TokenizerSpecification, text: string): string[] {
  return Array.from(tokenizerOf(tokenizer).split(tokenizer, text));
}

/** Text of tokens, as `Vocabulary.decode` writes it. */
export function joinTokens(tokenizer: TokenizerSpecification, tokens: readonly string[]): string {
  return tokenizerOf(tokenizer).join(tokenizer, tokens);
}

/**
 * Refuses to split a study's text where the tokens could be others than those of the study.
 *
 * @throws {TypeError | RangeError} If the specification is none.
 * @throws {Error} If it names another version of ICU.
 */
export function refuseOtherSplitting(tokenizer: TokenizerSpecification): void {
  const valid = validateTokenizer(tokenizer);
  tokenizerOf(valid).refuseOtherSplitting?.(valid);
}
