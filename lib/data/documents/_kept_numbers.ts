import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { isNotFound } from "../../core/runtime/errors.ts";
import {
  openFileSync,
  readFileSync,
  removeSync,
  renameSync,
  writeWholeSync,
} from "../../core/runtime/files.ts";

const hashLength = 64;

/**
 * Numbers that are the same each time they are computed of documents, from the folder that keeps these, or
 * computed and put there. Where that cannot be, they are computed each time.
 *
 * @param folder Folder of the documents; null for documents in memory.
 * @param name Name of the file, by all that the numbers depend on but the documents.
 * @param length How many numbers there are.
 */
export function keptNumbers(
  folder: string | null,
  name: string,
  length: number,
  compute: () => Uint32Array,
): Uint32Array {
  if (folder === null) return compute();
  const path = join(folder, name);
  const there = storedNumbers(path);
  if (there?.length === length) return there;
  const numbers = compute();
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    {
      using file = openFileSync(temporary, { write: true, createNew: true });
      writeWholeSync(file, new TextEncoder().encode(sha256(bytes)));
      writeWholeSync(file, bytes);
      file.syncSync();
    }
    renameSync(temporary, path);
  } catch {
    try {
      removeSync(temporary);
    } catch { /* it was not made */ }
  }
  return numbers;
}

/** The numbers of a file; null where there is none, or it is not as it was written. */
function storedNumbers(path: string): Uint32Array | null {
  try {
    const content = readFileSync(path);
    const bytes = content.subarray(hashLength);
    const hash = new TextDecoder().decode(content.subarray(0, hashLength));
    if (bytes.length % 4 !== 0 || sha256(bytes) !== hash) return null;
    return new Uint32Array(content.buffer, hashLength);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
