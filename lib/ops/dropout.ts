import * as tf from "@tensorflow/tfjs";
import { checkInteger } from "../core/check.ts";
import { arenaPointer, arenaTensor, arenaView, hasArena, kernels } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { drawMask, factorsOf, type Mask, type MaskOptions } from "./_dropout_mask.ts";
import { fused } from "./_fused.ts";

/** Arguments of {@link dropout}. */
export interface DropoutOptions<T extends tf.Tensor = tf.Tensor> extends MaskOptions {
  /** Values of any shape. */
  readonly inputs: T;
}

/**
 * Sets each value to 0 with probability `rate` and multiplies the others by 1 / (1 − rate)
 * (Srivastava et al. 2014, "inverted" as in PyTorch and Keras, so that evaluation needs no scaling).
 *
 * The mask is a hash of two numbers drawn from the stream and the position: all engines make the
 * same one. The rate is rounded to a multiple of 2⁻²⁴. On a recurrent kernel it is the weight dropout
 * of AWD-LSTM (Merity et al. 2018, after DropConnect of Wan et al. 2013).
 *
 * @param options Inputs of any shape, rate, stream.
 * @returns A tensor of the inputs' shape. With rate 0 the inputs' values; the stream is drawn from
 * all the same, so that runs that differ in the rate stay paired.
 * @throws {RangeError} If the rate is outside [0, 1).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { randomStream } from "../core/random.ts";
 * import { dropout } from "./dropout.ts";
 * import assert from "node:assert/strict";
 * const y = dropout({ inputs: tf.ones([1000]), rate: 0.25, stream: randomStream(1, "masks") });
 * const kept = [...y.dataSync()].filter((value) => value !== 0);
 * assert.ok(kept.every((value) => Math.abs(value - 4 / 3) < 1e-6));
 * assert.ok(kept.length > 700 && kept.length < 800);
 * ```
 */
export function dropout<T extends tf.Tensor>(options: DropoutOptions<T>): T {
  const { inputs } = options;
  return run(inputs, maskOf("dropout", options), inputs.size);
}

/** {@link dropout} in plain tfjs, on any backend. */
export function dropoutTwin<T extends tf.Tensor>(options: DropoutOptions<T>): T {
  return applyMask(options.inputs, maskOf("dropout", options), options.inputs.size);
}

/** Arguments of {@link lockedDropout}. */
export interface LockedDropoutOptions extends DropoutOptions<tf.Tensor2D> {
  /** Steps of the window, from 1. */
  readonly time: number;
  /** Sequences side by side, from 1. Row t · batch + b is step t of sequence b. */
  readonly batch: number;
}

/**
 * {@link dropout} with one mask for all steps of a sequence: the same columns are 0 at each step
 * (Gal and Ghahramani 2016, "variational"; LockedDropout of AWD-LSTM, Merity et al. 2018).
 *
 * @param options As for `dropout`, and the sizes; inputs are `[time · batch, columns]`.
 * @returns `[time · batch, columns]`.
 * @throws {RangeError} If the rate is outside [0, 1) or the sizes do not fit.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { randomStream } from "../core/random.ts";
 * import { lockedDropout } from "./dropout.ts";
 * import assert from "node:assert/strict";
 * const inputs = tf.ones<tf.Rank.R2>([3, 50]);
 * const stream = randomStream(1, "masks");
 * const [first, ...rest] = lockedDropout({ inputs, time: 3, batch: 1, rate: 0.5, stream })
 *   .arraySync();
 * assert.ok(first.includes(0) && first.includes(2));
 * for (const row of rest) assert.deepEqual(row, first);
 * ```
 */
export function lockedDropout(options: LockedDropoutOptions): tf.Tensor2D {
  const { mask, period } = checkLocked(options);
  return run(options.inputs, mask, period);
}

/** {@link lockedDropout} in plain tfjs, on any backend. */
export function lockedDropoutTwin(options: LockedDropoutOptions): tf.Tensor2D {
  const { mask, period } = checkLocked(options);
  return applyMask(options.inputs, mask, period);
}

function checkLocked(options: LockedDropoutOptions): { mask: Mask; period: number } {
  const { inputs, time, batch } = options;
  checkInteger("lockedDropout: time", time, { from: 1 });
  checkInteger("lockedDropout: batch", batch, { from: 1 });
  checkTensor("lockedDropout: inputs", inputs, [time * batch, "columns"]);
  return { mask: maskOf("lockedDropout", options), period: inputs.size / time };
}

/**
 * {@link dropout} of whole rows: every value of a row is 0, or none is. On a table of token vectors it
 * is the embedding dropout of AWD-LSTM (Merity et al. 2018, after Gal and Ghahramani 2016): a token
 * that is dropped is so wherever it stands in the batch.
 *
 * @param options As for `dropout`; inputs are `[rows, columns]`.
 * @returns `[rows, columns]`.
 * @throws {RangeError} If the rate is outside [0, 1).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { randomStream } from "../core/random.ts";
 * import { rowDropout } from "./dropout.ts";
 * import assert from "node:assert/strict";
 * const inputs = tf.ones<tf.Rank.R2>([100, 3]);
 * const rows = rowDropout({ inputs, rate: 0.5, stream: randomStream(1, "masks") }).arraySync();
 * for (const row of rows) assert.deepEqual(row, [row[0], row[0], row[0]]);
 * const kept = rows.filter(([first]) => first === 2).length;
 * assert.ok(kept > 30 && kept < 70 && rows.filter(([first]) => first === 0).length === 100 - kept);
 * ```
 */
export function rowDropout(options: DropoutOptions<tf.Tensor2D>): tf.Tensor2D {
  const { inputs } = options;
  checkTensor("rowDropout: inputs", inputs, ["rows", "columns"]);
  const factors = factorsOf(maskOf("rowDropout", options), inputs.shape[0]);
  if (!hasArena()) return multiplyRows(inputs, factors);
  const [rows, columns] = inputs.shape;
  const masked = (x: tf.Tensor2D): tf.Tensor2D => {
    const y = arenaTensor<tf.Rank.R2>([rows, columns]);
    const [from, to] = [arenaView(x), arenaView(y)];
    for (let row = 0; row < rows; row++) {
      const factor = factors[row];
      for (let at = row * columns; at < (row + 1) * columns; at++) to[at] = factor * from[at];
    }
    return y;
  };
  return fused<tf.Tensor2D>({ inputs }, () => ({
    value: masked(inputs),
    saved: [],
    gradients: (dy) => ({ inputs: masked(dy) }),
  }));
}

/** {@link rowDropout} in plain tfjs, on any backend. */
export function rowDropoutTwin(options: DropoutOptions<tf.Tensor2D>): tf.Tensor2D {
  const { inputs } = options;
  return multiplyRows(inputs, factorsOf(maskOf("rowDropout", options), inputs.shape[0]));
}

function multiplyRows(inputs: tf.Tensor2D, factors: Float32Array): tf.Tensor2D {
  return tf.tidy(() => tf.mul(inputs, tf.tensor2d(factors, [factors.length, 1])));
}

function maskOf(name: string, options: DropoutOptions): Mask {
  const mask = drawMask(name, options);
  checkTensor(`${name}: inputs`, options.inputs, options.inputs.shape);
  return mask;
}

/** Applies a mask that is repeated after `period` values. */
function run<T extends tf.Tensor>(inputs: T, mask: Mask, period: number): T {
  if (!hasArena()) return applyMask(inputs, mask, period);
  const masked = (x: T): T => {
    const y = arenaTensor(x.shape);
    const from = arenaPointer(x), to = arenaPointer(y);
    const { key0, key1, threshold, factor } = mask;
    for (let at = 0; at < 4 * x.size; at += 4 * period) {
      kernels().dropout(from + at, to + at, period, key0, key1, threshold, factor);
    }
    return y as T;
  };
  return fused<T>({ inputs }, () => ({
    value: masked(inputs),
    saved: [],
    gradients: (dy) => ({ inputs: masked(dy) }),
  }));
}

function applyMask<T extends tf.Tensor>(inputs: T, mask: Mask, period: number): T {
  return tf.tidy(() => {
    const once = factorsOf(mask, period);
    const factors = Float32Array.from({ length: inputs.size }, (_, index) => once[index % period]);
    return tf.mul(inputs, tf.tensor(factors, inputs.shape)) as T;
  });
}
