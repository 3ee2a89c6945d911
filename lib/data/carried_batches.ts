import { checkOptions, integer, orAbsent, orNotGiven, passed } from "../core/options.ts";
import { assemble, type Batch, type CarriedState, inRows, made } from "./batches.ts";
import { layParts } from "./parts.ts";
import { passagesOf } from "./passages.ts";
import type { Tokens } from "./tokens.ts";
import { consecutiveWindows, evenlySpaced, sizes, type Window } from "./windows.ts";

/** Where training with carried state stands: the next window, and the state before it. */
export interface CarriedPosition {
  /** Windows read so far. */
  readonly windows: number;
  /** State after the last of them, as the model kept it; null before the first. */
  readonly states: readonly Float32Array[] | null;
}

/** Training batches without end, in the order of the text. */
export interface CarriedTrainingBatches {
  /** The next window of every stream. */
  next(): Batch;
  /** Where the next one begins. */
  position(): CarriedPosition;
}

/**
 * Reads each span as `batchSize` streams side by side, window after window, the state carried from one
 * to the next and the gradient cut between them (truncated backpropagation through time, as Zaremba et
 * al. 2014 train on the Penn Treebank).
 *
 * Of a span of L tokens stream b reads the ⌊(L − 1)/batchSize⌋ targets after those of stream b − 1; what
 * is left at the end is not read. The last window of a span is shorter. At a span's first window, so
 * after a gap and after the text's end, the state is zero again. Nothing is drawn at random.
 *
 * @param spans Token ids of each training span; one with fewer than batchSize targets is left out.
 * @param options `windowLength`: targets in a window, from 1. `batchSize`: streams, from 1. `from`: where
 * to go on; the beginning by default.
 * @throws {RangeError} If every span has fewer than batchSize targets.
 *
 * @example
 * ```ts
 * import { carriedTrainingBatches } from "./carried_batches.ts";
 * import { tokensInMemory } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * const spans = [tokensInMemory(Int32Array.of(0, 1, 2, 3, 4, 5, 6))];
 * const batches = carriedTrainingBatches(spans, { windowLength: 2, batchSize: 2 });
 * // Streams 0 1 2 and 3 4 5, time-major.
 * assert.deepEqual([...batches.next().inputs], [0, 3, 1, 4]);
 * const last = batches.next();
 * assert.deepEqual([...last.inputs], [2, 5]);
 * assert.deepEqual([...last.targets], [3, 6]);
 * ```
 */
export function carriedTrainingBatches(
  spans: readonly Tokens[],
  options: {
    readonly windowLength: number;
    readonly batchSize: number;
    readonly from?: CarriedPosition;
  },
): CarriedTrainingBatches {
  const { windowLength, batchSize, from } = checkOptions("carriedTrainingBatches", options, {
    ...sizes,
    from: orNotGiven(passed<CarriedPosition>({ windows: 0, states: null })),
  });
  /** Targets of each stream in each span. */
  const lengths = spans.map((span) => targetsOfStream(span.length, batchSize));
  const epoch = layParts(lengths.map((length) => Math.ceil(length / windowLength)));
  if (epoch.total === 0) {
    const longest = spans.reduce((most, span) => Math.max(most, span.length - 1), 0);
    throw new RangeError(
      `carriedTrainingBatches: a span must have at least one target for each of batchSize ` +
        `${batchSize} streams, found ${longest} in the longest.`,
    );
  }
  let { windows, states } = from;
  return {
    next() {
      const { part, place } = epoch.find(windows % epoch.total);
      const length = lengths[part];
      const start = place * windowLength;
      const time = Math.min(windowLength, length - start);
      const before = start === 0 ? null : states;
      windows++;
      const rows = Array.from({ length: batchSize }, (_, stream): Window => ({
        span: spans[part],
        start: stream * length + start,
        length: time,
      }));
      return {
        ...assemble(rows, time, batchSize),
        carried: { before: () => before, keep: (after) => states = after },
      };
    },
    position: () => ({ windows, states }),
  };
}

/**
 * Targets of each batch that {@link carriedTrainingBatches} reads of spans of some lengths until it begins
 * anew.
 */
export function carriedTargetsOfEpoch(
  lengths: readonly number[],
  { windowLength, batchSize }: { readonly windowLength: number; readonly batchSize: number },
): number[] {
  return lengths.flatMap((length) => {
    const targets = targetsOfStream(length, batchSize);
    return Array.from(
      { length: Math.ceil(targets / windowLength) },
      (_, window) => batchSize * Math.min(windowLength, targets - window * windowLength),
    );
  });
}

/** Targets of each stream in a span of so many tokens. */
function targetsOfStream(tokens: number, batchSize: number): number {
  return Math.max(0, Math.floor((tokens - 1) / batchSize));
}

/**
 * Cuts spans into stretches of `stretchLength` targets, each target exactly once, and reads many of them
 * side by side, window after window, the state carried from one to the next: as training does, from zero
 * at the beginning of each stretch.
 *
 * The batches are to be read in their order, each made anew whenever they are: those of a long text fill no
 * memory. The mean loss over all targets weighs each by its `tokens`.
 *
 * @param spans Token ids of each span; no stretch goes over the end of one.
 * @param options `windowLength`: targets in a window, from 1. `batchSize`: stretches side by side at
 * most, from 1. `stretchLength`: from windowLength. `maximumTokens`: when there are more targets, take
 * ⌊maximumTokens / stretchLength⌋ stretches, one at least, spaced evenly over all of them.
 * @throws {RangeError} If there is no target at all.
 *
 * @example
 * ```ts
 * import { carriedEvaluationBatches } from "./carried_batches.ts";
 * import { tokensInMemory } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * const options = { windowLength: 2, batchSize: 8, stretchLength: 3 };
 * const spans = [tokensInMemory(Int32Array.of(5, 6, 7, 8, 9))];
 * const [first, second] = carriedEvaluationBatches(spans, options);
 * assert.deepEqual([...first.inputs], [5, 8, 6, 0]);
 * assert.deepEqual([...second.inputs], [7, 0]);
 * assert.deepEqual([...second.mask!], [1, 0]);
 * ```
 */
export function carriedEvaluationBatches(
  spans: readonly Tokens[],
  options: {
    readonly windowLength: number;
    readonly batchSize: number;
    readonly stretchLength: number;
    readonly maximumTokens?: number;
  },
): Iterable<Batch> {
  const subject = "carriedEvaluationBatches";
  const { windowLength, batchSize, stretchLength, maximumTokens } = checkOptions(subject, options, {
    ...sizes,
    stretchLength: integer({ from: options?.windowLength }),
    maximumTokens: orAbsent(integer({ from: 1 })),
  });
  const all = consecutiveWindows(passagesOf(spans, "across"), stretchLength);
  if (all.count === 0) {
    throw new RangeError(`${subject}: a span must have at least 2 tokens, found none such.`);
  }
  const stretches = maximumTokens !== undefined && all.targets > maximumTokens
    ? evenlySpaced(all, Math.max(1, Math.floor(maximumTokens / stretchLength)))
    : all;
  return made(function* () {
    for (const rows of inRows(stretches, batchSize)) {
      yield* carriedOver(rows, windowLength, Math.min(batchSize, stretches.count));
    }
  });
}

/** Windows of stretches side by side, one after the other. */
function* carriedOver(
  rows: readonly Window[],
  windowLength: number,
  batch: number,
): Generator<Batch, void> {
  const longest = Math.max(...rows.map(({ length }) => length));
  /** Where a batch keeps the state after it, for the next one: each can be read more than once. */
  interface Kept {
    states: readonly Float32Array[] | null;
  }
  let before: Kept = { states: null };
  for (let start = 0; start < longest; start += windowLength) {
    const time = Math.min(windowLength, longest - start);
    const [previous, own]: [Kept, Kept] = [before, { states: null }];
    before = own;
    const carried: CarriedState = {
      before: () => previous.states,
      keep: (after) => own.states = after,
    };
    const part = rows.map((row): Window => ({
      span: row.span,
      start: row.start + start,
      length: Math.max(0, Math.min(time, row.length - start)),
    }));
    yield { ...assemble(part, time, batch), carried };
  }
}
