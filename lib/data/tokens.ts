/** Token ids of one span, wherever they are: in memory or on the disk. */
export interface Tokens {
  /** How many there are. */
  readonly length: number;
  /**
   * Places after the mark that ends each document, ascending; absent where the span is of no documents. Before
   * the first document stands a mark as well.
   */
  readonly documentEnds?: Float64Array;
  /**
   * Fills `into` with ids from the place `start` on.
   *
   * @throws {RangeError} If the span has fewer from there on.
   */
  read(start: number, into: Int32Array): void;
}

/**
 * Token ids that are in memory.
 *
 * @param ids The ids; they are not copied.
 * @param documentEnds Where documents end in them, if they are of documents.
 *
 * @example
 * ```ts
 * import { tokensInMemory } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * const tokens = tokensInMemory(Int32Array.of(5, 6, 7));
 * const read = new Int32Array(2);
 * tokens.read(1, read);
 * assert.deepEqual([...read], [6, 7]);
 * ```
 */
export function tokensInMemory(ids: Int32Array, documentEnds?: Float64Array): Tokens {
  return {
    length: ids.length,
    ...(documentEnds && { documentEnds }),
    read(start, into) {
      checkRead(ids.length, start, into.length);
      into.set(ids.subarray(start, start + into.length));
    },
  };
}

/** As many tokens, all of them 0, where what they are does not matter. */
export function blankTokens(
  { length, documentEnds }: Pick<Tokens, "length" | "documentEnds">,
): Tokens {
  return {
    length,
    ...(documentEnds && { documentEnds }),
    read: (_, into) => void into.fill(0),
  };
}

/** Refuses to read what a span does not hold. */
export function checkRead(length: number, start: number, count: number): void {
  if (start >= 0 && start + count <= length) return;
  throw new RangeError(
    `Tokens.read: a span of ${length} tokens has none from ${start} to ${start + count}.`,
  );
}

/** Ids from a place to another one, or to the end where that comes first. */
export function readTokens(tokens: Tokens, start = 0, end: number = tokens.length): Int32Array {
  const ids = new Int32Array(Math.max(0, Math.min(end, tokens.length) - start));
  tokens.read(start, ids);
  return ids;
}

/** Ids that are read at once where all of a span is read. */
const stretchLength = 1 << 16;

/**
 * All ids of a span in its order, in stretches that memory has room for; each begins with the last
 * `overlap` ids of the one before.
 */
export function* stretchesOf(tokens: Tokens, overlap = 0): Generator<Int32Array, void> {
  const { length } = tokens;
  for (let start = 0, end = 0; end < length; start = end - overlap) {
    end = Math.min(length, start + stretchLength + overlap);
    yield readTokens(tokens, start, end);
  }
}
