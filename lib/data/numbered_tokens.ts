import { IdList } from "./tokenizers/id_list.ts";
import type { TokenizerSpecification } from "./tokenizers/kinds.ts";
import { cutBetweenTokens, splitting } from "./tokenizers/split.ts";

/** The tokens of a text as numbers: a text of 100 MB has as many tokens, too many for a list of texts. */
export interface NumberedTokens {
  /** The different tokens, in the order in which they first stand in the text. */
  readonly types: readonly string[];
  /** Of each token of the text its place in `types`. */
  readonly numbers: Int32Array;
}

/**
 * Splits a text and numbers its different tokens; `types[numbers[i]]` is the token i of splitTokens.
 *
 * @param tokenizer The tokenizer.
 * @param text The text.
 *
 * @example
 * ```ts
 * import { numberTokens } from "./numbered_tokens.ts";
 * import { words } from "./tokenizers/words.ts";
 * import assert from "node:assert/strict";
 * const { types, numbers } = numberTokens(words(), "the whale, the sea");
 * assert.deepEqual(types, ["the", "whale", ",", "sea"]);
 * assert.deepEqual([...numbers], [0, 1, 2, 0, 3]);
 * ```
 */
export function numberTokens(tokenizer: TokenizerSpecification, text: string): NumberedTokens {
  const { split } = splitting(tokenizer);
  const known = new Map<string, number>();
  const numbers = new IdList();
  for (const part of cutBetweenTokens(tokenizer, [text])) {
    for (const token of split(tokenizer, part)) {
      let number = known.get(token);
      if (number === undefined) known.set(token, number = known.size);
      numbers.push(number);
    }
  }
  return { types: [...known.keys()], numbers: numbers.ids() };
}

/** Number of tokens into which a text splits. */
export function countTokensOf(tokenizer: TokenizerSpecification, text: string): number {
  const { split } = splitting(tokenizer);
  let count = 0;
  for (const part of cutBetweenTokens(tokenizer, [text])) {
    for (const _ of split(tokenizer, part)) count++;
  }
  return count;
}
