/** A text by its bytes in UTF-8, whatever keeps it: a string, or a file that is too large for one. */
export interface TextSource {
  /** Bytes of UTF-8. */
  readonly bytes: number;
  /**
   * Where its documents end, in bytes, ascending, the last one `bytes`; null for one text, which has no
   * end-of-document mark.
   */
  readonly documentEnds: Float64Array | null;
  /**
   * Text of the bytes [start, end).
   *
   * @throws {RangeError} If one of both is outside of the text or inside of a character.
   */
  read(start: number, end: number): string;
  /**
   * The nearest place from a position on, or back from it, at which a text may be cut: where a character
   * starts, and not between a carriage return and its line feed.
   *
   * @param position In bytes, from 0 to `bytes`, which are such places themselves.
   */
  boundary(position: number, direction: "forward" | "backward"): number;
}

/**
 * A text that is in memory.
 *
 * @throws {RangeError} If it holds half of a surrogate pair alone.
 */
export function textOf(text: string): TextSource {
  if (!text.isWellFormed()) {
    throw new RangeError(
      "textOf: a text must not hold half of a surrogate pair alone, which has no bytes in UTF-8.",
    );
  }
  const bytes = new TextEncoder().encode(text);
  const byteAt = (position: number) => bytes[position];
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    bytes: bytes.length,
    documentEnds: null,
    read(start, end) {
      refuseCut(byteAt, bytes.length, { start, end });
      return decoder.decode(bytes.subarray(start, end));
    },
    boundary: (position, direction) =>
      nearestBoundary(byteAt, { bytes: bytes.length, position, direction }),
  };
}

/** {@link TextSource.boundary} of a text whose bytes can be read one by one. */
export function nearestBoundary(
  byteAt: (position: number) => number,
  { bytes, position, direction }: {
    readonly bytes: number;
    readonly position: number;
    readonly direction: "forward" | "backward";
  },
): number {
  const step = direction === "forward" ? 1 : -1;
  let found = position;
  while (found > 0 && found < bytes && !isBoundary(byteAt, found)) found += step;
  return found;
}

/**
 * Refuses to read what is no part of a text.
 *
 * @throws {RangeError} Naming the bytes and what is wrong with them.
 */
export function refuseCut(
  byteAt: (position: number) => number,
  bytes: number,
  { start, end }: { readonly start: number; readonly end: number },
): void {
  const whole = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end;
  if (!whole || end > bytes) {
    throw new RangeError(
      `A part of a text must go from a whole number to one that is as large, up to its ${bytes} bytes; ` +
        `found ${start} to ${end}.`,
    );
  }
  const inside = [start, end].find((at) => at > 0 && at < bytes && goesOn(byteAt(at)));
  if (inside === undefined) return;
  throw new RangeError(
    `A part of a text must begin and end at a character, found byte ${inside} inside of one.`,
  );
}

const [carriageReturn, lineFeed] = [0x0d, 0x0a];

function isBoundary(byteAt: (position: number) => number, position: number): boolean {
  const byte = byteAt(position);
  if (goesOn(byte)) return false;
  return byte !== lineFeed || byteAt(position - 1) !== carriageReturn;
}

/** Whether a byte of UTF-8 goes on with a character: 10xxxxxx. */
function goesOn(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
