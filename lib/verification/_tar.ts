/**
 * Files as one file: uncompressed ustar (POSIX.1-1988), of which only one form is written and read.
 *
 * Every byte but the contents follows from the paths and sizes. So the same files give the same bytes, and
 * a reader that makes each header again sees any change of one, before it writes anything.
 *
 * @module
 */
import { show } from "../core/check.ts";
import { type OpenFile, readAtSync } from "../core/runtime/files.ts";

/** A file that goes into an archive. */
export interface PackedFile {
  /** Path in the archive, with `/` between its parts. */
  readonly path: string;
  readonly bytes: number;
  /** Reads it; asked for once, when its turn comes. */
  content(): Uint8Array;
}

/** Where a file lies in an archive. */
export interface ArchivedFile {
  readonly path: string;
  /** Its first byte. */
  readonly from: number;
  readonly bytes: number;
}

const block = 512;

/** Largest size that eleven octal digits hold. */
const mostBytes = 8 ** 11 - 1;

/** 1980-01-01, UTC: the records say when something was made, and no tool complains of this date. */
const time = 315532800;

/** Fields of a header: name, first byte, length. */
const fields: readonly (readonly [name: string, from: number, length: number])[] = [
  ["name", 0, 100],
  ["mode", 100, 8],
  ["owner", 108, 8],
  ["group", 116, 8],
  ["size", 124, 12],
  ["time", 136, 12],
  ["checksum", 148, 8],
  ["kind", 156, 1],
  ["name of a link", 157, 100],
  ["format", 257, 8],
  ["name of the owner", 265, 32],
  ["name of the group", 297, 32],
  ["device", 329, 16],
  ["folders", 345, 155],
  ["end", 500, 12],
];

const kinds: { readonly [flag: string]: string } = {
  1: "a hard link",
  2: "a symbolic link",
  3: "a device",
  4: "a device",
  5: "a folder",
  6: "a pipe",
  g: "a header of the format pax",
  x: "a header of the format pax",
  L: "a long name of GNU tar",
  K: "a long link of GNU tar",
  S: "a sparse file of GNU tar",
};

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// Windows keeps these names for devices, with any ending.
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Whether a path is relative, without `..`, and such as every system takes as it stands. */
function isArchivePath(path: string): boolean {
  return path.split("/").every((part) =>
    /^[^\p{Cc}\p{Cf}\p{Cs}\\:*?"<>|]+$/u.test(part) && !/^\.\.?$|[. ]$/.test(part) &&
    !device.test(part)
  );
}

/** The header of a file: a block. */
function headerOf(path: string, bytes: number): Uint8Array<ArrayBuffer> {
  if (!isArchivePath(path)) {
    throw new RangeError(
      `Paths of an archive must stay inside it and be such as every system takes, found ${
        show(path)
      }.`,
    );
  }
  const [folders, name] = splitPath(path);
  if (bytes > mostBytes) {
    throw new RangeError(`${path} must have at most ${mostBytes} bytes, found ${bytes}.`);
  }
  const header = new Uint8Array(block);
  const put = (field: string, value: string | Uint8Array) => {
    const [, from] = fieldOf(field);
    header.set(typeof value === "string" ? encoder.encode(value) : value, from);
  };
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  put("name", name);
  put("mode", octal(0o644, 7));
  put("owner", octal(0, 7));
  put("group", octal(0, 7));
  put("size", octal(bytes, 11));
  put("time", octal(time, 11));
  put("checksum", " ".repeat(8));
  put("kind", "0");
  put("format", "ustar\x0000");
  put("device", octal(0, 7).repeat(2));
  put("folders", folders);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put("checksum", `${octal(sum, 6)} `);
  return header;
}

/** The folders and the name of a path: as much as fits is name. */
function splitPath(path: string): [folders: Uint8Array, name: Uint8Array] {
  const parts = path.split("/");
  for (let at = 0; at < parts.length; at++) {
    const [folders, name] = [parts.slice(0, at), parts.slice(at)].map((part) =>
      encoder.encode(part.join("/"))
    );
    if (name.length <= 100 && folders.length <= 155) return [folders, name];
  }
  throw new RangeError(
    `${path} is too long for an archive: its name must have at most 100 bytes of UTF-8, its folders 155.`,
  );
}

const paddingOf = (bytes: number) => (block - bytes % block) % block;

/**
 * The bytes of an archive, in pieces.
 *
 * @param files What goes into it; their paths differ. They stand in the order of their paths.
 * @throws {RangeError} If a path leads outside, or it or a file is too long.
 */
export function* tarOf(files: readonly PackedFile[]): Iterable<Uint8Array> {
  for (const { path, bytes, content } of files.toSorted(byPath)) {
    yield headerOf(path, bytes);
    const found = content();
    if (found.length !== bytes) {
      throw new Error(`${path} has ${found.length} bytes, not ${bytes}: it was changed meanwhile.`);
    }
    yield found;
    yield new Uint8Array(paddingOf(bytes));
  }
  yield new Uint8Array(2 * block);
}

const byPath = (a: { readonly path: string }, b: { readonly path: string }) =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

/**
 * Reads what is in an archive, and checks every byte that is no content: nothing is written, and nothing
 * but headers and padding is read.
 *
 * @param file The archive.
 * @param bytes Its size.
 * @returns Its files, in the order of their paths.
 * @throws {RangeError} If it is not as {@link tarOf} writes it, saying where it differs first: another
 * format, a path that leads outside, a link or device, two files of one name, a size beyond its end, another
 * field, padding that is not zero, bytes behind the end.
 */
export function readTar(file: OpenFile, bytes: number): ArchivedFile[] {
  const files: ArchivedFile[] = [];
  const known = new Map<string, string>();
  const refuse = (why: string): never => {
    throw new RangeError(why);
  };
  let at = 0;
  for (;;) {
    const header = readAtSync(file, at, block);
    if (header.length < block) refuse(`it ends within a header, at byte ${at + header.length}`);
    if (header.every((byte) => byte === 0)) break;
    const found = readHeader(header, at);
    const { path } = found;
    const before = files.at(-1);
    const spelled = path.normalize("NFC").toLowerCase();
    const twin = known.get(spelled);
    if (twin !== undefined) {
      refuse(
        `it has ${show(path)} twice${twin === path ? "" : `, the other time as ${show(twin)}`}`,
      );
    }
    if (before !== undefined && before.path >= path) {
      refuse(`${show(path)} stands behind ${show(before.path)}, not in the order of the paths`);
    }
    known.set(spelled, path);
    const end = at + block + found.bytes;
    const padding = paddingOf(found.bytes);
    if (end + padding + 2 * block > bytes) {
      refuse(
        `${show(path)} would have ${found.bytes} bytes, more than the archive holds behind it`,
      );
    }
    if (readAtSync(file, end, padding).some((byte) => byte !== 0)) {
      refuse(`the padding behind ${show(path)}, at byte ${end}, is not zero`);
    }
    files.push({ path, from: at + block, bytes: found.bytes });
    at = end + padding;
  }
  const last = readAtSync(file, at, 2 * block);
  if (last.length < 2 * block) refuse(`its end is cut off, at byte ${bytes}`);
  if (last.some((byte) => byte !== 0)) refuse(`its end, at byte ${at}, is not zero`);
  if (bytes > at + 2 * block) {
    refuse(`${bytes - at - 2 * block} bytes stand behind its end, at byte ${at + 2 * block}`);
  }
  return files;
}

/** Path and size of a file, if its header is the one that they have. */
function readHeader(
  header: Uint8Array,
  at: number,
): { readonly path: string; readonly bytes: number } {
  const refuse = (why: string): never => {
    throw new RangeError(`the header at byte ${at} ${why}`);
  };
  const text = (name: string): string => {
    const [, from, length] = fieldOf(name);
    const bytes = header.subarray(from, from + length);
    const end = bytes.indexOf(0);
    try {
      return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
    } catch {
      return refuse(`has a field "${name}" that is not UTF-8`);
    }
  };
  if (new TextDecoder("latin1").decode(header.subarray(257, 262)) !== "ustar") {
    refuse("is not of the format ustar");
  }
  const path = [text("folders"), text("name")].filter((part) => part !== "").join("/");
  const kind = text("kind");
  if (kind !== "0") {
    refuse(`is of ${kinds[kind] ?? `kind ${show(kind)}`}, ${show(path)}, not of a file`);
  }
  if (!isArchivePath(path)) {
    refuse(`has a path that leads outside, or that not every system takes: ${show(path)}`);
  }
  const size = text("size");
  if (!/^[0-7]{11}$/.test(size)) refuse(`of ${show(path)} has the size ${show(size)}, no number`);
  const bytes = parseInt(size, 8);
  const due = headerOf(path, bytes);
  const differ = [...header.keys()].filter((index) => header[index] !== due[index]);
  if (differ.length > 0) {
    const names = differ.map((index) => fields.findLast(([, from]) => from <= index)![0]);
    // It differs with any other field.
    const name = names.find((each) => each !== "checksum") ?? "checksum";
    refuse(
      `of ${show(path)} differs in its field "${name}" from the one that its path and size have`,
    );
  }
  return { path, bytes };
}

function fieldOf(name: string) {
  return fields.find(([each]) => each === name)!;
}
