import * as tf from "@tensorflow/tfjs";
import { checkInteger } from "../core/check.ts";
import {
  arenaPointer,
  arenaTensor,
  hasArena,
  kernels,
  products,
  withScratch,
} from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { drawMask, type Mask, type MaskOptions } from "./_dropout_mask.ts";
import { fused } from "./_fused.ts";
import { dropoutTwin } from "./dropout.ts";
import { keepsProbabilities } from "./kept_probabilities.ts";

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

/** Queries that are computed together: what they do not see of later keys is saved. */
const blockRows = 64;

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
  const sizes = { time, batch, heads, width, mask };
  const kept = keepsProbabilities(options);
  return fused<tf.Tensor2D>({ projections }, (gradientWanted) => {
    const value = arenaTensor<tf.Rank.R2>([batch * time, width]);
    const probabilities = gradientWanted && kept
      ? arenaTensor<tf.Rank.R2>([batch * heads, time * strideOf(time)])
      : null;
    attend(sizes, projections, probabilities, value);
    return {
      value,
      saved: probabilities ? [projections, probabilities] : [projections],
      gradients: (dy, [projections, probabilities]) => ({
        projections: attendBackward(sizes, projections, probabilities ?? null, dy),
      }),
    };
  });
}

/** Rows of probabilities are whole vectors of 4. */
function strideOf(keys: number): number {
  return Math.ceil(keys / 4) * 4;
}

interface Sizes {
  readonly time: number;
  readonly batch: number;
  readonly heads: number;
  readonly width: number;
  /** Of the probabilities; null where none is dropped. */
  readonly mask: Mask | null;
}

/** A block of queries of one head of one sequence; addresses in bytes. */
interface Block {
  /** First query, and their number. */
  readonly first: number;
  readonly rows: number;
  /** Keys that the last of them sees, and the distance of the rows of probabilities. */
  readonly keys: number;
  readonly stride: number;
  /** First query, and key and value of step 0, in the projections. */
  readonly q: number;
  readonly k: number;
  readonly v: number;
  /** Offset of the first query's row in the output. */
  readonly y: number;
  /** Offset of the block among all probabilities. */
  readonly p: number;
  /** Place of the first query's row among all rows of probabilities. */
  readonly row: number;
}

/** Blocks of all heads; for each head the last block comes first. */
function forEachBlock(
  { time, batch, heads, width }: Sizes,
  projections: number,
  use: (block: Block) => void,
): void {
  const size = width / heads;
  const lastFirst = Math.floor((time - 1) / blockRows) * blockRows;
  for (let sequence = 0; sequence < batch; sequence++) {
    for (let head = 0; head < heads; head++) {
      const start = projections + 4 * (sequence * time * 3 * width + head * size);
      for (let first = lastFirst; first >= 0; first -= blockRows) {
        const rows = Math.min(blockRows, time - first);
        const keys = first + rows;
        const row = (sequence * heads + head) * time + first;
        use({
          first,
          rows,
          keys,
          stride: strideOf(keys),
          q: start + 4 * first * 3 * width,
          k: start + 4 * width,
          v: start + 8 * width,
          y: 4 * ((sequence * time + first) * width + head * size),
          p: 4 * row * strideOf(time),
          row,
        });
      }
    }
  }
}

/** P = softmax(Q Kᵀ / √d) of a block, at `p`. */
function attentionProbabilities({ heads, width }: Sizes, block: Block, p: number): void {
  const { first, rows, keys, stride, q, k } = block;
  const size = width / heads, ld = 3 * width;
  products().multiply(false, true, rows, keys, size, q, ld, k, ld, false, p, stride);
  kernels().causalSoftmax(rows, keys, stride, first, 1 / Math.sqrt(size), p);
}

/** The mask on rows of a block at `from`, written to `to`. */
function dropRows(
  { time }: Sizes,
  { rows, keys, stride, row }: Block,
  { key0, key1, threshold, factor }: Mask,
  from: number,
  to: number,
): void {
  const { dropout } = kernels();
  for (let r = 0; r < rows; r++) {
    const at = 4 * r * stride;
    dropout(from + at, to + at, keys, (key0 + (row + r) * time) | 0, key1, threshold, factor);
  }
}

function attend(
  sizes: Sizes,
  projections: tf.Tensor2D,
  probabilities: tf.Tensor2D | null,
  value: tf.Tensor2D,
): void {
  const { time, heads, width, mask } = sizes;
  const size = width / heads;
  const y = arenaPointer(value), x = arenaPointer(projections);
  const kept = probabilities ? arenaPointer(probabilities) : 0;
  const { multiply } = products();
  withScratch(Math.min(blockRows, time) * strideOf(time), "attention", (scratch) => {
    forEachBlock(sizes, x, (block) => {
      const { rows, keys, stride, v } = block;
      const p = kept ? kept + block.p : scratch;
      attentionProbabilities(sizes, block, p);
      if (mask) dropRows(sizes, block, mask, p, scratch);
      const read = mask ? scratch : p;
      const out = y + block.y;
      multiply(false, false, rows, size, keys, read, stride, v, 3 * width, false, out, width);
    });
  });
}

function attendBackward(
  sizes: Sizes,
  projections: tf.Tensor,
  probabilities: tf.Tensor | null,
  dy: tf.Tensor2D,
): tf.Tensor2D {
  const { time, batch, heads, width, mask } = sizes;
  const size = width / heads, ld = 3 * width;
  const gradient = arenaTensor<tf.Rank.R2>([batch * time, ld]);
  const x = arenaPointer(projections), dx = arenaPointer(gradient), dOut = arenaPointer(dy);
  const kept = probabilities ? arenaPointer(probabilities) : 0;
  const { multiply } = products();
  const { causalSoftmaxBackward } = kernels();
  const largest = Math.min(blockRows, time) * strideOf(time);
  withScratch((mask ? 3 : 2) * largest, "the gradients of attention", (scratch) => {
    const ds = scratch + 4 * largest;
    forEachBlock(sizes, x, (block) => {
      const { first, rows, keys, stride, q, k, v } = block;
      const p = kept ? kept + block.p : scratch;
      if (!kept) attentionProbabilities(sizes, block, p);
      // What the values were weighed by.
      const read = mask ? ds + 4 * largest : p;
      if (mask) dropRows(sizes, block, mask, p, read);
      const at = dOut + block.y;
      // The last block of a head comes first and sees all keys: it writes, the others add.
      const add = keys < time;
      const dq = q - x + dx, dk = k - x + dx, dv = v - x + dx;
      multiply(true, false, keys, size, rows, read, stride, at, width, add, dv, ld);
      multiply(false, true, rows, keys, size, at, width, v, ld, false, ds, stride);
      if (mask) dropRows(sizes, block, mask, ds, ds);
      causalSoftmaxBackward(rows, keys, stride, first, 1 / Math.sqrt(size), p, ds);
      multiply(false, false, rows, size, keys, ds, stride, k, ld, false, dq, ld);
      multiply(true, false, keys, size, rows, ds, stride, q, ld, add, dk, ld);
    });
  });
  return gradient;
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
