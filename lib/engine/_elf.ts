import { openFileSync, readAtSync } from "../core/runtime/files.ts";

/** What the header of an ELF file and each of its segments hold, in bytes from their beginning. */
const header = { bytes: 64, segments: 32, segmentBytes: 54, segmentCount: 56 };
const segment = { kind: 0, offset: 8, bytesInFile: 32 };
const loaded = 1;

/**
 * Refuses a library of Linux that ends before its segments do: the system's loader maps it all the
 * same, and the first access behind its end kills the process (SIGBUS) where no error can be caught.
 *
 * Files that are no 64-bit little-endian ELF are left to the loader, which refuses them by itself.
 *
 * @throws {Error} If the file is truncated.
 */
export function refuseTruncated(path: string): void {
  using file = openFileSync(path);
  const { size } = file.statSync();
  const read = (at: number, bytes: number) => {
    const found = readAtSync(file, at, bytes);
    return found.length < bytes ? null : new DataView(found.buffer);
  };
  const head = read(0, header.bytes);
  // 0x7f "ELF", 64 bits, little-endian.
  if (head?.getUint32(0) !== 0x7f454c46 || head.getUint16(4) !== 0x0201) return;
  const start = Number(head.getBigUint64(header.segments, true));
  const each = head.getUint16(header.segmentBytes, true);
  const count = head.getUint16(header.segmentCount, true);
  const table = each < 56 || start + count * each > size ? null : read(start, count * each);
  let needed = start + count * each;
  for (let i = 0; table !== null && i < count; i++) {
    if (table.getUint32(i * each + segment.kind, true) !== loaded) continue;
    const [offset, bytes] = [segment.offset, segment.bytesInFile].map((at) =>
      Number(table.getBigUint64(i * each + at, true))
    );
    needed = Math.max(needed, offset + bytes);
  }
  if (needed > size) {
    throw new Error(`the file is truncated: it has ${size} of at least ${needed} bytes`);
  }
}
