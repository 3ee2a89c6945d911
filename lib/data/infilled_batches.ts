import type { RandomStream } from "../core/random.ts";
import type { Batch } from "./batches.ts";
import { endId } from "./fold_tokens.ts";
import { type CutText, fittingParts, infillSequence } from "./text_parts.ts";
import type { InfillMarks } from "./tokenizers/vocabulary.ts";

/** Which pieces of windows are rearranged. */
export interface Infilling {
  /** Probability of each piece to be rearranged, from 0 to 1. */
  readonly rate: number;
  /** Probability of each of these that its suffix comes first, from 0 to 1. */
  readonly suffixFirst: number;
}

/** What rearranges them. */
interface Rearranging extends Infilling {
  readonly infillMarks: InfillMarks;
  /** Cuts pieces; see `textCutter`. */
  readonly cut: CutText;
  /** Where the draws come from. */
  readonly stream: RandomStream;
}

/** Tokens of a rearranged piece that are no text: three marks and the end. */
export const addedTokens = 4;

/**
 * A window whose pieces are rearranged, each with probability `rate`, so that a model learns to fill in the
 * middle: a piece is what of a document lies in the window, cut into prefix, middle and suffix (`textCutter`)
 * and laid as `infillSequence` says, the end mark behind its middle.
 *
 * Where marks find no more room, the piece loses tokens at its end, so that its three parts and the end mark
 * are always there; it stays as it is where none would be left. The mark that a window begins with is left out
 * before a piece that is rearranged.
 *
 * Four numbers are drawn for each piece, whatever becomes of it: at another rate the same pieces are cut at
 * the same places, and those of the smaller rate are among those of the larger one.
 *
 * @param ids Token ids of the window: the one that is read first, and its targets.
 * @param room Tokens that there is room for.
 *
 * @example
 * ```ts
 * import { randomStream } from "../core/random.ts";
 * import { infilledWindow } from "./infilled_batches.ts";
 * import assert from "node:assert/strict";
 * const infilled = infilledWindow(Int32Array.of(5, 6, 7, 8, 9), 9, {
 *   ...{ rate: 1, suffixFirst: 0, infillMarks: { prefixId: 10, suffixId: 11, middleId: 12 } },
 *   cut: (ids) => ({ prefix: ids.slice(0, 2), middle: ids.slice(2, 3), suffix: ids.slice(3) }),
 *   stream: randomStream(1, "infilling"),
 * });
 * assert.deepEqual([...infilled], [10, 5, 6, 11, 8, 9, 12, 7, 1]);
 * ```
 */
export function infilledWindow(
  ids: Int32Array,
  room: number,
  { rate, suffixFirst, infillMarks, cut, stream }: Rearranging,
): Int32Array {
  const laid: number[] = [];
  for (let from = 0; from < ids.length;) {
    const end = ids.indexOf(endId, from);
    const piece = ids.subarray(from, end < 0 ? ids.length : end);
    from += piece.length + 1;
    if (piece.length > 0) {
      const chosen = stream.uniform() < rate;
      const order = stream.uniform() < suffixFirst;
      const cuts = [stream.uniform(), stream.uniform()] as const;
      const begun = laid.length === 1 && laid[0] === endId ? 0 : laid.length;
      const left = room - begun - addedTokens;
      const parts = chosen && left > 0 ? cut(piece.subarray(0, left), cuts) : null;
      if (parts !== null && Object.values(parts).some(({ length }) => length > 0)) {
        laid.length = begun;
        laid.push(...infillSequence(fittingParts(parts, left), infillMarks, order), endId);
        continue;
      }
      laid.push(...piece);
    }
    if (end >= 0) laid.push(endId);
  }
  return Int32Array.from(laid.slice(0, room));
}

/**
 * A batch whose windows are those of another one, rearranged one after the other by {@link infilledWindow}. It
 * has as many positions. Targets that are marks of infilling do not count: who asks for a middle gives them,
 * and a model that learned to predict them would expect them in texts where they never stand.
 */
export function infilledBatch(given: Batch, rearranging: Rearranging): Batch {
  const { time, batch } = given;
  const windows = Array.from(
    { length: batch },
    (_, row) => infilledWindow(windowOf(given, row), time + 1, rearranging),
  );
  const marks = Object.values(rearranging.infillMarks);
  return batchOfSequences(windows, time, (target) => !marks.includes(target));
}

/** Token ids of one window of a batch, without padding. */
function windowOf({ inputs, targets, mask, time, batch }: Batch, row: number): Int32Array {
  const ids: number[] = [];
  for (let at = row; at < time * batch && mask?.[at] !== 0; at += batch) {
    if (at === row) ids.push(inputs[at]);
    ids.push(targets[at]);
  }
  return Int32Array.from(ids);
}

/**
 * Sequences side by side, padded and masked after their ends.
 *
 * @param sequences Token ids; all but the first of each are targets.
 * @param time Positions, as many as the longest sequence has targets or more.
 * @param counts Whether a target counts, by its id, its place in the sequence, and the sequence's own place.
 */
export function batchOfSequences(
  sequences: readonly Int32Array[],
  time: number,
  counts: (target: number, place: number, row: number) => boolean,
): Batch {
  const batch = sequences.length;
  const inputs = new Int32Array(time * batch);
  const targets = new Int32Array(time * batch);
  const mask = new Float32Array(time * batch);
  let tokens = 0;
  for (const [row, ids] of sequences.entries()) {
    for (let place = 1; place < ids.length; place++) {
      const at = (place - 1) * batch + row;
      inputs[at] = ids[place - 1];
      targets[at] = ids[place];
      if (!counts(ids[place], place, row)) continue;
      mask[at] = 1;
      tokens++;
    }
  }
  return { inputs, targets, time, batch, tokens, ...(tokens < time * batch && { mask }) };
}
