import { checkOptions, integer, orAbsent, passed } from "../core/options.ts";
import type { RandomState, RandomStream } from "../core/random.ts";

/** Windows of text that are computed together; time-major: position t of row b is at t·batch + b. */
export interface Batch {
  /** Token ids that are read, [time × batch]. */
  readonly inputs: Int32Array;
  /** Token ids that follow them and are predicted, [time × batch]. */
  readonly targets: Int32Array;
  /** Positions of a window. */
  readonly time: number;
  /** Windows side by side. */
  readonly batch: number;
  /** 1 where a target counts, 0 where it is padding, [time × batch]; absent when all count. */
  readonly mask?: Float32Array;
  /** Number of targets that count. */
  readonly tokens: number;
  /** Where the state that a model carries over windows is; absent when each window begins at zero. */
  readonly carried?: CarriedState;
  /** What a teacher says of each target, in training by one; rows as those of the targets. */
  readonly softTargets?: TeacherTargets;
}

/** A teacher's probabilities of what a batch predicts, and how much they count. */
export interface TeacherTargets {
  /** Of every token at each position, at the temperature, [time × batch × vocabulary]. */
  readonly probabilities: Float32Array;
  /** Share of the training loss that the divergence from them makes, from 0 to 1. */
  readonly share: number;
  /** Divides the logits, above 0. */
  readonly temperature: number;
}

/** Passes the state of a recurrent model from one batch to the next. */
export interface CarriedState {
  /** State before the first position, tensor by tensor as the model kept it; null for zeros. */
  before(): readonly Float32Array[] | null;
  /** Takes the state after the last position; the model calls it whenever it reads the batch. */
  keep(states: readonly Float32Array[]): void;
}

/** Training batches without end. */
export interface TrainingBatches {
  /** Draws the next batch. */
  next(): Batch;
  /** State of the stream: `RandomStream.from(state)` goes on with the same batches. */
  state(): RandomState;
}

/**
 * Draws training windows uniformly, with replacement, from all positions of all spans at which a
 * whole window fits.
 *
 * @param spans Token ids of each training span; a span of L tokens offers L − windowLength
 * positions, a shorter one none.
 * @param options `windowLength`: targets in a window, from 1. `batchSize`: windows in a batch, from
 * 1. `stream`: where the draws come from; one draw a window, nothing else.
 * @throws {RangeError} If no span is longer than windowLength.
 *
 * @example
 * ```ts
 * import { randomStream } from "../core/random.ts";
 * import { trainingBatches } from "./batches.ts";
 * import assert from "node:assert/strict";
 * const spans = [Int32Array.of(0, 1, 2, 3)];
 * const stream = randomStream(1, "batches");
 * const batch = trainingBatches(spans, { windowLength: 3, batchSize: 2, stream }).next();
 * assert.deepEqual([...batch.inputs], [0, 0, 1, 1, 2, 2]);
 * assert.deepEqual([...batch.targets], [1, 1, 2, 2, 3, 3]);
 * ```
 */
export function trainingBatches(
  spans: readonly Int32Array[],
  options: {
    readonly windowLength: number;
    readonly batchSize: number;
    readonly stream: RandomStream;
  },
): TrainingBatches {
  const { windowLength: time, batchSize: batch, stream } = checkOptions(
    "trainingBatches",
    options,
    { ...sizes, stream: passed<RandomStream>() },
  );
  refuseShortSpans("trainingBatches", spans, time);
  const positions = spans.map((span) => Math.max(0, span.length - time));
  const total = positions.reduce((sum, count) => sum + count, 0);
  return {
    next() {
      const windows = Array.from({ length: batch }, (): Window => {
        let start = stream.integer(total);
        let index = 0;
        while (start >= positions[index]) start -= positions[index++];
        return { span: spans[index], start, length: time };
      });
      return assemble(windows, time, batch);
    },
    state: () => stream.state(),
  };
}

/**
 * Cuts spans into consecutive windows, each target exactly once: a window starts where the one
 * before ended, from a zero state, and the last one of a span is shorter, padded and masked. Rows
 * that fill the last batch are masked whole.
 *
 * The mean loss over all targets weighs each batch by its `tokens`.
 *
 * @param spans Token ids of each span; one of L tokens has L − 1 targets.
 * @param options `windowLength`: targets in a window, from 1. `batchSize`: windows in a batch at
 * most, from 1. `maximumTokens`: when there are more targets, take ⌊maximumTokens / windowLength⌋
 * windows spaced evenly over all of them; from windowLength, no limit when left out.
 * @throws {RangeError} If there is no target at all.
 *
 * @example
 * ```ts
 * import { evaluationBatches } from "./batches.ts";
 * import assert from "node:assert/strict";
 * const spans = [Int32Array.of(5, 6, 7, 8)];
 * const [batch] = evaluationBatches(spans, { windowLength: 2, batchSize: 8 });
 * assert.deepEqual([...batch.inputs], [5, 7, 6, 0]);
 * assert.deepEqual([...batch.targets], [6, 8, 7, 0]);
 * assert.deepEqual([...batch.mask!], [1, 1, 1, 0]);
 * ```
 */
export function evaluationBatches(
  spans: readonly Int32Array[],
  options: {
    readonly windowLength: number;
    readonly batchSize: number;
    readonly maximumTokens?: number;
  },
): Batch[] {
  const { windowLength: time, batchSize, maximumTokens } = checkOptions(
    "evaluationBatches",
    options,
    { ...sizes, maximumTokens: orAbsent(integer({ from: options?.windowLength })) },
  );
  let windows = consecutiveWindows(spans, time);
  if (windows.length === 0) {
    throw new RangeError("evaluationBatches: a span must have at least 2 tokens, found none such.");
  }
  const targets = windows.reduce((sum, window) => sum + window.length, 0);
  if (maximumTokens !== undefined && targets > maximumTokens) {
    windows = spacedEvenly(windows, Math.floor(maximumTokens / time));
  }
  const batch = Math.min(batchSize, windows.length);
  return Array.from(
    { length: Math.ceil(windows.length / batch) },
    (_, index) => assemble(windows.slice(index * batch, (index + 1) * batch), time, batch),
  );
}

/** Refuses spans none of which holds a whole window. */
export function refuseShortSpans(
  subject: string,
  spans: readonly Int32Array[],
  windowLength: number,
): void {
  const longest = Math.max(0, ...spans.map((span) => span.length));
  if (longest > windowLength) return;
  throw new RangeError(
    `${subject}: a span must have at least windowLength + 1 = ${windowLength + 1} tokens, found ` +
      `${longest} in the longest.`,
  );
}

/** A stretch of a span: `length` targets from `start` on. */
export interface Window {
  readonly span: Int32Array;
  readonly start: number;
  /** Targets, at most the batch's time. */
  readonly length: number;
}

/** Cuts spans into consecutive windows of `time` targets; the last one of a span may be shorter. */
export function consecutiveWindows(spans: readonly Int32Array[], time: number): Window[] {
  const windows: Window[] = [];
  for (const span of spans) {
    const targets = span.length - 1;
    for (let start = 0; start < targets; start += time) {
      windows.push({ span, start, length: Math.min(time, targets - start) });
    }
  }
  return windows;
}

/** `count` items of a list (all, when it has fewer), spaced evenly over it. */
export function spacedEvenly<T>(list: readonly T[], count: number): T[] {
  const chosen = Math.min(count, list.length);
  return Array.from(
    { length: chosen },
    (_, index) => list[Math.floor((index + 0.5) * list.length / chosen)],
  );
}

/** Rows of windows side by side, those that are shorter than `time` padded and masked. */
export function assemble(windows: readonly Window[], time: number, batch: number): Batch {
  const inputs = new Int32Array(time * batch);
  const targets = new Int32Array(time * batch);
  const mask = new Float32Array(time * batch);
  let tokens = 0;
  for (const [row, { span, start, length }] of windows.entries()) {
    tokens += length;
    for (let t = 0; t < length; t++) {
      inputs[t * batch + row] = span[start + t];
      targets[t * batch + row] = span[start + t + 1];
      mask[t * batch + row] = 1;
    }
  }
  const full = tokens === time * batch;
  return { inputs, targets, time, batch, tokens, ...(full ? {} : { mask }) };
}

/** The two sizes that all batches have. */
export const sizes = { windowLength: integer({ from: 1 }), batchSize: integer({ from: 1 }) };
