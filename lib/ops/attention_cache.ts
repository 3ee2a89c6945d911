import * as tf from "@tensorflow/tfjs";
import { checkInteger } from "../core/check.ts";
import { arenaPointer, arenaTensor, hasArena, kernels } from "../engine/kernels.ts";
import { attend } from "./_attention.ts";
import { checkTensor } from "./_check.ts";
import { embedding } from "./embedding.ts";
import { attentionBehindTwin } from "./grouped_attention.ts";

/** Queries, keys and values of some steps, as `groupedAttention` has them. */
export interface AttendedSteps {
  /** `[batch · time, heads · headSize]`; row b · time + t is step t of sequence b. */
  readonly queries: tf.Tensor2D;
  /** `[batch · time, keyValueHeads · headSize]` */
  readonly keys: tf.Tensor2D;
  /** `[batch · time, keyValueHeads · headSize]` */
  readonly values: tf.Tensor2D;
  /** Sequences, from 1; as many as before. */
  readonly batch: number;
  /** Steps of each, from 1. */
  readonly time: number;
}

/** Keys and values of the steps that an attention layer has read, of sequences side by side. */
export interface AttentionCache {
  /** Steps of each sequence so far. */
  readonly length: number;
  /**
   * Reads more steps: adds their keys and values, and lets each step see all steps up to its own.
   *
   * @returns The heads side by side, `[batch · time, heads · headSize]`.
   * @throws {RangeError} If shapes do not fit, or there were other numbers of sequences before.
   */
  attend(steps: AttendedSteps): tf.Tensor2D;
  /** Goes on with sequences by their number, in this order; any of them more than once or not at all. */
  keep(sequences: Int32Array): void;
  /** Forgets all steps and frees their memory. */
  dispose(): void;
}

/** Steps that there is room for at first. */
const firstCapacity = 64;

/**
 * Causal attention that is given its steps a few at a time, for generation: after steps in any portions the
 * results are those of {@link groupedAttention} of all at once. It has no gradients.
 *
 * @param sizes Heads of queries, a multiple of those of keys and values.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { attentionCache } from "./attention_cache.ts";
 * import assert from "node:assert/strict";
 * const cache = attentionCache({ heads: 1, keyValueHeads: 1 });
 * const step = (value: number) => cache.attend({
 *   ...{ queries: tf.tensor2d([[1]]), keys: tf.tensor2d([[0]]), values: tf.tensor2d([[value]]) },
 *   ...{ batch: 1, time: 1 },
 * }).dataSync()[0];
 * // Keys of 0 weigh all seen steps the same.
 * assert.deepEqual([step(4), step(2), step(9)], [4, 3, 5]);
 * cache.dispose();
 * ```
 */
export function attentionCache(
  { heads, keyValueHeads }: { readonly heads: number; readonly keyValueHeads: number },
): AttentionCache {
  checkInteger("attentionCache: heads", heads, { from: 1 });
  checkInteger("attentionCache: keyValueHeads", keyValueHeads, { from: 1 });
  if (heads % keyValueHeads !== 0) {
    throw new RangeError(
      `attentionCache: heads must be a multiple of keyValueHeads, found ${heads} and ` +
        `${keyValueHeads}.`,
    );
  }
  let [keys, values] = [newRows(), newRows()];
  let length = 0;
  return {
    get length() {
      return length;
    },
    attend(steps) {
      const { queries, batch, time } = steps;
      checkInteger("attentionCache: time", time, { from: 1 });
      checkInteger("attentionCache: batch", batch, { from: 1 });
      checkTensor("attentionCache: queries", queries, [batch * time, "heads · headSize"]);
      const headSize = queries.shape[1] / heads;
      const shape = [batch * time, keyValueHeads * headSize];
      checkTensor("attentionCache: keys", steps.keys, shape);
      checkTensor("attentionCache: values", steps.values, shape);
      if (keys.rows !== null && keys.rows.shape[0] !== batch) {
        throw new RangeError(
          `attentionCache: there must be ${
            keys.rows.shape[0]
          } sequences, as before, found ${batch}.`,
        );
      }
      const before = length;
      keys = withSteps(keys, before, steps.keys, { batch, time });
      values = withSteps(values, before, steps.values, { batch, time });
      length += time;
      const sizes = { batch, time, before, heads, keyValueHeads };
      if (!hasArena()) {
        const all = ({ rows }: Rows): tf.Tensor2D => tf.reshape(rows!, [batch * length, shape[1]]);
        return tf.tidy(() =>
          attentionBehindTwin({ ...sizes, queries, keys: all(keys), values: all(values) })
        );
      }
      const value = arenaTensor<tf.Rank.R2>([batch * time, queries.shape[1]]);
      const headRows = (tensor: tf.Tensor, row: number, sequence: number) => ({
        at: arenaPointer(tensor),
        ...{ row, sequence },
      });
      const cached = ({ rows, capacity }: Rows) => headRows(rows!, shape[1], capacity);
      attend(
        { ...sizes, headSize, mask: null },
        {
          queries: headRows(queries, queries.shape[1], time),
          ...{ keys: cached(keys), values: cached(values) },
        },
        0,
        headRows(value, queries.shape[1], time),
      );
      return value;
    },
    keep(sequences) {
      const chosen = ({ rows, capacity }: Rows): Rows => {
        if (rows === null) return { rows, capacity };
        const kept = tf.keep(embedding({ table: rows, tokens: sequences }));
        rows.dispose();
        return { rows: kept, capacity };
      };
      [keys, values] = [chosen(keys), chosen(values)];
    },
    dispose() {
      [keys, values].forEach(({ rows }) => rows?.dispose());
      [keys, values] = [newRows(), newRows()];
      length = 0;
    },
  };
}

/** Room for the steps of each sequence. */
interface Rows {
  /** `[batch, capacity · columns]`; null before the first step. */
  readonly rows: tf.Tensor2D | null;
  /** Steps that there is room for. */
  readonly capacity: number;
}

function newRows(): Rows {
  return { rows: null, capacity: 0 };
}

/** The steps so far, `length` of each sequence, and some more. */
function withSteps(
  { rows, capacity }: Rows,
  length: number,
  steps: tf.Tensor2D,
  { batch, time }: { batch: number; time: number },
): Rows {
  const columns = steps.shape[1];
  if (!hasArena()) {
    const added: tf.Tensor2D = tf.reshape(steps, [batch, time * columns]);
    const all = tf.keep(rows === null ? tf.clone(added) : tf.concat([rows, added], 1));
    rows?.dispose();
    return { rows: all, capacity: length + time };
  }
  const enough = length + time <= capacity;
  const room = enough ? capacity : Math.max(firstCapacity, length + time, 2 * capacity);
  const place = enough ? rows! : tf.keep(arenaTensor<tf.Rank.R2>([batch, room * columns]));
  const { repeatRow } = kernels();
  const to = arenaPointer(place), from = arenaPointer(steps);
  for (let b = 0; b < batch; b++) {
    const start = to + 4 * b * room * columns;
    if (!enough && length > 0) {
      repeatRow(arenaPointer(rows!) + 4 * b * capacity * columns, 1, length * columns, start);
    }
    repeatRow(from + 4 * b * time * columns, 1, time * columns, start + 4 * length * columns);
  }
  if (!enough) rows?.dispose();
  return { rows: place, capacity: room };
}
