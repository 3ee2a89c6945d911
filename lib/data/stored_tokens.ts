import { join } from "node:path";
import { crc32 } from "node:zlib";
import { sha256 } from "../core/hash.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { OutsideTrouble } from "../core/outside_trouble.ts";
import {
  type OpenFile,
  openFile,
  openFileSync,
  readAtSync,
  readFile,
  readTextFile,
  removeSync,
  stat,
  writeWholeSync,
} from "../core/runtime/files.ts";
import { checkRead, type Tokens } from "./tokens.ts";

/** Takes the tokens of spans, one span after the other. */
export interface TokenWriter {
  /** Ids of the span that is written now, in its order. */
  write(ids: Int32Array): void;
  /** Says that a document ends with the mark that was written last. */
  endDocument(): void;
  /** Ends the span. */
  endSpan(): void;
}

/** Tokens of spans, and what was said of them as they were written. */
export interface SpansOfTokens<Said extends JsonObject> {
  readonly spans: readonly Tokens[];
  readonly said: Said;
}

/** Raised where a stored folder's content would be another. */
export const storedTokensVersion = 1;

/** Bytes that have a checksum of their own, so that a part of a large file can be trusted by itself. */
const blockBytes = 1 << 16;

/** What `index.json` says besides its own SHA-256. */
interface Index<Said extends JsonObject> {
  readonly version: number;
  /** Bytes of an id, little-endian: 2 where every id of the vocabulary has room there, else 4. */
  readonly width: 2 | 4;
  /** Tokens of each span; one stands behind the other in `tokens`. */
  readonly lengths: readonly number[];
  /** Documents that end in each span; their ends, counted from the span's beginning, are in `documents`. */
  readonly documents: readonly number[];
  readonly documentsSha256: string;
  /** Of `checksums`, the CRC-32 of each block of `tokens`. */
  readonly checksumsSha256: string;
  readonly said: Said;
}

/**
 * Writes tokens of spans into a folder, of which memory holds a block at a time.
 *
 * @param folder It is there, and empty.
 * @param make Is called once, with what begins the tokens of a vocabulary of some size; gives what is kept
 * beside them.
 */
export async function writeTokens<Said extends JsonObject>(
  folder: string,
  make: (begin: (vocabularySize: number) => TokenWriter) => Said | Promise<Said>,
): Promise<void> {
  using file = await openFile(join(folder, "tokens"), { write: true, createNew: true });
  let width: 2 | 4 = 4;
  const blocks = blockWriter(file);
  const lengths: number[] = [];
  const documents: number[] = [];
  const ends: number[] = [];
  let length = 0;
  let ended = 0;
  const said = await make((vocabularySize) => {
    width = vocabularySize <= 1 << 16 ? 2 : 4;
    return {
      write(ids) {
        const narrow = width === 2 ? new Uint16Array(ids) : ids;
        blocks.write(new Uint8Array(narrow.buffer, narrow.byteOffset, narrow.byteLength));
        length += ids.length;
      },
      endDocument: () => void ends.push(length),
      endSpan() {
        lengths.push(length);
        documents.push(ends.length - ended);
        length = 0;
        ended = ends.length;
      },
    };
  });
  const checksums = blocks.end();
  await file.sync();
  await writeSynced(join(folder, "checksums"), checksums);
  const endBytes = new Uint8Array(Float64Array.from(ends).buffer);
  await writeSynced(join(folder, "documents"), endBytes);
  const index: Index<Said> = {
    ...{ version: storedTokensVersion, width, lengths, documents, said },
    checksumsSha256: sha256(checksums),
    documentsSha256: sha256(endBytes),
  };
  const json = canonicalJson(index as unknown as JsonObject);
  await writeSynced(
    join(folder, "index.json"),
    new TextEncoder().encode(JSON.stringify({ sha256: sha256(json), index })),
  );
}

/** Writes a file block by block, and counts the checksum of each. */
function blockWriter(file: OpenFile) {
  const block = new Uint8Array(blockBytes);
  const checksums: number[] = [];
  let filled = 0;
  const flush = () => {
    const bytes = block.subarray(0, filled);
    writeWholeSync(file, bytes);
    checksums.push(crc32(bytes));
    filled = 0;
  };
  return {
    write(bytes: Uint8Array) {
      for (let start = 0; start < bytes.length;) {
        const part = bytes.subarray(start, start + blockBytes - filled);
        block.set(part, filled);
        filled += part.length;
        start += part.length;
        if (filled === blockBytes) flush();
      }
    },
    /** Writes what is left, and gives the checksums. */
    end(): Uint8Array {
      if (filled > 0) flush();
      return new Uint8Array(Uint32Array.from(checksums).buffer);
    },
  };
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  using file = await openFile(path, { write: true, createNew: true });
  writeWholeSync(file, bytes);
  await file.sync();
}

/**
 * Tokens that {@link writeTokens} wrote; null where they are not there, or not as long or not in the form
 * that they were written.
 *
 * Each block is compared with its checksum when it is read for the first time. One that is damaged takes the
 * folder's index with it, where this process may: whoever looks next finds nothing, and writes it again.
 *
 * @throws {OutsideTrouble} In `read`, if a block is not as it was written.
 */
export async function readStoredTokens<Said extends JsonObject>(
  folder: string,
): Promise<SpansOfTokens<Said> | null> {
  const [tokens, indexFile] = ["tokens", "index.json"].map((name) => join(folder, name));
  let index: Index<Said>;
  let checksums: Uint32Array;
  let ends: Float64Array;
  try {
    const stored = JSON.parse(await readTextFile(indexFile));
    index = stored.index;
    const bytes = await readFile(join(folder, "checksums"));
    const endBytes = await readFile(join(folder, "documents"));
    const total = index.lengths.reduce((sum, length) => sum + length, 0);
    const whole = stored.sha256 === sha256(canonicalJson(stored.index)) &&
      index.version === storedTokensVersion &&
      index.checksumsSha256 === sha256(bytes) && index.documentsSha256 === sha256(endBytes) &&
      (await stat(tokens)).size === total * index.width;
    if (!whole) return null;
    checksums = new Uint32Array(bytes.buffer);
    ends = new Float64Array(endBytes.buffer);
  } catch {
    return null;
  }
  const read = blockReader(tokens, checksums, index.width, () => removeSync(indexFile));
  let end = 0;
  let documents = 0;
  const spans = index.lengths.map((length, span): Tokens => {
    const first = end;
    end += length;
    const documentEnds = ends.subarray(documents, documents += index.documents[span]);
    return {
      length,
      ...(documentEnds.length > 0 && { documentEnds }),
      read(start, into) {
        checkRead(length, start, into.length);
        read(first + start, into);
      },
    };
  });
  return { spans, said: index.said };
}

/** Reads ids of a file, whose blocks are compared with their checksums. */
function blockReader(
  path: string,
  checksums: Uint32Array,
  width: 2 | 4,
  discard: () => void,
): (start: number, into: Int32Array) => void {
  const compared = new Uint8Array(checksums.length);
  const refuse = (byte: number): never => {
    try {
      discard();
    } catch { /* Another process may, or the user. */ }
    throw new OutsideTrouble(
      `${path} is not as it was written, from byte ${byte} on. It will be written again; if not, remove its ` +
        `folder.`,
    );
  };
  const compare = (file: OpenFile, block: number) => {
    if (crc32(readAtSync(file, block * blockBytes, blockBytes)) !== checksums[block]) {
      refuse(block * blockBytes);
    }
    compared[block] = 1;
  };
  return (start, into) => {
    if (into.length === 0) return;
    using file = openFileSync(path);
    const [first, last] = [start * width, (start + into.length) * width - 1];
    for (let at = Math.floor(first / blockBytes); at * blockBytes <= last; at++) {
      if (compared[at] === 0) compare(file, at);
    }
    const { buffer, length } = readAtSync(file, first, into.length * width);
    // One that was compared before may have been cut since.
    if (length < into.length * width) refuse(first + length);
    into.set(width === 2 ? new Uint16Array(buffer) : new Int32Array(buffer));
  };
}
