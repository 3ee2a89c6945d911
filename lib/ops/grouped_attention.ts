import * as tf from "@tensorflow/tfjs";
import { checkInteger } from "../core/check.ts";
import { arenaPointer, arenaTensor, hasArena } from "../engine/kernels.ts";
import { attend, attendBackward, keptShape } from "./_attention.ts";
import { checkTensor } from "./_check.ts";
import { drawMask, type MaskOptions } from "./_dropout_mask.ts";
import { dropoutTwin } from "./dropout.ts";
import { fused } from "./_fused.ts";

/** Arguments of {@link groupedAttention}. */
export interface GroupedAttentionOptions {
  /** `[batch · time, heads · headSize]`; row b · time + t is step t of sequence b. */
  readonly queries: tf.Tensor2D;
  /** `[batch · time, keyValueHeads · headSize]` */
  readonly keys: tf.Tensor2D;
  /** `[batch · time, keyValueHeads · headSize]` */
  readonly values: tf.Tensor2D;
  /** Sequences, from 1. */
  readonly batch: number;
  /** Steps of each, from 1. */
  readonly time: number;
  /** Heads of queries, from 1, a multiple of `keyValueHeads`. */
  readonly heads: number;
  /** Heads of keys and values, from 1. */
  readonly keyValueHeads: number;
  /**
   * Share of the probabilities set to 0, in [0, 1), and where the mask comes from; without it none is.
   */
  readonly dropout?: MaskOptions;
}

/**
 * Causal attention with fewer heads of keys and values than of queries (Ainslie et al. 2023): head h of
 * the queries reads head ⌊h · keyValueHeads / heads⌋ of keys and values, each as in
 * {@link causalAttention}. With as many it is multi-head attention, with one of Shazeer's 2019 multi-query
 * attention.
 *
 * PyTorch's scaled_dot_product_attention with is_causal and enable_gqa. The mask of dropout is that of
 * `causalAttention` with `heads` heads.
 *
 * @param options Queries, keys, values, sizes and heads; rate and stream of the dropout.
 * @returns The heads side by side, `[batch · time, heads · headSize]`.
 * @throws {RangeError} If shapes do not fit, an extent is 0, or heads do not divide.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { groupedAttention } from "./grouped_attention.ts";
 * import assert from "node:assert/strict";
 * // Keys of 0 weigh all seen steps the same; both heads of queries read the one head of values.
 * const y = groupedAttention({
 *   queries: tf.tensor2d([[1, 2], [1, 2], [1, 2]]),
 *   keys: tf.tensor2d([[0], [0], [0]]),
 *   values: tf.tensor2d([[4], [2], [9]]),
 *   ...{ time: 3, batch: 1, heads: 2, keyValueHeads: 1 },
 * });
 * assert.deepEqual(y.arraySync(), [[4, 4], [3, 3], [5, 5]]);
 * ```
 */
export function groupedAttention(options: GroupedAttentionOptions): tf.Tensor2D {
  const { queries, keys, values, time, batch, heads, keyValueHeads } = options;
  checkInteger("groupedAttention: time", time, { from: 1 });
  checkInteger("groupedAttention: batch", batch, { from: 1 });
  checkInteger("groupedAttention: heads", heads, { from: 1 });
  checkInteger("groupedAttention: keyValueHeads", keyValueHeads, { from: 1 });
  checkTensor("groupedAttention: queries", queries, [batch * time, "heads · headSize"]);
  const headSize = queries.shape[1] / heads;
  if (!Number.isInteger(headSize) || heads % keyValueHeads !== 0) {
    throw new RangeError(
      `groupedAttention: heads must divide the columns of queries and be a multiple of ` +
        `keyValueHeads, found ${heads}, ${queries.shape[1]} columns and ${keyValueHeads}.`,
    );
  }
  const shape = [batch * time, keyValueHeads * headSize];
  checkTensor("groupedAttention: keys", keys, shape);
  checkTensor("groupedAttention: values", values, shape);
  if (!hasArena()) return groupedAttentionTwin(options);
  const { dropout } = options;
  const drawn = dropout === undefined ? null : drawMask("groupedAttention: dropout", dropout);
  const mask = drawn === null || drawn.threshold === 0 ? null : drawn;
  const sizes = { time, before: 0, batch, heads, keyValueHeads, headSize, mask };
  const kept = keptShape(sizes);
  const rows = (tensor: tf.Tensor) => ({
    at: arenaPointer(tensor),
    ...{ row: tensor.shape[1]!, sequence: time },
  });
  const inputsOf = ([queries, keys, values]: readonly tf.Tensor[]) => ({
    ...{ queries: rows(queries), keys: rows(keys), values: rows(values) },
  });
  return fused<tf.Tensor2D>({ queries, keys, values }, (gradientWanted) => {
    const value = arenaTensor<tf.Rank.R2>([batch * time, heads * headSize]);
    const probabilities = gradientWanted && kept ? [arenaTensor<tf.Rank.R2>(kept)] : [];
    const saved = [queries, keys, values, ...probabilities];
    attend(sizes, inputsOf(saved), probabilities.map(arenaPointer)[0] ?? 0, rows(value));
    return {
      value,
      saved,
      gradients: (dy, saved) => {
        const [dQueries, dKeys, dValues] = saved.slice(0, 3)
          .map((tensor) => arenaTensor(tensor.shape));
        attendBackward(
          sizes,
          { inputs: inputsOf(saved), gradients: inputsOf([dQueries, dKeys, dValues]) },
          saved.length > 3 ? arenaPointer(saved[3]) : 0,
          rows(dy),
        );
        return { queries: dQueries, keys: dKeys, values: dValues };
      },
    };
  });
}

/** {@link groupedAttention} in plain tfjs, on any backend. */
export function groupedAttentionTwin(options: GroupedAttentionOptions): tf.Tensor2D {
  return attentionBehindTwin({ ...options, before: 0 });
}

/** The same of steps that also see `before` steps of keys and values which are not theirs. */
export function attentionBehindTwin(
  options: GroupedAttentionOptions & { readonly before: number },
): tf.Tensor2D {
  const { queries, keys, values, time, before, batch, heads, keyValueHeads, dropout } = options;
  const headSize = queries.shape[1] / heads;
  const group = heads / keyValueHeads;
  return tf.tidy(() => {
    // [batch, heads, time, headSize]
    const headsOf = (rows: tf.Tensor2D, heads: number, time: number) =>
      tf.transpose(tf.reshape(rows, [batch, time, heads, headSize]), [0, 2, 1, 3]);
    // tfjs has gradients of tile up to rank 4.
    const repeated = (rows: tf.Tensor2D) => {
      const steps = before + time;
      const each = tf.reshape(
        headsOf(rows, keyValueHeads, steps),
        [batch, keyValueHeads, 1, steps * headSize],
      );
      return tf.reshape(tf.tile(each, [1, 1, group, 1]), [batch, heads, steps, headSize]);
    };
    const scores = tf.mul(
      tf.matMul(headsOf(queries, heads, time), repeated(keys), false, true),
      1 / Math.sqrt(headSize),
    );
    const own = tf.reshape(tf.range(before, before + time), [time, 1]);
    const later = tf.greater(tf.range(0, before + time), own);
    const masked = tf.add(scores, tf.mul(-1e30, tf.cast(later, "float32")));
    const p: tf.Tensor = tf.softmax(masked);
    const weights = dropout === undefined ? p : dropoutTwin({ inputs: p, ...dropout });
    const y = tf.transpose(tf.matMul(weights, repeated(values)), [0, 2, 1, 3]);
    return tf.reshape(y, [batch * time, heads * headSize]);
  });
}
