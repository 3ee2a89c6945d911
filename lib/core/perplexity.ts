import { checkInteger, checkKeys } from "./check.ts";

/** Perplexity, exp(mean nats per token). */
export function perplexity(nats: number): number {
  return Math.exp(nats);
}

/** Bits per token, nats / ln 2: bits per character for a character tokenizer. */
export function bitsPerToken(nats: number): number {
  return nats / Math.LN2;
}

/**
 * Bits per byte of a text in UTF-8: mean nats per token · tokens / (bytes · ln 2).
 *
 * It compares models of any tokens on one text, as long as the tokens tell the text.
 *
 * @param nats Mean cross-entropy per token.
 * @param text.tokens How many tokens the text has, from 1.
 * @param text.bytes How many bytes the text has in UTF-8, from 1.
 * @throws {TypeError | RangeError} If a count is no whole number from 1.
 *
 * @example
 * ```ts
 * import { bitsPerByte } from "./perplexity.ts";
 * import assert from "node:assert/strict";
 * // Four tokens, each as likely as 255 others, in 16 bytes.
 * assert.equal(bitsPerByte(8 * Math.LN2, { tokens: 4, bytes: 16 }), 2);
 * ```
 */
export function bitsPerByte(
  nats: number,
  text: { readonly tokens: number; readonly bytes: number },
): number {
  checkKeys("bitsPerByte", text, ["tokens", "bytes"]);
  const tokens = checkInteger("bitsPerByte: tokens", text.tokens, { from: 1 });
  const bytes = checkInteger("bitsPerByte: bytes", text.bytes, { from: 1 });
  return bitsPerToken(nats) * tokens / bytes;
}

/**
 * Bits per character of a text: mean nats per token · tokens / (characters · ln 2).
 *
 * It compares models of different tokens on one text, as long as the tokens tell the text: a token that
 * stands for every unknown word, or white space that is dropped, makes it too low.
 *
 * @param nats Mean cross-entropy per token.
 * @param text.tokens How many tokens the text has, from 1.
 * @param text.characters How many code points the text has, from 1.
 * @returns Bits; the same as {@link bitsPerToken} where every character is a token.
 * @throws {TypeError | RangeError} If a count is no whole number from 1.
 *
 * @example
 * ```ts
 * import { bitsPerCharacter } from "./perplexity.ts";
 * import assert from "node:assert/strict";
 * // Five words, each as likely as 1023 others, in 25 characters.
 * const bits = bitsPerCharacter(Math.log(1024), { tokens: 5, characters: 25 });
 * assert.ok(Math.abs(bits - 2) < 1e-12);
 * ```
 */
export function bitsPerCharacter(
  nats: number,
  text: { readonly tokens: number; readonly characters: number },
): number {
  checkKeys("bitsPerCharacter", text, ["tokens", "characters"]);
  const tokens = checkInteger("bitsPerCharacter: tokens", text.tokens, { from: 1 });
  const characters = checkInteger("bitsPerCharacter: characters", text.characters, { from: 1 });
  return bitsPerToken(nats) * tokens / characters;
}

/**
 * A mean loss over a text as bits per byte and per character of it.
 *
 * @param nats Mean cross-entropy per token.
 * @param text.tokens How many tokens were predicted, from 1.
 * @param text.bytes For how many bytes of UTF-8 they stand, from 1.
 * @param text.characters For how many code points, from 1.
 * @param text.spelling Nats that write out what unknown tokens stand for, in sum; none by default.
 * @throws {TypeError | RangeError} If a count is no whole number from 1.
 *
 * @example
 * ```ts
 * import { bitsOfText } from "./perplexity.ts";
 * import assert from "node:assert/strict";
 * const text = { tokens: 4, bytes: 16, characters: 8, spelling: 8 * Math.LN2 };
 * const bits = { bitsPerByte: 2.5, bitsPerCharacter: 5 };
 * assert.deepEqual(bitsOfText(8 * Math.LN2, text), bits);
 * ```
 */
export function bitsOfText(
  nats: number,
  { tokens, bytes, characters, spelling = 0 }: {
    readonly tokens: number;
    readonly bytes: number;
    readonly characters: number;
    readonly spelling?: number;
  },
): { readonly bitsPerByte: number; readonly bitsPerCharacter: number } {
  const all = nats + spelling / tokens;
  return {
    bitsPerByte: bitsPerByte(all, { tokens, bytes }),
    bitsPerCharacter: bitsPerCharacter(all, { tokens, characters }),
  };
}
