import { checkOptions, integer, passed } from "../core/options.ts";
import type { RandomStream } from "../core/random.ts";
import type { Batch, TrainingBatches } from "./batches.ts";
import type { PairVocabulary } from "./pair_tokens.ts";
import type { EncodedPair } from "./prepare_pairs.ts";
import { spacedEvenly } from "./windows.ts";

/** Sequences of several lengths side by side; time-major: position t of row b is at t·batch + b. */
export interface PaddedSequences {
  /** Token ids, [time × batch]; the padding token after the end of each row. */
  readonly tokens: Int32Array;
  /** Length of the longest row. */
  readonly time: number;
  readonly batch: number;
  /** 1 on tokens, 0 on padding, [time × batch]; absent when there is no padding. */
  readonly mask?: Float32Array;
}

/**
 * Pairs that are computed together. As a {@link Batch} it is the target's side: `inputs` are the begin
 * token and the target (teacher forcing), `targets` the target and its end.
 */
export interface PairBatch extends Batch {
  /** The sources, each with its end token. */
  readonly source: PaddedSequences;
}

/** What batches of pairs need besides the pairs. */
export interface PairSides {
  readonly sourceVocabulary: PairVocabulary;
  readonly targetVocabulary: PairVocabulary;
}

/** Lengths to which all pairs are padded where padding counts, in tokens with the end token. */
export interface FullLengths {
  readonly source: number;
  readonly target: number;
}

/**
 * Pads sequences to the longest of them.
 *
 * @example
 * ```ts
 * import { padSequences } from "./pair_batches.ts";
 * import assert from "node:assert/strict";
 * const { tokens, mask } = padSequences([Int32Array.of(5, 6), Int32Array.of(7)], 1);
 * assert.deepEqual([...tokens], [5, 7, 6, 1]);
 * assert.deepEqual([...mask!], [1, 1, 1, 0]);
 * ```
 */
export function padSequences(
  sequences: readonly Int32Array[],
  paddingId: number,
  time = Math.max(...sequences.map(({ length }) => length)),
): PaddedSequences {
  const batch = sequences.length;
  const tokens = new Int32Array(time * batch).fill(paddingId);
  const mask = new Float32Array(time * batch);
  let full = true;
  for (const [row, sequence] of sequences.entries()) {
    full &&= sequence.length === time;
    for (let t = 0; t < sequence.length; t++) {
      tokens[t * batch + row] = sequence[t];
      mask[t * batch + row] = 1;
    }
  }
  return { tokens, time, batch, ...(full ? {} : { mask }) };
}

/**
 * Puts pairs side by side.
 *
 * @param pairs At least one.
 * @param sides Vocabularies, for padding and begin tokens.
 * @param full When given, padding is read and predicted like any token and counts in the mean, as in
 * Keras's example lstm_seq2seq: all batches are padded to these lengths, and nothing is masked. The
 * end token is read too then, so targets are one position longer.
 */
export function pairBatch(
  pairs: readonly EncodedPair[],
  sides: PairSides,
  full: FullLengths | null = null,
): PairBatch {
  const { paddingId, beginId } = sides.targetVocabulary;
  const targetTime = full === null ? undefined : full.target + 1;
  const targets = padSequences(pairs.map(({ target }) => target), paddingId, targetTime);
  const inputs = padSequences(
    pairs.map(({ target }) =>
      Int32Array.of(beginId, ...(full === null ? target.subarray(0, -1) : target))
    ),
    paddingId,
    targetTime,
  );
  const { time, batch, mask } = targets;
  return {
    source: padSources(pairs.map(({ source }) => source), sides.sourceVocabulary, full),
    inputs: inputs.tokens,
    targets: targets.tokens,
    time,
    batch,
    ...(mask === undefined || full !== null ? {} : { mask }),
    tokens: full === null
      ? pairs.reduce((sum, { target }) => sum + target.length, 0)
      : time * batch,
  };
}

/** Sources side by side, with their padding masked, or padded to their full length and not masked. */
export function padSources(
  sources: readonly Int32Array[],
  { paddingId }: PairVocabulary,
  full: FullLengths | null,
): PaddedSequences {
  const padded = padSequences(sources, paddingId, full?.source);
  return full === null ? padded : { ...padded, mask: undefined };
}

/** The longest source and target of some pairs. */
export function fullLengths(pairs: readonly EncodedPair[]): FullLengths {
  return {
    source: Math.max(...pairs.map(({ source }) => source.length)),
    target: Math.max(...pairs.map(({ target }) => target.length)),
  };
}

/** Puts pairs side by side as a model reads them, at least one. */
export type BatchOfPairs<Each extends Batch = Batch> = (pairs: readonly EncodedPair[]) => Each;

const batchSize = integer({ from: 1 });

/**
 * Draws training pairs uniformly, with replacement, padded to the longest of each batch.
 *
 * @param pairs The training pairs.
 * @param options `batchOf`: puts them side by side. `batchSize`: pairs in a batch, from 1. `stream`: where
 * the draws come from; one draw a pair, nothing else.
 */
export function trainingPairBatches<Each extends Batch>(
  pairs: readonly EncodedPair[],
  options: {
    readonly batchOf: BatchOfPairs<Each>;
    readonly batchSize: number;
    readonly stream: RandomStream;
  },
): Omit<TrainingBatches, "next"> & { next(): Each } {
  const { batchOf, batchSize: count, stream } = checkOptions("trainingPairBatches", options, {
    batchOf: passed<BatchOfPairs<Each>>(),
    batchSize,
    stream: passed<RandomStream>(),
  });
  return {
    next: () => batchOf(Array.from({ length: count }, () => pairs[stream.integer(pairs.length)])),
    state: () => stream.state(),
  };
}

/**
 * The pairs that an evaluation reads, spaced evenly.
 *
 * @param pairs All pairs.
 * @param most `pairs`: at most so many. `tokens`: when there are more target tokens, so many pairs as have
 * about that many (at least one).
 */
export function evaluatedPairs(
  pairs: readonly EncodedPair[],
  most: { readonly pairs: number } | { readonly tokens: number },
): readonly EncodedPair[] {
  if ("pairs" in most) return spacedEvenly(pairs, Math.min(pairs.length, most.pairs));
  const total = pairs.reduce((sum, { target }) => sum + target.length, 0);
  const count = total <= most.tokens
    ? pairs.length
    : Math.max(1, Math.floor(pairs.length * most.tokens / total));
  return spacedEvenly(pairs, count);
}

/**
 * Pairs in batches of similar length, shortest first, each pair exactly once.
 *
 * The mean loss over all targets weighs each batch by its `tokens`.
 *
 * @param pairs The pairs.
 * @param options `batchOf`: puts them side by side. `batchSize`: pairs in a batch at most, from 1.
 * `maximumTokens`: when there are more target tokens, take so many pairs as {@link evaluatedPairs} does; no
 * limit when left out.
 */
export function evaluationPairBatches<Each extends Batch>(
  pairs: readonly EncodedPair[],
  options: {
    readonly batchOf: BatchOfPairs<Each>;
    readonly batchSize: number;
    readonly maximumTokens?: number;
  },
): Each[] {
  const { batchOf, batchSize: most, maximumTokens } = checkOptions(
    "evaluationPairBatches",
    options,
    {
      batchOf: passed<BatchOfPairs<Each>>(),
      batchSize,
      maximumTokens: passed<number>(Infinity),
    },
  );
  const chosen = evaluatedPairs(pairs, { tokens: maximumTokens }).toSorted((a, b) =>
    a.target.length - b.target.length || a.source.length - b.source.length
  );
  return Array.from(
    { length: Math.ceil(chosen.length / most) },
    (_, index) => batchOf(chosen.slice(index * most, (index + 1) * most)),
  );
}
