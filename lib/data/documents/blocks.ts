import { sha256 } from "../../core/hash.ts";
import { OutsideTrouble } from "../../core/outside_trouble.ts";
import {
  type OpenFile,
  openFileSync,
  readIntoSync,
  writeWholeSync,
} from "../../core/runtime/files.ts";
import type { Bytes } from "./document_source.ts";

/** Bytes that have a checksum of their own, so that a part of a large file can be trusted by itself. */
const blockBytes = 1 << 18;

/** Writes a file block by block. */
export class BlockWriter {
  readonly #file: OpenFile;
  readonly #block = new Uint8Array(blockBytes);
  #filled = 0;
  readonly #hashes: string[] = [];

  constructor(file: OpenFile) {
    this.#file = file;
  }

  write(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length;) {
      const part = bytes.subarray(start, start + blockBytes - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      start += part.length;
      if (this.#filled === blockBytes) this.#flush();
    }
  }

  /** Writes what is left, and gives the SHA-256 of each block. */
  end(): readonly string[] {
    if (this.#filled > 0) this.#flush();
    return this.#hashes;
  }

  #flush(): void {
    const block = this.#block.subarray(0, this.#filled);
    writeWholeSync(this.#file, block);
    this.#hashes.push(sha256(block));
    this.#filled = 0;
  }
}

/**
 * Bytes of a file that {@link BlockWriter} wrote, read at random, each block compared with its checksum. The
 * block that was read last stays in memory; the file is open only while it is read.
 *
 * @throws {OutsideTrouble} In `at` and `read`, if a block is not as it was written.
 */
export function blocksOf(path: string, hashes: readonly string[]): Bytes {
  const buffer = new Uint8Array(blockBytes);
  let [last, length] = [-1, 0];
  /** A block in the buffer: until the next one is read. */
  const block = (number: number, file: OpenFile | null): Uint8Array => {
    if (last !== number) {
      using own = file === null ? openFileSync(path) : null;
      last = -1;
      length = readIntoSync(file ?? own!, number * blockBytes, buffer);
      if (sha256(buffer.subarray(0, length)) !== hashes[number]) {
        throw new OutsideTrouble(
          `${path} is not as it was written, from byte ${
            number * blockBytes
          } on. Remove its folder: it ` +
            `will be written again.`,
        );
      }
      last = number;
    }
    return buffer.subarray(0, length);
  };
  return {
    at: (position) => block(Math.floor(position / blockBytes), null)[position % blockBytes],
    read(start, end) {
      if (start === end) return new Uint8Array();
      const [first, final] = [start, end - 1].map((each) => Math.floor(each / blockBytes));
      if (first === final) {
        return block(first, null).subarray(start % blockBytes, (end - 1) % blockBytes + 1);
      }
      using file = openFileSync(path);
      const whole = new Uint8Array(end - start);
      for (let number = first; number <= final; number++) {
        const from = number * blockBytes;
        const part = block(number, file).subarray(Math.max(0, start - from), end - from);
        whole.set(part, Math.max(0, from - start));
      }
      return whole;
    },
  };
}
