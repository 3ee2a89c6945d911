import { byteTokens } from "./_byte_tokens.ts";
import type { IdList } from "./id_list.ts";

/** Ids of a word of text, added to a list. */
export type WordEncoder = (word: string, into: IdList) => void;

/** What becomes of two ids side by side: the id that both become, and which pair comes first. */
export interface Merge {
  readonly left: number;
  readonly right: number;
  /** Pairs of lower rank are merged first, of one rank the leftmost. */
  readonly rank: number;
  readonly id: number;
}

/**
 * Words whose ids are remembered. V8 copies slices of fewer than 13 code units: longer ones as keys would
 * keep the whole text in memory.
 */
const longestKept = 12;
const mostKept = 1 << 16;

const unknownId = 0;

/**
 * Encodes words by merges, as byte pair encoding does: the bytes of a word, then again and again the pair of
 * the lowest rank becomes one id, until no pair is left that has one.
 *
 * @param ids Id of each token; a byte without one is the unknown token.
 * @param merges The merges; of one pair the last one holds.
 * @param whole Whether a word that is a token is that token, whatever the merges make of it.
 */
export function bytePairEncoder(
  ids: ReadonlyMap<string, number>,
  merges: Iterable<Merge>,
  whole = false,
): WordEncoder {
  const ofByte = Int32Array.from(byteTokens, (token) => ids.get(token) ?? unknownId);
  const merge = merger(new MergeTable(merges));
  const known = new Map<string, Int32Array>();
  const utf8 = new TextEncoder();
  let bytes = new Uint8Array(256);
  let symbols = new Int32Array(256);
  const encode = (word: string): Int32Array => {
    // A code unit is three bytes of UTF-8 at most.
    if (3 * word.length > bytes.length) {
      bytes = new Uint8Array(6 * word.length);
      symbols = new Int32Array(bytes.length);
    }
    const { written } = utf8.encodeInto(word, bytes);
    if (whole) {
      let token = "";
      for (let at = 0; at < written; at++) token += byteTokens[bytes[at]];
      const id = ids.get(token);
      if (id !== undefined) {
        symbols[0] = id;
        return symbols.subarray(0, 1);
      }
    }
    for (let at = 0; at < written; at++) symbols[at] = ofByte[bytes[at]];
    return symbols.subarray(0, merge(symbols, written));
  };
  return (word, into) => {
    if (word.length > longestKept) return into.append(encode(word));
    let found = known.get(word);
    if (found === undefined) {
      found = encode(word).slice();
      if (known.size === mostKept) known.clear();
      known.set(word, found);
    }
    for (let at = 0; at < found.length; at++) into.push(found[at]);
  };
}

/** Merges by their pair: a hash table with open addresses. */
class MergeTable {
  readonly #lefts: Int32Array;
  readonly #rights: Int32Array;
  readonly #places: Int32Array;
  readonly #mask: number;
  readonly ranks: Int32Array;
  readonly ids: Int32Array;

  constructor(given: Iterable<Merge>) {
    const merges = Array.from(given);
    let capacity = 16;
    while (capacity < 4 * merges.length) capacity *= 2;
    this.#mask = capacity - 1;
    this.#lefts = new Int32Array(capacity).fill(-1);
    this.#rights = new Int32Array(capacity);
    this.#places = new Int32Array(capacity);
    this.ranks = Int32Array.from(merges, ({ rank }) => rank);
    this.ids = Int32Array.from(merges, ({ id }) => id);
    for (const [place, { left, right }] of merges.entries()) {
      const slot = this.#slot(left, right);
      this.#lefts[slot] = left;
      this.#rights[slot] = right;
      this.#places[slot] = place;
    }
  }

  /** Place of a pair's merge in `ranks` and `ids`; −1 where there is none. */
  find(left: number, right: number): number {
    const slot = this.#slot(left, right);
    return this.#lefts[slot] === -1 ? -1 : this.#places[slot];
  }

  #slot(left: number, right: number): number {
    // Multipliers of MurmurHash3, whose low bits depend on all bits above.
    let slot = Math.imul(left, 0xcc9e2d51 | 0) ^ Math.imul(right, 0x1b873593);
    slot = (slot ^ (slot >>> 15)) & this.#mask;
    while (
      this.#lefts[slot] !== -1 && (this.#lefts[slot] !== left || this.#rights[slot] !== right)
    ) slot = (slot + 1) & this.#mask;
    return slot;
  }
}

/** Room for places of a word beside a rank in one number: the smallest is the next to be merged. */
const placeRoom = 2 ** 31;

/** Merges symbols in place; gives how many are left. */
function merger(table: MergeTable): (symbols: Int32Array, length: number) => number {
  let next = new Int32Array(256);
  let previous = new Int32Array(256);
  // What the pair that begins at a place merges as; −1 where there is none.
  let merges = new Int32Array(256);
  const queue = new NumberQueue();
  const lookAt = (symbols: Int32Array, place: number, length: number): void => {
    const after = next[place];
    const found = after < length ? table.find(symbols[place], symbols[after]) : -1;
    merges[place] = found;
    if (found !== -1) queue.push(table.ranks[found] * placeRoom + place);
  };
  return (symbols, length) => {
    if (length > next.length) {
      next = new Int32Array(2 * length);
      previous = new Int32Array(2 * length);
      merges = new Int32Array(2 * length);
    }
    for (let place = 0; place < length; place++) {
      next[place] = place + 1;
      previous[place] = place - 1;
    }
    for (let place = 0; place < length; place++) lookAt(symbols, place, length);
    while (queue.size > 0) {
      const first = queue.pop();
      const rank = Math.floor(first / placeRoom);
      const place = first - rank * placeRoom;
      const found = merges[place];
      // Another merge took one of the two in the meantime.
      if (found === -1 || table.ranks[found] !== rank) continue;
      const gone = next[place];
      symbols[place] = table.ids[found];
      merges[gone] = -1;
      next[place] = next[gone];
      if (next[place] < length) previous[next[place]] = place;
      lookAt(symbols, place, length);
      if (previous[place] >= 0) lookAt(symbols, previous[place], length);
    }
    let kept = 0;
    for (let place = 0; place < length; place = next[place]) symbols[kept++] = symbols[place];
    return kept;
  };
}

/** A heap of numbers, the smallest first. */
class NumberQueue {
  #heap = new Float64Array(256);
  size = 0;

  push(value: number): void {
    if (this.size === this.#heap.length) {
      const larger = new Float64Array(2 * this.size);
      larger.set(this.#heap);
      this.#heap = larger;
    }
    const heap = this.#heap;
    let at = this.size++;
    for (; at > 0;) {
      const parent = (at - 1) >> 1;
      if (heap[parent] <= value) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = value;
  }

  pop(): number {
    const heap = this.#heap;
    const top = heap[0];
    const value = heap[--this.size];
    let at = 0;
    for (let child = 1; child < this.size; child = 2 * at + 1) {
      if (child + 1 < this.size && heap[child + 1] < heap[child]) child++;
      if (heap[child] >= value) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
    return top;
  }
}
