import * as tf from "@tensorflow/tfjs";
import { checkNumber } from "../core/check.ts";
import type { RandomStream } from "../core/random.ts";
import { arenaPointer, arenaTensor, hasArena, kernels } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { fused } from "./_fused.ts";

/** Arguments of {@link dropout}. */
export interface DropoutOptions<T extends tf.Tensor = tf.Tensor> {
  /** Values of any shape. */
  readonly inputs: T;
  /** Probability that a value is set to 0, in [0, 1). */
  readonly rate: number;
  /** Where the mask comes from: two draws a call, whatever the size. */
  readonly stream: RandomStream;
}

/**
 * Sets each value to 0 with probability `rate` and multiplies the others by 1 / (1 − rate)
 * (Srivastava et al. 2014, "inverted" as in PyTorch and Keras, so that evaluation needs no scaling).
 *
 * The mask is a hash of two numbers drawn from the stream and the position: all engines make the
 * same one. The rate is rounded to a multiple of 2⁻²⁴.
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
  const mask = drawMask(options);
  if (!hasArena()) return applyMask(inputs, mask);
  const run = (x: T): T => {
    const y = arenaTensor(x.shape);
    kernels().dropout(
      arenaPointer(x),
      arenaPointer(y),
      x.size,
      mask.key0,
      mask.key1,
      mask.threshold,
      mask.factor,
    );
    return y as T;
  };
  return fused<T>({ inputs }, () => ({
    value: run(inputs),
    saved: [],
    gradients: (dy) => ({ inputs: run(dy) }),
  }));
}

/** {@link dropout} in plain tfjs, on any backend. */
export function dropoutTwin<T extends tf.Tensor>(options: DropoutOptions<T>): T {
  return applyMask(options.inputs, drawMask(options));
}

interface Mask {
  readonly key0: number;
  readonly key1: number;
  /** A value is kept where 24 random bits are at least this. */
  readonly threshold: number;
  readonly factor: number;
}

function drawMask({ inputs, rate, stream }: DropoutOptions): Mask {
  checkNumber("dropout: rate", rate, { from: 0, below: 1 });
  checkTensor("dropout: inputs", inputs, inputs.shape);
  const threshold = Math.min(Math.round(rate * 2 ** 24), 2 ** 24 - 1);
  const factor = Math.fround(1 / (1 - rate));
  return { key0: stream.uint32(), key1: stream.uint32(), threshold, factor };
}

function applyMask<T extends tf.Tensor>(inputs: T, mask: Mask): T {
  return tf.tidy(() => {
    const factors = Float32Array.from({ length: inputs.size }, (_, index) => {
      const random = mix((mix((index + mask.key0) | 0) + mask.key1) | 0) >>> 8;
      return random >= mask.threshold ? mask.factor : 0;
    });
    return tf.mul(inputs, tf.tensor(factors, inputs.shape)) as T;
  });
}

/** Mixing function "triple32" of C. Wellons (github.com/skeeto/hash-prospector). */
function mix(x: number): number {
  x ^= x >>> 17;
  x = Math.imul(x, 0xed5ad4bb);
  x ^= x >>> 11;
  x = Math.imul(x, 0xac4c1b51);
  x ^= x >>> 15;
  x = Math.imul(x, 0x31848bab);
  return x ^ (x >>> 14);
}
