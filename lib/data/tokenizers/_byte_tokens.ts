import { show } from "../../core/check.ts";

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

/** The byte that a character of a token stands for. */
export function byteOfToken(character: string): number {
  return bytes.get(character)!;
}

/** Code units that are encoded at once. */
const chunkLength = 1 << 16;
const encoder = new TextEncoder();

/**
 * The bytes of a text in UTF-8, in parts.
 *
 * @throws {RangeError} If the text holds half of a surrogate pair alone, which UTF-8 cannot write.
 */
export function* utf8Of(subject: string, text: string): Generator<Uint8Array, void> {
  if (!text.isWellFormed()) throw new RangeError(`${subject}: ${halfOfPair(text)}`);
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + chunkLength, text.length);
    if (end < text.length && isFirstHalf(text.charCodeAt(end - 1))) end--;
    yield encoder.encode(text.slice(start, end));
    start = end;
  }
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

// What one token holds: the bytes of its characters; U+FFFD is the unknown token, three bytes.
const unknownBytes = encoder.encode("\uFFFD");

/** Bytes of tokens whose characters are those of {@link byteTokens}, the unknown one as U+FFFD. */
export function bytesOfTokens(tokens: readonly string[]): Uint8Array<ArrayBuffer> {
  const found: number[] = [];
  for (const token of tokens) {
    for (const character of token) {
      const byte = bytes.get(character);
      if (byte === undefined) found.push(...unknownBytes);
      else found.push(byte);
    }
  }
  return Uint8Array.from(found);
}

/**
 * Text of the bytes of tokens. Bytes that are no UTF-8 become U+FFFD, as by Unicode's practice: one for
 * each longest part that begins a character, one for each other byte.
 *
 * @param begun Whether bytes may follow: then those at the end that begin a character are left out.
 */
export function textOfBytes(bytes: Uint8Array<ArrayBuffer>, begun = false): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: begun });
}
