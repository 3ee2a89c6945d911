import { createHash } from "node:crypto";
import { openFileSync, readAtSync } from "./runtime/files.ts";

const chunkBytes = 1 << 22;

/** SHA-256 of a file, of which no more than 4 MiB is in memory: 64 lowercase hexadecimal digits. */
export function sha256OfFile(path: string): string {
  using file = openFileSync(path);
  const hash = createHash("sha256");
  for (let start = 0;;) {
    const bytes = readAtSync(file, start, chunkBytes);
    if (bytes.length === 0) return hash.digest("hex");
    hash.update(bytes);
    start += bytes.length;
  }
}
