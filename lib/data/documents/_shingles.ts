/**
 * Shingles of a text: all its stretches of n UTF-16 code units, in lower case and with runs of white space as
 * one space, by hashes of them.
 *
 * @module
 */

import { randomStream } from "../../core/random.ts";

/** Units of a shingle (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.2: 9 for articles). */
export const shingleLength = 9;

/** Bands of a signature, of which two documents share one to be compared. */
export const bands = 20;
/** Minima of a band. */
const rows = 5;
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

/** Takes the polynomial hash, modulo 2³², of each shingle in their order; of a text that has none, of all of it. */
function eachHash(text: string, factor: number, take: (hash: number, at: number) => void): void {
  const length = Math.min(shingleLength, text.length);
  let leaving = 1;
  for (let at = 1; at < length; at++) leaving = Math.imul(leaving, factor);
  let hash = 0;
  for (let at = 0; at < length; at++) {
    hash = (Math.imul(hash, factor) + text.charCodeAt(at) + 1) | 0;
  }
  take(hash, 0);
  for (let at = length; at < text.length; at++) {
    hash = (hash - Math.imul(text.charCodeAt(at - length) + 1, leaving)) | 0;
    hash = (Math.imul(hash, factor) + text.charCodeAt(at) + 1) | 0;
    take(hash, at - length + 1);
  }
}

/**
 * Hashes of the bands of a document: two that share one are probably alike. A band is five minima of MinHash,
 * by one permutation that is cut into bins (Li, Owen, Zhang 2012); a bin without a shingle takes another
 * one's minimum (Shrivastava 2017). Two of Jaccard similarity s share one of 20 with probability
 * 1 − (1 − s⁵)²⁰: 0.9996 at 0.8, 0.47 at 0.5, 0.0002 at 0.1.
 *
 * @param text As {@link foldedText} gives it.
 * @param salt As {@link saltOf} gives it.
 * @param into Takes the hashes, one a band.
 */
export function bandHashes(text: string, salt: number, into: Uint32Array): void {
  minimaOf(text, salt);
  const filled = (bin: number) => {
    let value = minima[bin];
    for (let attempt = 1; value === empty; attempt++) {
      value = minima[mixed(bin * 65_537 + attempt) % bins];
    }
    return value;
  };
  for (let band = 0; band < bands; band++) {
    let hash = band;
    for (let row = 0; row < rows; row++) {
      hash = mixed(hash ^ mixed(filled(band * rows + row) + row));
    }
    into[band] = hash;
  }
}

/** What makes a permutation of hashes another one, from a whole number. */
export function saltOf(seed: number): number {
  return randomStream(seed, "shingles").uint32();
}

const empty = 2 ** 32 - 1;
/** The least hash of each bin of the text that was read last; a bin is a range of hashes. */
const minima = new Uint32Array(bins);

function minimaOf(text: string, salt: number): void {
  minima.fill(empty);
  eachHash(text, firstFactor, (hash) => {
    const value = mixed(hash ^ salt);
    const bin = ((value >>> 16) * bins) >>> 16;
    if (value < minima[bin]) minima[bin] = value;
  });
}

/** Different shingles of a text by fingerprints of 53 bits, ascending. */
export function shinglesOf(text: string): Float64Array {
  const all = new Float64Array(Math.max(1, text.length - shingleLength + 1));
  eachHash(text, firstFactor, (hash, at) => all[at] = hash >>> 0);
  eachHash(text, secondFactor, (hash, at) => all[at] += (mixed(hash) >>> 11) * 2 ** 32);
  all.sort();
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
