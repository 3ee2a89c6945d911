import { createHash } from "node:crypto";
import { openFileSync, readIntoSync } from "./runtime/files.ts";

const chunkBytes = 1 << 20;

/**
 * SHA-256 of a file, of which no more than 1 MiB is in memory: 64 lowercase hexadecimal digits.
 *
 * @param from Bytes at its beginning that are left out.
 */
export function sha256OfFile(path: string, from = 0): string {
  using file = openFileSync(path);
  const hash = createHash("sha256");
  const chunk = new Uint8Array(chunkBytes);
  for (let start = from;;) {
    const length = readIntoSync(file, start, chunk);
    if (length === 0) return hash.digest("hex");
    hash.update(chunk.subarray(0, length));
    start += length;
  }
}
