import { checkOptions, integer, orAbsent, passed } from "../core/options.ts";
import type { RandomState, RandomStream } from "../core/random.ts";
import { layParts } from "./parts.ts";
import { type DocumentWindows, passagesOf } from "./passages.ts";
import type { Tokens } from "./tokens.ts";
import {
  consecutiveWindows,
  documentWindows,
  evenlySpaced,
  placesToBegin,
  refuseShortSpans,
  sizes,
  type Window,
  type Windows,
} from "./windows.ts";

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
 * Inside documents a window begins at any position from which a whole one fits into the document, and a
 * document that is no longer than a window is one window, padded and masked.
 *
 * @param spans Token ids of each training span; a span of L tokens offers L − windowLength
 * positions, a shorter one none; inside documents each of them so, but one at least.
 * @param options `windowLength`: targets in a window, from 1. `batchSize`: windows in a batch, from
 * 1. `stream`: where the draws come from; one draw a window, nothing else. `documents`: `across` their ends
 * by default, or `inside` of them.
 * @throws {RangeError} If no span is longer than windowLength, or no document has a target.
 *
 * @example
 * ```ts
 * import { randomStream } from "../core/random.ts";
 * import { trainingBatches } from "./batches.ts";
 * import { tokensInMemory } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * const spans = [tokensInMemory(Int32Array.of(0, 1, 2, 3))];
 * const stream = randomStream(1, "batches");
 * const batch = trainingBatches(spans, { windowLength: 3, batchSize: 2, stream }).next();
 * assert.deepEqual([...batch.inputs], [0, 0, 1, 1, 2, 2]);
 * assert.deepEqual([...batch.targets], [1, 1, 2, 2, 3, 3]);
 * ```
 */
export function trainingBatches(
  spans: readonly Tokens[],
  options: {
    readonly windowLength: number;
    readonly batchSize: number;
    readonly stream: RandomStream;
    readonly documents?: DocumentWindows;
  },
): TrainingBatches {
  const subject = "trainingBatches";
  const { windowLength: time, batchSize: batch, stream, documents } = checkOptions(
    subject,
    options,
    { ...sizes, stream: passed<RandomStream>(), documents: documentWindows },
  );
  refuseShortSpans(subject, spans, { windowLength: time, documents });
  const passages = passagesOf(spans, documents);
  const positions = layParts(placesToBegin(passages, { windowLength: time, documents }));
  return {
    next() {
      const windows = Array.from({ length: batch }, (): Window => {
        const { part, place } = positions.find(stream.integer(positions.total));
        const { span, start, length } = passages.at(part);
        return { span, start: start + place, length: Math.min(time, length - 1) };
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
 * windows spaced evenly over all of them; from windowLength, no limit when left out. `documents`: whether
 * windows run `across` the ends of documents, by default, or stay `inside`: then the last one of each is
 * shorter.
 * @returns The batches, each made anew whenever it is read: those of a long text fill no memory.
 * @throws {RangeError} If there is no target at all.
 *
 * @example
 * ```ts
 * import { evaluationBatches } from "./batches.ts";
 * import { tokensInMemory } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * const spans = [tokensInMemory(Int32Array.of(5, 6, 7, 8))];
 * const [batch] = evaluationBatches(spans, { windowLength: 2, batchSize: 8 });
 * assert.deepEqual([...batch.inputs], [5, 7, 6, 0]);
 * assert.deepEqual([...batch.targets], [6, 8, 7, 0]);
 * assert.deepEqual([...batch.mask!], [1, 1, 1, 0]);
 * ```
 */
export function evaluationBatches(
  spans: readonly Tokens[],
  options: {
    readonly windowLength: number;
    readonly batchSize: number;
    readonly maximumTokens?: number;
    readonly documents?: DocumentWindows;
  },
): Iterable<Batch> {
  const { windowLength: time, batchSize, maximumTokens, documents } = checkOptions(
    "evaluationBatches",
    options,
    {
      ...sizes,
      maximumTokens: orAbsent(integer({ from: options?.windowLength })),
      documents: documentWindows,
    },
  );
  const all = consecutiveWindows(passagesOf(spans, documents), time);
  if (all.count === 0) {
    throw new RangeError("evaluationBatches: a span must have at least 2 tokens, found none such.");
  }
  const windows = maximumTokens !== undefined && all.targets > maximumTokens
    ? evenlySpaced(all, Math.floor(maximumTokens / time))
    : all;
  return made(function* () {
    for (const rows of inRows(windows, batchSize)) {
      yield assemble(rows, time, Math.min(batchSize, windows.count));
    }
  });
}

/** What a generator gives, from the beginning whenever it is read. */
export function made<Item>(items: () => Generator<Item, void>): Iterable<Item> {
  return { [Symbol.iterator]: items };
}

/** Windows in their order, `batchSize` at once; the last ones may be fewer. */
export function* inRows({ count, at }: Windows, batchSize: number): Generator<Window[], void> {
  for (let start = 0; start < count; start += batchSize) {
    const length = Math.min(batchSize, count - start);
    yield Array.from({ length }, (_, index) => at(start + index));
  }
}

/** Rows of windows side by side, those that are shorter than `time` padded and masked. */
export function assemble(windows: readonly Window[], time: number, batch: number): Batch {
  const inputs = new Int32Array(time * batch);
  const targets = new Int32Array(time * batch);
  const mask = new Float32Array(time * batch);
  const ids = new Int32Array(time + 1);
  let tokens = 0;
  for (const [row, { span, start, length }] of windows.entries()) {
    if (length === 0) continue;
    tokens += length;
    span.read(start, ids.subarray(0, length + 1));
    for (let t = 0; t < length; t++) {
      inputs[t * batch + row] = ids[t];
      targets[t * batch + row] = ids[t + 1];
      mask[t * batch + row] = 1;
    }
  }
  const full = tokens === time * batch;
  return { inputs, targets, time, batch, tokens, ...(full ? {} : { mask }) };
}
