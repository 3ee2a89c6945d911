/**
 * Shingles of a text: all its stretches of n UTF-16 code units, in lower case and with runs of white space as
 * one space, by hashes of them.
 *
 * @module
 */

import { randomStream } from "../../core/random.ts";

/** Units of a shingle (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.2: 9 for articles). */
export const shingleLength = 9;

/** Minima of a signature, and how many of them two documents must share to be compared. */
const [bands, rows] = [20, 5];
const bins = bands * rows;

// Odd factors, so that every unit reaches the higher bits.
const [firstFactor, secondFactor] = [0x9e3779b1, 0x85ebca77];

/** A text as its shingles are cut. */
export function foldedText(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ").trim();
}

/** A 32-bit number from which none of another one's bits can be read (the finalizer of MurmurHash3). */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Polynomial hashes of all shingles in their order, modulo 2³²; of a text that has none, of all of it. */
function rolled(text: string, factor: number): Int32Array {
  const length = Math.min(shingleLength, text.length);
  const hashes = new Int32Array(text.length - length + 1);
  let leaving = 1;
  for (let at = 1; at < length; at++) leaving = Math.imul(leaving, factor);
  let hash = 0;
  for (let at = 0; at < length; at++) {
    hash = (Math.imul(hash, factor) + text.charCodeAt(at) + 1) | 0;
  }
  hashes[0] = hash;
  for (let at = 1; at < hashes.length; at++) {
    hash = (hash - Math.imul(text.charCodeAt(at - 1) + 1, leaving)) | 0;
    hash = (Math.imul(hash, factor) + text.charCodeAt(at + length - 1) + 1) | 0;
    hashes[at] = hash;
  }
  return hashes;
}

/**
 * Hashes of the bands of a document: two that share one are probably alike. A band is five minima of MinHash,
 * by one permutation that is cut into bins (Li, Owen, Zhang 2012); a bin without a shingle takes another
 * one's minimum (Shrivastava 2017). Two of Jaccard similarity s share one of 20 with probability
 * 1 − (1 − s⁵)²⁰: 0.9996 at 0.8, 0.47 at 0.5, 0.0002 at 0.1.
 *
 * @param text As {@link foldedText} gives it.
 * @param seed Whole number from which the permutation derives.
 */
export function bandHashes(text: string, seed: number): Uint32Array {
  const salt = randomStream(seed, "shingles").uint32();
  const minima = new Float64Array(bins).fill(Infinity);
  for (const hash of rolled(text, firstFactor)) {
    const value = mixed(hash ^ salt);
    const bin = Math.floor(value / 2 ** 32 * bins);
    if (value < minima[bin]) minima[bin] = value;
  }
  const filled = minima.map((minimum, bin) => {
    let value = minimum;
    for (let attempt = 1; value === Infinity; attempt++) {
      value = minima[mixed(bin * 65_537 + attempt) % bins];
    }
    return value;
  });
  return Uint32Array.from({ length: bands }, (_, band) => {
    let hash = band;
    for (let row = 0; row < rows; row++) {
      hash = mixed(hash ^ mixed(filled[band * rows + row] + row));
    }
    return hash;
  });
}

/** Different shingles of a text by fingerprints of 53 bits, ascending. */
export function shinglesOf(text: string): Float64Array {
  const low = rolled(text, firstFactor);
  const high = rolled(text, secondFactor);
  const all = Float64Array.from(
    low,
    (hash, at) => (mixed(high[at]) >>> 11) * 2 ** 32 + (hash >>> 0),
  ).sort();
  let count = 0;
  for (let at = 0; at < all.length; at++) {
    if (at === 0 || all[at] !== all[at - 1]) all[count++] = all[at];
  }
  return all.subarray(0, count);
}

/** Jaccard similarity of two sets that ascend: |A ∩ B| / |A ∪ B|. */
export function jaccard(first: Float64Array, second: Float64Array): number {
  let [a, b, both] = [0, 0, 0];
  while (a < first.length && b < second.length) {
    if (first[a] === second[b]) {
      both++;
      a++;
      b++;
    } else if (first[a] < second[b]) a++;
    else b++;
  }
  return both / (first.length + second.length - both);
}
