import { tokenizerOf, type TokenizerSpecification } from "./tokenizers/kinds.ts";

/** The tokens of a text as numbers: a text of 100 MB has as many tokens, too many for a list of texts. */
export interface NumberedTokens {
  /** The different tokens, in the order in which they first stand in the text. */
  readonly types: readonly string[];
  /** Of each token of the text its place in `types`. */
  readonly numbers: Int32Array;
}

/** Code units that are split at once, at least. */
const chunkLength = 1 << 16;

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
  const known = new Map<string, number>();
  let numbers = new Int32Array(1024);
  let count = 0;
  for (const chunk of chunksOf(text)) {
    for (const token of tokenizerOf(tokenizer).split(tokenizer, chunk)) {
      let number = known.get(token);
      if (number === undefined) known.set(token, number = known.size);
      if (count === numbers.length) {
        const larger = new Int32Array(Math.min(2 * count, count + text.length));
        larger.set(numbers);
        numbers = larger;
      }
      numbers[count++] = number;
    }
  }
  return { types: [...known.keys()], numbers: numbers.subarray(0, count) };
}

/** Number of tokens into which a text splits. */
export function countTokensOf(tokenizer: TokenizerSpecification, text: string): number {
  let count = 0;
  for (const chunk of chunksOf(text)) {
    for (const _ of tokenizerOf(tokenizer).split(tokenizer, chunk)) count++;
  }
  return count;
}

/** A text in parts that end with a line: no token of any tokenizer goes over a line's end. */
function* chunksOf(text: string): Generator<string, void> {
  for (let start = 0; start < text.length;) {
    const lineEnd = text.indexOf("\n", start + chunkLength);
    const end = lineEnd === -1 ? text.length : lineEnd + 1;
    yield text.slice(start, end);
    start = end;
  }
}
