import { checkInteger } from "../core/check.ts";
import { stretchesOf, type Tokens, tokensInMemory } from "../data/tokens.ts";
import type { SampleStatistics } from "../records/run_record.ts";

/**
 * How a sample repeats itself, and how much of it is learned by heart, in tokens.
 *
 * - distinct-n, for n from 1 to 4: different n-grams over all n-grams of the sample (Li et al. 2016).
 * - repetition: 1 − distinct-n for n = `nGramLength` (Welleck et al. 2020, seq-rep-n).
 * - overlap: share of the sample's n-grams, n = `nGramLength`, counted where they stand, that occur in a
 *   text; memorized share: overlap with a training excerpt as long as the held-out text − overlap with the
 *   held-out text. Language that any text has in common is in both and cancels.
 * - longest copied span: tokens of the longest stretch of the sample that stands in the training text.
 *
 * The excerpt begins where the longest span of the training text does and goes on in the next longest.
 * No n-gram goes over the end of a span.
 *
 * @param sample Token ids that the model drew, without the prompt; nGramLength of them at least.
 * @param texts.training Token ids of each training span.
 * @param texts.heldOut Token ids of each held-out span.
 * @param options.nGramLength From 1.
 * @throws {RangeError} If the sample has fewer tokens than an n-gram.
 *
 * @example
 * ```ts
 * import { sampleStatistics } from "./sample_statistics.ts";
 * import assert from "node:assert/strict";
 * const texts = { training: [Int32Array.of(1, 2, 3, 4)], heldOut: [Int32Array.of(3, 1, 2)] };
 * const statistics = sampleStatistics(Int32Array.of(1, 2, 3, 9), texts, { nGramLength: 2 });
 * assert.deepEqual(statistics.distinct, [1, 1, 1, 1]);
 * assert.equal(statistics.trainingOverlap, 2 / 3); // 1 2 and 2 3, of the excerpt 1 2 3
 * assert.equal(statistics.heldOutOverlap, 1 / 3); // 1 2
 * assert.equal(statistics.longestCopiedSpan, 3); // 1 2 3
 * ```
 */
export function sampleStatistics(
  sample: Int32Array,
  texts: {
    readonly training: readonly (Int32Array | Tokens)[];
    readonly heldOut: readonly (Int32Array | Tokens)[];
  },
  options: { readonly nGramLength: number },
): SampleStatistics {
  const nGramLength = checkInteger("sampleStatistics: nGramLength", options.nGramLength, {
    from: 1,
    to: sample.length,
  });
  const [training, heldOut] = [texts.training, texts.heldOut].map((spans) =>
    spans.map((span) => span instanceof Int32Array ? tokensInMemory(span) : span)
  );
  const excerpt = excerptOf(training, heldOut.reduce((sum, span) => sum + span.length, 0));
  const trainingOverlap = overlap(sample, excerpt, nGramLength);
  const heldOutOverlap = overlap(sample, heldOut, nGramLength);
  return {
    tokens: sample.length,
    distinct: [1, 2, 3, 4].filter((n) => n <= sample.length).map((n) => distinct(sample, n)),
    nGramLength,
    repetition: 1 - distinct(sample, nGramLength),
    trainingOverlap,
    heldOutOverlap,
    memorizedShare: trainingOverlap - heldOutOverlap,
    longestCopiedSpan: longestCommonSpan(sample, training),
  };
}

/** Different n-grams over all n-grams. */
function distinct(sample: Int32Array, n: number): number {
  const count = sample.length - n + 1;
  const different = new Set(
    Array.from({ length: count }, (_, start) => sample.subarray(start, start + n).join()),
  );
  return different.size / count;
}

/** The first `length` tokens of spans in the order of their lengths, the longest first. */
function excerptOf(spans: readonly Tokens[], length: number): Tokens[] {
  let left = length;
  return [...spans].sort((a, b) => b.length - a.length).map((span) => {
    const part = { ...span, length: Math.min(left, span.length) };
    left -= part.length;
    return part;
  });
}

/** Share of the sample's n-grams that stand in one of the spans. */
function overlap(sample: Int32Array, spans: readonly Tokens[], n: number): number {
  const count = sample.length - n + 1;
  const found = new Array<boolean>(count).fill(false);
  const startsWith = new Map<number, number[]>();
  for (let start = 0; start < count; start++) {
    const list = startsWith.get(sample[start]);
    if (list === undefined) startsWith.set(sample[start], [start]);
    else list.push(start);
  }
  const findIn = (stretch: Int32Array) => {
    for (let at = 0; at + n <= stretch.length; at++) {
      for (const start of startsWith.get(stretch[at]) ?? []) {
        if (found[start]) continue;
        let same = 1;
        while (same < n && sample[start + same] === stretch[at + same]) same++;
        found[start] = same === n;
      }
    }
  };
  for (const span of spans) for (const stretch of stretchesOf(span, n - 1)) findIn(stretch);
  return found.filter(Boolean).length / count;
}

/** Length of the longest stretch that the sample and one of the spans have in common. */
function longestCommonSpan(sample: Int32Array, spans: readonly Tokens[]): number {
  let longest = 0;
  for (const span of spans) {
    /** Tokens in common that end at each token of the sample and at the current one of the span. */
    const common = new Int32Array(sample.length + 1);
    const extend = (token: number) => {
      for (let end = sample.length; end > 0; end--) {
        const length = sample[end - 1] === token ? common[end - 1] + 1 : 0;
        common[end] = length;
        if (length > longest) longest = length;
      }
    };
    for (const stretch of stretchesOf(span)) stretch.forEach(extend);
  }
  return longest;
}
