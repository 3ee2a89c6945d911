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

/** The same in Base64, as a Content-Security-Policy names scripts and styles. */
export function sha256Base64(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64");
}
