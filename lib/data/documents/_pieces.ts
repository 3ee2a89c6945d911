import { show } from "../../core/check.ts";
import { openFileSync, readIntoSync } from "../../core/runtime/files.ts";
import { invalidUtf8, otherEncoding } from "../_encoding.ts";

/** Whole lines of a file. */
export interface Piece {
  /** Their text, with line ends. */
  readonly text: string;
  /** Number of the first of them, from 1. */
  readonly line: number;
  /** Whether the file ends with them. */
  readonly last: boolean;
}

const pieceBytes = 1 << 18;
/** A longer line is taken for a file of another kind. */
const longestLine = 1 << 26;
const lineFeed = 0x0a;

/**
 * The text of a file, so many whole lines at once that none of it has to be kept; without a byte order mark.
 *
 * @param path Its path.
 * @param name What messages call it.
 * @throws {RangeError} If it is not UTF-8, with the line.
 */
export function* piecesOf(path: string, name: string): Generator<Piece> {
  using file = openFileSync(path);
  const { size } = file.statSync();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  // One buffer for all pieces, as a new one each would lie about until memory is looked through.
  let buffer = new Uint8Array(pieceBytes);
  const read = (from: number, most: number) => {
    if (buffer.length < most) buffer = new Uint8Array(most);
    return buffer.subarray(0, readIntoSync(file, from, buffer.subarray(0, most)));
  };
  let line = 1;
  for (let start = 0; start < size;) {
    const bytes = wholeLines(start, size, read);
    if (bytes === null) {
      throw new RangeError(
        `${name} must have lines of at most ${longestLine} bytes, found a longer one, line ${line}.`,
      );
    }
    if (bytes.length === 0) return;
    const other = start === 0 ? otherEncoding(bytes.subarray(0, pieceBytes)) : null;
    if (other !== null) throw new RangeError(`${name} must be UTF-8, found ${other}.`);
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch {
      const found = invalidUtf8(bytes, { byte: start, line });
      throw new RangeError(`${name} must be UTF-8, found ${found}.`);
    }
    const last = start + bytes.length >= size;
    yield { text: start === 0 && text.startsWith("\uFEFF") ? text.slice(1) : text, line, last };
    start += bytes.length;
    for (const byte of bytes) if (byte === lineFeed) line++;
  }
}

/** Bytes from a place on, up to the end of a line or of the file; null where that is too far. */
function wholeLines(
  start: number,
  size: number,
  read: (from: number, most: number) => Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> | null {
  for (let most = pieceBytes; most <= longestLine; most *= 2) {
    const bytes = read(start, Math.min(most, size - start));
    if (bytes.length < most || start + bytes.length >= size) return bytes;
    const end = bytes.lastIndexOf(lineFeed) + 1;
    if (end > 0) return bytes.subarray(0, end);
  }
  return null;
}

/** Where a document or a mistake is, for messages. */
export function placeIn(file: string, counts: string, place: number | null): string {
  return place === null ? show(file) : `${show(file)}, ${counts} ${place}`;
}
