import { checkOptions, integer, number } from "../../core/options.ts";
import type { FoldRecord } from "../../records/study_record.ts";
import { keptNumbers } from "./_kept_numbers.ts";
import { bandHashes, bands, foldedText, jaccard, saltOf, shinglesOf } from "./_shingles.ts";
import { documentsIn } from "./_spans.ts";
import { type DocumentSource, documentText } from "./document_source.ts";

/** When documents are nearly the same. */
export interface NearDuplicateOptions {
  /**
   * Jaccard similarity of their shingles from which on they are, above 0.5, to 1.
   *
   * @default {0.8}
   */
  readonly similarity?: number;
  /**
   * Whole number from which the hashes derive that tell which documents are compared.
   *
   * @default {0}
   */
  readonly seed?: number;
}

/** Two documents that are nearly the same. */
export interface NearDuplicate {
  /** Number of the earlier one. */
  readonly first: number;
  /** Number of the later one. */
  readonly second: number;
  /** Jaccard similarity, 0 to 1. */
  readonly similarity: number;
}

/** What {@link NearDuplicateOptions} holds. */
export const nearDuplicateOptions = {
  similarity: number({ above: 0.5, to: 1 }, 0.8),
  seed: integer({ from: 0 }, 0),
};

/**
 * Documents that are nearly the same: those whose sets of shingles, A and B, have a Jaccard similarity
 * |A ∩ B| / |A ∪ B| of at least s. A shingle is a stretch of nine UTF-16 code units of the text in lower case,
 * runs of white space being one space.
 *
 * Which documents are compared is told by MinHash with 20 bands of five minima, so that of those with
 * similarity 0.8 all but 0.04 % are; each similarity is then that of the whole sets.
 *
 * @param source As openDocuments gave it.
 * @param options See {@link NearDuplicateOptions}.
 * @returns Pairs, by their first documents and then by their second ones.
 *
 * @example
 * ```ts
 * import { inlineDocuments } from "./inline_documents.ts";
 * import { findNearDuplicates } from "./near_duplicates.ts";
 * import { openDocuments } from "./open_documents.ts";
 * import assert from "node:assert/strict";
 * const line = "Call me Ishmael. Some years ago—never mind how long precisely—I went to sea";
 * const source = await openDocuments(inlineDocuments(
 *   [line, "There now is your insular city", `${line}!`].map((text) => ({ text })),
 * ));
 * const [pair, ...others] = findNearDuplicates(source);
 * assert.deepEqual([pair.first, pair.second, others.length], [0, 2, 0]);
 * assert.ok(pair.similarity > 0.95);
 * ```
 *
 * Broder 1997, "On the resemblance and containment of documents"; Leskovec, Rajaraman, Ullman, "Mining of
 * Massive Datasets", chapter 3.
 */
export function findNearDuplicates(
  source: DocumentSource,
  options: NearDuplicateOptions = {},
): NearDuplicate[] {
  const { similarity, seed } = checkOptions("findNearDuplicates", options, nearDuplicateOptions);
  const compare = comparison(source);
  const pairs: NearDuplicate[] = [];
  eachBucket(bandsOf(source, seed), (bucket, isNew) => {
    for (const [at, first] of bucket.entries()) {
      for (const second of bucket.subarray(at + 1)) {
        if (!isNew(first, second)) continue;
        const found = compare(first, second);
        if (found >= similarity) pairs.push({ first, second, similarity: found });
      }
    }
  });
  return pairs.sort((a, b) => a.first - b.first || a.second - b.second);
}

/** Near-duplicates on both sides of a fold. */
export interface AcrossFold {
  /** Held-out (and choosing) documents, each with a training document that is nearly the same. */
  readonly heldOut: ReadonlyMap<number, NearDuplicate>;
  /** Training documents that are nearly the same as one that is held out. */
  readonly training: ReadonlySet<number>;
  /** Choosing documents that are nearly the same as one that scores: by them a choice is for the score. */
  readonly choosing: ReadonlySet<number>;
}

/** Documents on both sides of each fold that are nearly the same. */
export function nearDuplicatesAcross(
  source: DocumentSource,
  folds: readonly FoldRecord[],
  options: NearDuplicateOptions = {},
): AcrossFold[] {
  const { similarity, seed } = checkOptions("nearDuplicatesAcross", options, nearDuplicateOptions);
  const compare = comparison(source);
  const sides = folds.map((fold) => sidesOf(source, fold));
  const found = folds.map(() => ({
    heldOut: new Map<number, NearDuplicate>(),
    training: new Set<number>(),
    choosing: new Set<number>(),
  }));
  eachBucket(bandsOf(source, seed), (bucket, isNew) => {
    for (const [index, sidesOfFold] of sides.entries()) {
      const { heldOut, training, choosing } = found[index];
      const those = (wanted: number) =>
        bucket.filter((document) => sidesOfFold[document] === wanted);
      const [trains, scores, chooses] = [side.training, side.scoring, side.choosing].map(those);
      for (const a of chooses) {
        for (const b of choosing.has(a) ? [] : scores) {
          if (!isNew(a, b) || compare(Math.min(a, b), Math.max(a, b)) < similarity) continue;
          choosing.add(a);
          break;
        }
      }
      for (const a of bucket) {
        if (sidesOfFold[a] < side.scoring) continue;
        for (const b of trains) {
          if (heldOut.has(a) && training.has(b) || !isNew(a, b)) continue;
          const [first, second] = a < b ? [a, b] : [b, a];
          const shared = compare(first, second);
          if (shared < similarity) continue;
          if (!heldOut.has(a)) heldOut.set(a, { first, second, similarity: shared });
          training.add(b);
        }
      }
    }
  });
  return found;
}

const side = { none: 0, training: 1, scoring: 2, choosing: 3 } as const;

function sidesOf(
  source: DocumentSource,
  { training, heldOut, choosing = [] }: FoldRecord,
): Uint8Array {
  const sides = new Uint8Array(source.documentEnds.length);
  for (const document of documentsIn(source, training)) sides[document] = side.training;
  for (const document of documentsIn(source, heldOut)) sides[document] = side.scoring;
  for (const document of documentsIn(source, choosing)) sides[document] = side.choosing;
  return sides;
}

/** Similarity of two documents; the sets of the last ones stay in memory. */
function comparison(source: DocumentSource): (first: number, second: number) => number {
  const kept = new Map<number, Float64Array>();
  const known = new Map<number, number>();
  const setOf = (document: number): Float64Array => {
    const there = kept.get(document);
    if (there !== undefined) return there;
    const made = shinglesOf(foldedText(documentText(source, document)));
    if (kept.size >= mostKept) kept.delete(kept.keys().next().value!);
    kept.set(document, made);
    return made;
  };
  return (first, second) => {
    const key = first * source.documentEnds.length + second;
    const there = known.get(key);
    if (there !== undefined) return there;
    const similarity = jaccard(setOf(first), setOf(second));
    if (known.size < mostKnown) known.set(key, similarity);
    return similarity;
  };
}

const mostKept = 16;
const mostKnown = 1 << 16;

/** Hashes of the bands of all documents, band by band; of documents that are kept, computed once. */
function bandsOf(source: DocumentSource, seed: number): Uint32Array[] {
  const count = source.documentEnds.length;
  const all = keptNumbers(source.folder, `bands-${seed}`, count * bands, () => {
    const numbers = new Uint32Array(count * bands);
    const salt = saltOf(seed);
    // One array for all documents, as a new one each would lie about until memory is looked through.
    const hashes = new Uint32Array(bands);
    for (let document = 0; document < count; document++) {
      bandHashes(foldedText(documentText(source, document)), salt, hashes);
      for (let band = 0; band < bands; band++) numbers[band * count + document] = hashes[band];
    }
    return numbers;
  });
  return Array.from({ length: bands }, (_, band) => all.subarray(band * count, (band + 1) * count));
}

/**
 * Shows all documents that share the hash of a band, ascending, and tells of two of them whether no earlier
 * band had them together.
 */
function eachBucket(
  hashesOf: readonly Uint32Array[],
  show: (bucket: Int32Array, isNew: (first: number, second: number) => boolean) => void,
): void {
  for (const [band, hashes] of hashesOf.entries()) {
    const isNew = (first: number, second: number) =>
      hashesOf.slice(0, band).every((earlier) => earlier[first] !== earlier[second]);
    const documents = byHash(hashes);
    for (let start = 0; start < documents.length;) {
      let end = start + 1;
      while (end < documents.length && hashes[documents[end]] === hashes[documents[start]]) end++;
      if (end - start > 1) show(documents.subarray(start, end), isNew);
      start = end;
    }
  }
}

/** Documents in the order of their hashes, those of one hash ascending. */
function byHash(hashes: Uint32Array): Int32Array {
  // Sorted as one number of 64 bits each, in place: a comparison of its own takes ten times the time.
  const keys = new BigUint64Array(hashes.length);
  const halves = new Uint32Array(keys.buffer);
  for (let document = 0; document < hashes.length; document++) {
    halves[2 * document] = document;
    halves[2 * document + 1] = hashes[document];
  }
  keys.sort();
  const documents = new Int32Array(hashes.length);
  for (let place = 0; place < documents.length; place++) documents[place] = halves[2 * place];
  return documents;
}
