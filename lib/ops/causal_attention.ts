import * as tf from "@tensorflow/tfjs";
import { checkInteger } from "../core/check.ts";
import { arenaPointer, arenaTensor, hasArena } from "../engine/kernels.ts";
import { attend, attendBackward, keptShape } from "./_attention.ts";
import { checkTensor } from "./_check.ts";
import { drawMask, type MaskOptions } from "./_dropout_mask.ts";
import { fused } from "./_fused.ts";
import { dropoutTwin } from "./dropout.ts";

/** Arguments of {@link causalAttention}. */
export interface CausalAttentionOptions {
  /**
   * Queries, keys and values side by side, `[batch · time, 3 · width]`; each is `heads` heads of
   * width / heads columns. Row b · time + t is step t of sequence b: the other order than that of the
   * recurrent layers, so that what a head reads lies together.
   */
  readonly projections: tf.Tensor2D;
  /** Sequences, from 1. */
  readonly batch: number;
  /** Steps of each, from 1. */
  readonly time: number;
  /** Heads, from 1; they divide the width. */
  readonly heads: number;
  /**
   * Share of the probabilities set to 0, in [0, 1), and where the mask comes from; without it none is.
   */
  readonly dropout?: MaskOptions;
}

/**
 * Causal multi-head attention (Vaswani et al. 2017): for each head, with Q, K and V the rows of one
 * sequence and d the width of a head, Y = softmax(Q Kᵀ / √d) V, where step t sees the steps up to t.
 *
 * PyTorch's scaled_dot_product_attention with is_causal. The projections before and after it are
 * `linear`s of their own.
 *
 * With dropout each probability is 0 with its rate, and the others are multiplied by 1 / (1 − rate), after
 * the softmax and before V, as in the paper's code and in PyTorch. The mask is the one that `dropout` makes
 * for `[batch, heads, time, time]`. It is a function of the position: the backward pass computes it again,
 * and nothing is kept for it.
 *
 * @param options Projections, sizes and heads; rate and stream of the dropout.
 * @returns The heads side by side, `[batch · time, width]`.
 * @throws {RangeError} If shapes do not fit, an extent is 0, or the heads do not divide the width.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { causalAttention } from "./causal_attention.ts";
 * import assert from "node:assert/strict";
 * // Keys of 0 weigh all seen steps the same: each step gets the mean of the values so far.
 * const projections = tf.tensor2d([[1, 0, 4], [1, 0, 2], [1, 0, 9]]);
 * const y = causalAttention({ projections, time: 3, batch: 1, heads: 1 });
 * assert.deepEqual(y.arraySync(), [[4], [3], [5]]);
 * ```
 */
export function causalAttention(options: CausalAttentionOptions): tf.Tensor2D {
  const { projections, time, batch, heads } = options;
  checkInteger("causalAttention: time", time, { from: 1 });
  checkInteger("causalAttention: batch", batch, { from: 1 });
  checkInteger("causalAttention: heads", heads, { from: 1 });
  checkTensor("causalAttention: projections", projections, [batch * time, "3 · width"]);
  const width = projections.shape[1] / 3;
  if (!Number.isInteger(width / heads)) {
    throw new RangeError(
      `causalAttention: projections must have three times the width in columns, a width that ` +
        `${heads} heads divide, found ${projections.shape[1]} columns.`,
    );
  }
  if (!hasArena()) return causalAttentionTwin(options);
  const { dropout } = options;
  const drawn = dropout === undefined ? null : drawMask("causalAttention: dropout", dropout);
  const mask = drawn === null || drawn.threshold === 0 ? null : drawn;
  const sizes = {
    ...{ time, before: 0, batch, heads, keyValueHeads: heads, headSize: width / heads, mask },
  };
  const output = (at: number) => ({ at, row: width, sequence: time });
  /** Queries, keys and values side by side. */
  const beside = (tensor: tf.Tensor) => {
    const at = arenaPointer(tensor);
    const [queries, keys, values] = [0, 1, 2].map((part) => ({
      at: at + 4 * part * width,
      ...{ row: 3 * width, sequence: time },
    }));
    return { queries, keys, values };
  };
  const shape = keptShape(sizes);
  return fused<tf.Tensor2D>({ projections }, (gradientWanted) => {
    const value = arenaTensor<tf.Rank.R2>([batch * time, width]);
    const probabilities = gradientWanted && shape ? arenaTensor<tf.Rank.R2>(shape) : null;
    const kept = (tensor: tf.Tensor | null) => tensor ? arenaPointer(tensor) : 0;
    attend(sizes, beside(projections), kept(probabilities), output(arenaPointer(value)));
    return {
      value,
      saved: probabilities ? [projections, probabilities] : [projections],
      gradients: (dy, [projections, probabilities]) => {
        const gradient = arenaTensor<tf.Rank.R2>([batch * time, 3 * width]);
        attendBackward(
          sizes,
          { inputs: beside(projections), gradients: beside(gradient) },
          kept(probabilities ?? null),
          output(arenaPointer(dy)),
        );
        return { projections: gradient };
      },
    };
  });
}

/** {@link causalAttention} in plain tfjs, on any backend. */
export function causalAttentionTwin(options: CausalAttentionOptions): tf.Tensor2D {
  const { projections, time, batch, heads, dropout } = options;
  const width = projections.shape[1] / 3;
  return tf.tidy(() => {
    const parts = tf.reshape(projections, [batch, time, 3, heads, width / heads]);
    // [3, batch, heads, time, width / heads]
    const [q, k, v] = tf.unstack(tf.transpose(parts, [2, 0, 3, 1, 4]), 0);
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads));
    const steps = tf.range(0, time);
    const later = tf.greater(steps, tf.reshape(steps, [time, 1]));
    const masked = tf.add(scores, tf.mul(-1e30, tf.cast(later, "float32")));
    const p: tf.Tensor = tf.softmax(masked);
    const weights = dropout === undefined ? p : dropoutTwin({ inputs: p, ...dropout });
    const y = tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]);
    return tf.reshape(y, [batch * time, width]);
  });
}
