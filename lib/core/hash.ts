import { createHash } from "node:crypto";

/**
 * SHA-256 of a text (as UTF-8) or of bytes.
 *
 * @param content Text, bytes, or bytes in pieces.
 * @returns 64 lowercase hexadecimal digits.
 *
 * @example
 * ```ts
 * import { sha256 } from "./hash.ts";
 * import assert from "node:assert/strict";
 * assert.equal(sha256("abc").slice(0, 8), "ba7816bf");
 * ```
 */
export function sha256(content: string | Uint8Array | Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  const isWhole = typeof content === "string" || content instanceof Uint8Array;
  for (const piece of isWhole ? [content] : content) hash.update(piece);
  return hash.digest("hex");
}

/**
 * Bytes in pieces that are hashed while somebody reads them, so that they are made once.
 *
 * @param pieces Bytes in pieces.
 * @returns The same pieces, to be read once, and their SHA-256 when all of them have been.
 *
 * @example
 * ```ts
 * import { hashedWhenRead, sha256 } from "./hash.ts";
 * import assert from "node:assert/strict";
 * const { pieces, digest } = hashedWhenRead([Uint8Array.of(1), Uint8Array.of(2)]);
 * assert.deepEqual([...pieces].map(([byte]) => byte), [1, 2]);
 * assert.equal(digest(), sha256(Uint8Array.of(1, 2)));
 * ```
 */
export function hashedWhenRead(
  pieces: Iterable<Uint8Array>,
): { readonly pieces: Iterable<Uint8Array>; digest(): string } {
  const hash = createHash("sha256");
  const read = function* () {
    for (const piece of pieces) {
      hash.update(piece);
      yield piece;
    }
  };
  return { pieces: read(), digest: () => hash.digest("hex") };
}

/** SHA-256 of a text or of bytes in Base64, as a Content-Security-Policy names scripts and styles. */
export function sha256Base64(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64");
}
