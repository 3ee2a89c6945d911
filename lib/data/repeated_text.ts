import { checkInteger } from "../core/check.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { type LaidPair, sideKey } from "./_pair_order.ts";

/** A text as numbers: its tokens, or its bytes. */
export type Numbers = Int32Array | Uint8Array;

/** Stretches of a fold's held-out text that are looked for in its training text, at most. */
const mostStretches = 10_000;

/**
 * Share of each fold's held-out text that stands word for word in its training text: of all stretches of
 * n tokens in the held-out (and choosing) spans, those that are in a training span too.
 *
 * A text that is there twice, boilerplate and lists of templates are learned by heart and then written
 * for the test, so that the held-out loss of the least regularized model is the lowest. (Lee et al.
 * 2022, "Deduplicating Training Data Makes Language Models Better", look for 50 subword tokens.)
 *
 * @param numbers Tokens of the text by number, as numberTokens gives them, or its bytes.
 * @param folds Folds whose spans are positions in it.
 * @param length Tokens of a stretch, n, from 1.
 * @returns One share a fold, 0 to 1; 0 where no stretch fits. Where a fold has more than 10,000
 * stretches, that many are looked for, spaced evenly.
 *
 * @example
 * ```ts
 * import { repeatedShares } from "./repeated_text.ts";
 * import assert from "node:assert/strict";
 * const numbers = Int32Array.of(1, 2, 3, 9, 1, 2, 3, 4);
 * const fold = { index: 0, training: [{ start: 0, end: 4 }], heldOut: [{ start: 4, end: 8 }] };
 * assert.deepEqual(repeatedShares(numbers, [fold], 3), [1 / 2]); // 1 2 3, and not 2 3 4
 * ```
 */
export function repeatedShares(
  numbers: Numbers,
  folds: readonly FoldRecord[],
  length: number,
): number[] {
  checkInteger("repeatedShares: length", length, { from: 1 });
  const wanted = folds.map((fold) => stretchesOf(numbers, fold, length));
  markFound(numbers, wanted.flatMap((stretches) => stretches), length);
  return wanted.map((stretches) => {
    const total = sum(stretches, ({ count }) => count);
    return total === 0 ? 0 : sum(stretches, ({ count, found }) => found ? count : 0) / total;
  });
}

/**
 * Share of each fold's held-out (and choosing) pairs whose target stands in its training pairs too, under
 * another source: such a target can be written from memory.
 *
 * @param pairs As loadTokenPairs or loadTextPairs gives them.
 * @param folds Folds whose spans are positions in the list.
 * @returns One share a fold, 0 to 1.
 *
 * @example
 * ```ts
 * import { repeatedTargetShares } from "./repeated_text.ts";
 * import assert from "node:assert/strict";
 * const pairs = ["x", "y", "x", "z"].map((target, at) => ({ source: [`${at}`], target: [target] }));
 * const fold = { index: 0, training: [{ start: 0, end: 2 }], heldOut: [{ start: 2, end: 4 }] };
 * assert.deepEqual(repeatedTargetShares(pairs, [fold]), [1 / 2]);
 * ```
 */
export function repeatedTargetShares(
  pairs: readonly LaidPair[],
  folds: readonly FoldRecord[],
): number[] {
  const targets = pairs.map(({ target }) => sideKey(target));
  const cut = (spans: readonly TokenSpan[]) =>
    spans.flatMap(({ start, end }) => targets.slice(start, end));
  return folds.map((fold) => {
    const training = new Set(cut(fold.training));
    const heldOut = cut(allHeldOut(fold));
    return heldOut.filter((target) => training.has(target)).length / heldOut.length;
  });
}

function allHeldOut({ heldOut, choosing = [] }: FoldRecord): readonly TokenSpan[] {
  return [...heldOut, ...choosing];
}

/** A stretch of held-out text, looked for in the training spans of its fold. */
interface Stretch {
  readonly start: number;
  readonly hash: number;
  readonly training: readonly TokenSpan[];
  /** How often it stands in the held-out text. */
  count: number;
  found: boolean;
}

/** The different stretches of a fold's held-out spans. */
function stretchesOf(numbers: Numbers, fold: FoldRecord, length: number): Stretch[] {
  const spans = allHeldOut(fold).map(({ start, end }) => ({
    start,
    count: end - start - length + 1,
  }))
    .filter(({ count }) => count > 0);
  const total = sum(spans, ({ count }) => count);
  const looked = Math.min(total, mostStretches);
  const byHash = new Map<number, Stretch[]>();
  for (let index = 0; index < looked; index++) {
    const start = startOf(spans, Math.floor((index + 0.5) * total / looked));
    const hash = hashAt(numbers, start, length);
    const others = byHash.get(hash) ?? [];
    const same = others.find((other) => isSame(numbers, other.start, start, length));
    if (same !== undefined) same.count++;
    else {
      others.push({ start, hash, training: fold.training, count: 1, found: false });
      byHash.set(hash, others);
    }
  }
  return [...byHash.values()].flat();
}

/** Position in the text of the stretch with a place among those of all spans. */
function startOf(
  spans: readonly { readonly start: number; readonly count: number }[],
  place: number,
): number {
  let left = place;
  for (const { start, count } of spans) {
    if (left < count) return start + left;
    left -= count;
  }
  throw new RangeError(`A stretch must be one of those of the spans, found place ${place}.`);
}

// An odd factor, so that every token of a stretch reaches the higher bits.
const factor = 0x9e3779b1;

/** Polynomial hash of the stretch at `start`, modulo 2³². */
function hashAt(numbers: Numbers, start: number, length: number): number {
  let hash = 0;
  for (let at = start; at < start + length; at++) {
    hash = (Math.imul(hash, factor) + numbers[at] + 1) | 0;
  }
  return hash;
}

function isSame(numbers: Numbers, first: number, second: number, length: number): boolean {
  for (let at = 0; at < length; at++) {
    if (numbers[first + at] !== numbers[second + at]) return false;
  }
  return true;
}

const filterBits = 22;

/** Rolls one hash over the whole text, and looks at what a filter lets through. */
function markFound(numbers: Numbers, stretches: readonly Stretch[], length: number): void {
  if (stretches.length === 0) return;
  const open = new Map<number, Stretch[]>();
  // Most positions match nothing: one bit tells so without a look into the map.
  const filter = new Uint8Array(1 << (filterBits - 3));
  const place = (hash: number) => Math.imul(hash, factor) >>> (32 - filterBits);
  for (const stretch of stretches) {
    const list = open.get(stretch.hash);
    if (list === undefined) open.set(stretch.hash, [stretch]);
    else list.push(stretch);
    const bit = place(stretch.hash);
    filter[bit >>> 3] |= 1 << (bit & 7);
  }
  let leaving = 1;
  for (let at = 1; at < length; at++) leaving = Math.imul(leaving, factor);
  let hash = hashAt(numbers, 0, length);
  let left = stretches.length;
  for (let start = 0; left > 0 && start + length <= numbers.length; start++) {
    if (start > 0) {
      hash = (hash - Math.imul(numbers[start - 1] + 1, leaving)) | 0;
      hash = (Math.imul(hash, factor) + numbers[start + length - 1] + 1) | 0;
    }
    const bit = place(hash);
    if ((filter[bit >>> 3] & (1 << (bit & 7))) === 0) continue;
    for (const stretch of open.get(hash) ?? []) {
      if (stretch.found) continue;
      stretch.found = stretch.training.some((span) =>
        span.start <= start && start + length <= span.end
      ) && isSame(numbers, stretch.start, start, length);
      if (stretch.found) left--;
    }
  }
}

function sum<T>(list: readonly T[], value: (item: T) => number): number {
  return list.reduce((total, item) => total + value(item), 0);
}
