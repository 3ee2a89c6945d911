import { show } from "../../core/check.ts";
import type { TextSize } from "./tokenizer.ts";

/** Tells the token of a byte that is no printable character of Latin-1 from that of another. */
const firstOther = 0x100;

function isPrintable(byte: number): boolean {
  return (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
}

/**
 * The token of each byte, as GPT-2 writes them (Radford et al. 2019, `bytes_to_unicode`): a byte that
 * is a printable character of Latin-1 is that character, the other 68 are U+0100 and those after it
 * in their order. So the space is `Ġ` and the end of a line `Ċ`.
 */
export const byteTokens: readonly string[] = (() => {
  let others = 0;
  return Array.from(
    { length: 256 },
    (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : firstOther + others++),
  );
})();

const bytes = new Map(byteTokens.map((token, byte) => [token, byte]));

/** Code units that are encoded at once. */
const chunkLength = 1 << 16;
const encoder = new TextEncoder();

/**
 * The bytes of a text in UTF-8, in parts.
 *
 * @throws {RangeError} If the text holds half of a surrogate pair alone, which UTF-8 cannot write.
 */
export function* utf8Of(subject: string, text: string): Generator<Uint8Array, void> {
  refuseHalfPairs(subject, text);
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + chunkLength, text.length);
    if (end < text.length && isFirstHalf(text.charCodeAt(end - 1))) end--;
    yield encoder.encode(text.slice(start, end));
    start = end;
  }
}

/**
 * Refuses what has no bytes in UTF-8.
 *
 * @throws {RangeError} If the text holds half of a surrogate pair alone.
 */
export function refuseHalfPairs(subject: string, text: string): void {
  if (!text.isWellFormed()) throw new RangeError(`${subject}: ${halfOfPair(text)}`);
}

const isFirstHalf = (unit: number) => unit >= 0xd800 && unit < 0xdc00;

function halfOfPair(text: string): string {
  const at = /\p{Surrogate}/u.exec(text)!.index;
  const unit = text.charCodeAt(at).toString(16).toUpperCase();
  return `a text must not hold half of a surrogate pair alone, which has no bytes in UTF-8; found ` +
    `U+${unit} as code unit ${at}, counted from 0, after ${
      show(text.slice(Math.max(0, at - 20), at))
    }.`;
}

/**
 * The bytes that a token stands for: those of its characters where all of them are {@link byteTokens};
 * else its own in UTF-8, as the unknown token's U+FFFD, which is three.
 */
function bytesOf(token: string): ArrayLike<number> & Iterable<number> {
  const found = new Uint8Array(token.length);
  for (let at = 0; at < token.length; at++) {
    const byte = bytes.get(token[at]);
    if (byte === undefined) return encoder.encode(token);
    found[at] = byte;
  }
  return found;
}

/** Bytes of tokens whose characters are those of {@link byteTokens}, others as their own text. */
export function bytesOfTokens(tokens: readonly string[]): Uint8Array<ArrayBuffer> {
  const found: number[] = [];
  for (const token of tokens) found.push(...bytesOf(token));
  return Uint8Array.from(found);
}

/** How much text a token of bytes stands for; a character counts where it begins. */
export function sizeOfBytes(token: string): TextSize {
  const found = bytesOf(token);
  let characters = 0;
  // Bytes 10xxxxxx go on with a character.
  for (const byte of found) if ((byte & 0xc0) !== 0x80) characters++;
  return { bytes: found.length, characters };
}

/** What tokenizers whose tokens are bytes, or several of them, have in common. */
export const ofBytes = {
  join: (_: unknown, tokens: readonly string[]) => textOfBytes(bytesOfTokens(tokens)),
  joinBegun: (_: unknown, tokens: readonly string[]) => textOfBytes(bytesOfTokens(tokens), true),
  lost: () => null,
  sizeOf: sizeOfBytes,
  unknown: "\uFFFD",
  textHoldsUnknown: false,
} as const;

/**
 * Text of the bytes of tokens. Bytes that are no UTF-8 become U+FFFD, as by Unicode's practice: one for
 * each longest part that begins a character, one for each other byte.
 *
 * @param begun Whether bytes may follow: then those at the end that begin a character are left out.
 */
export function textOfBytes(bytes: Uint8Array<ArrayBuffer>, begun = false): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: begun });
}
