/** What shows that a file is in another encoding than UTF-8, where, and how to convert it; else null. */
export function otherEncoding(bytes: Uint8Array): string | null {
  const marked = byteOrderMarks.find(({ mark }) => mark.every((byte, at) => bytes[at] === byte));
  if (marked !== undefined) {
    return `the byte order mark of ${marked.name}. ${convert(marked.name)}`;
  }
  const nul = bytes.indexOf(0);
  if (nul === -1) return null;
  const wide = wideEncoding(bytes);
  return `a NUL byte at ${placeOf(bytes, nul)}, which no text has${
    wide === null
      ? ". It may be a binary file; take the NUL bytes out if it is a text"
      : `: it looks like ${wide} without a byte order mark. ${convert(wide)}`
  }`;
}

/**
 * Where bytes stop being UTF-8, and how to convert them.
 *
 * @param bytes Bytes that are not UTF-8.
 * @param from Where they begin in their file.
 */
export function invalidUtf8(bytes: Uint8Array, from = { byte: 0, line: 1 }): string {
  const invalid = firstInvalid(bytes);
  const byte = bytes[invalid].toString(16).toUpperCase().padStart(2, "0");
  return `bytes that are not, from 0x${byte} at ${placeOf(bytes, invalid, from)} on. ${
    convert("ENCODING")
  }, where ENCODING is the file's, such as WINDOWS-1252, GB18030, SHIFT_JIS or UTF-16LE`;
}

/** The longer marks first: that of UTF-16LE begins that of UTF-32LE. */
const byteOrderMarks = [
  { name: "UTF-32LE", mark: [0xff, 0xfe, 0, 0] },
  { name: "UTF-32BE", mark: [0, 0, 0xfe, 0xff] },
  { name: "UTF-16LE", mark: [0xff, 0xfe] },
  { name: "UTF-16BE", mark: [0xfe, 0xff] },
] as const;

function convert(encoding: string): string {
  return `Convert it: iconv -f ${encoding} -t UTF-8 FILE > NEW`;
}

function placeOf(bytes: Uint8Array, offset: number, from = { byte: 0, line: 1 }): string {
  let { line } = from;
  for (let at = 0; at < offset; at++) if (bytes[at] === 0x0a) line++;
  return `byte ${from.byte + offset} (counted from 0), line ${line}`;
}

/** Bytes that tell how an encoding without a mark is laid out. */
const sampleLength = 1 << 16;

/**
 * The encoding of two or four bytes a character whose ASCII characters would put NUL bytes where they
 * are: at odd places in UTF-16LE, at even ones in UTF-16BE. Null where they are anywhere.
 */
function wideEncoding(bytes: Uint8Array): string | null {
  const sample = bytes.subarray(0, sampleLength - sampleLength % 4);
  const counts = [0, 0, 0, 0];
  sample.forEach((byte, at) => byte === 0 && counts[at % 4]++);
  const units = sample.length / 4;
  const many = (count: number) => count > 0.1 * units;
  const few = (count: number) => count < 0.02 * units;
  const [first, second, third, fourth] = counts;
  if (many(third) && many(fourth) && few(first)) return "UTF-32LE";
  if (many(first) && many(second) && few(fourth)) return "UTF-32BE";
  if (many(second) && many(fourth) && few(first + third)) return "UTF-16LE";
  if (many(first) && many(third) && few(second + fourth)) return "UTF-16BE";
  return null;
}

/** Place of the first byte that UTF-8 does not allow, of bytes that have one. */
function firstInvalid(bytes: Uint8Array): number {
  const lenient = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  let at = 0;
  for (const character of lenient) {
    // U+FFFD stands for what is wrong, or for itself.
    const itself = bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
    if (character === "\uFFFD" && !itself) break;
    const code = character.codePointAt(0)!;
    at += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return at;
}
