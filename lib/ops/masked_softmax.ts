import * as tf from "@tensorflow/tfjs";
import { arenaTensor, arenaView, hasArena } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { fused } from "./_fused.ts";

/** Arguments of {@link maskedSoftmax}. */
export interface MaskedSoftmaxOptions {
  /** Scores of each query for each key, `[batch, queries, keys]`. */
  readonly scores: tf.Tensor3D;
  /**
   * Added to the scores of every query, `[batch, 1, keys]`: 0, or on padding a number so negative that
   * its exponential is 0. A constant: it has no gradient.
   */
  readonly mask: tf.Tensor3D;
}

/**
 * Softmax over keys with some shut out: p = softmax(scores + mask) along the last axis.
 *
 * The bits, also of the gradient, are those of its twin's operations one after the other, each rounded
 * to single precision; tfjs's own take ten times as long, because they broadcast value by value.
 *
 * @param options Scores and mask.
 * @returns Weights from 0 to 1 that sum to 1 over the keys, `[batch, queries, keys]`.
 * @throws {RangeError} If the shapes do not fit.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { maskedSoftmax } from "./masked_softmax.ts";
 * import assert from "node:assert/strict";
 * const weights = maskedSoftmax({
 *   scores: tf.tensor3d([[[2, 2, 9]]]),
 *   mask: tf.tensor3d([[[0, 0, -1e9]]]),
 * });
 * assert.deepEqual(weights.arraySync(), [[[0.5, 0.5, 0]]]);
 * ```
 */
export function maskedSoftmax(options: MaskedSoftmaxOptions): tf.Tensor3D {
  const { scores, mask } = options;
  checkTensor("maskedSoftmax: scores", scores, ["batch", "queries", "keys"]);
  const [batch, queries, keys] = scores.shape;
  checkTensor("maskedSoftmax: mask", mask, [batch, 1, keys]);
  if (!hasArena()) return maskedSoftmaxTwin(options);
  return fused<tf.Tensor3D>({ scores }, () => {
    const value = arenaTensor<tf.Rank.R3>([batch, queries, keys]);
    const weights = arenaView(value) as Float32Array;
    const given = arenaView(scores), shut = arenaView(mask);
    for (let row = 0, at = 0; row < batch * queries; row++, at += keys) {
      const first = Math.floor(row / queries) * keys;
      let largest = -Infinity;
      for (let key = 0; key < keys; key++) {
        const score = weights[at + key] = Math.fround(given[at + key] + shut[first + key]);
        // As in tfjs's maximum: a NaN stays.
        if (score > largest || Number.isNaN(score)) largest = score;
      }
      let sum = 0;
      for (let key = 0; key < keys; key++) {
        weights[at + key] = Math.exp(Math.fround(weights[at + key] - largest));
        sum += weights[at + key];
      }
      sum = Math.fround(sum);
      for (let key = 0; key < keys; key++) weights[at + key] /= sum;
    }
    return {
      value,
      saved: [value],
      gradients: (dy, [value]) => ({ scores: gradientOf(dy, value as tf.Tensor3D) }),
    };
  });
}

/** dy ∘ p − (Σ dy ∘ p) p, by row. */
function gradientOf(dy: tf.Tensor3D, value: tf.Tensor3D): tf.Tensor3D {
  const keys = value.shape[2];
  const slopes = arenaView(dy), weights = arenaView(value);
  const gradient = arenaTensor<tf.Rank.R3>(value.shape);
  const result = arenaView(gradient) as Float32Array;
  for (let at = 0; at < weights.length; at += keys) {
    let sum = 0;
    for (let i = at; i < at + keys; i++) {
      result[i] = slopes[i] * weights[i];
      sum += result[i];
    }
    sum = Math.fround(sum);
    for (let i = at; i < at + keys; i++) result[i] -= Math.fround(sum * weights[i]);
  }
  return gradient;
}

/** {@link maskedSoftmax} in plain tfjs, on any backend. */
export function maskedSoftmaxTwin({ scores, mask }: MaskedSoftmaxOptions): tf.Tensor3D {
  return tf.tidy(() => tf.softmax(tf.add(scores, mask)) as tf.Tensor3D);
}
