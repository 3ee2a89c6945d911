import * as tf from "@tensorflow/tfjs";
import { checkInteger, checkNumber } from "../core/check.ts";
import { arenaPointer, arenaTensor, hasArena, kernels } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { fused } from "./_fused.ts";

/** Arguments of {@link rotary}. */
export interface RotaryOptions {
  /** `[batch · time, heads · headSize]`; row b · time + t is step t of sequence b. */
  readonly inputs: tf.Tensor2D;
  /** Steps of each sequence, from 1. */
  readonly time: number;
  /** Columns of a head, an even number that divides the columns. */
  readonly headSize: number;
  /** θ, above 0; 10000 when left out, as in the paper. */
  readonly theta?: number;
  /** Position of step 0, from 0; 0 when left out. */
  readonly firstPosition?: number;
}

/**
 * Rotary positions (Su et al. 2021): of each head with d columns, columns i and i + d/2 of step t, at
 * position p = firstPosition + t, are turned by the angle a = p θ^(−2i/d):
 *
 * y_i = x_i cos a − x_(i+d/2) sin a, y_(i+d/2) = x_(i+d/2) cos a + x_i sin a.
 *
 * This is the order of Hugging Face's transformers; the paper turns columns 2i and 2i + 1. Angles are
 * computed in double precision, in transformers in single precision.
 *
 * @param options Inputs, sizes, θ and the first position.
 * @returns `[batch · time, heads · headSize]`.
 * @throws {RangeError} If shapes do not fit, headSize is odd, or θ is not above 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { rotary } from "./rotary.ts";
 * import assert from "node:assert/strict";
 * const y = rotary({ inputs: tf.tensor2d([[1, 0], [1, 0]]), time: 2, headSize: 2 }).dataSync();
 * [1, 0, Math.cos(1), Math.sin(1)].forEach((value, i) => assert.ok(Math.abs(y[i] - value) < 1e-6));
 * ```
 */
export function rotary(options: RotaryOptions): tf.Tensor2D {
  const { inputs, time, headSize, theta = 10_000, firstPosition = 0 } = options;
  checkTensor("rotary: inputs", inputs, ["batch · time", "heads · headSize"]);
  checkInteger("rotary: time", time, { from: 1 });
  checkInteger("rotary: headSize", headSize, { from: 2 });
  checkNumber("rotary: theta", theta, { above: 0 });
  checkInteger("rotary: firstPosition", firstPosition, { from: 0 });
  const [rows, columns] = inputs.shape;
  if (headSize % 2 !== 0 || columns % headSize !== 0 || rows % time !== 0) {
    throw new RangeError(
      `rotary: inputs must have batch · time rows and heads · headSize columns, headSize an even ` +
        `number, found [${rows}, ${columns}] for time ${time} and headSize ${headSize}.`,
    );
  }
  if (!hasArena()) return rotaryTwin(options);
  const heads = columns / headSize;
  const turn = (x: tf.Tensor2D, angles: tf.Tensor, sign: 1 | -1) => {
    const value = arenaTensor<tf.Rank.R2>([rows, columns]);
    const [from, by, to] = [x, angles, value].map(arenaPointer);
    kernels().rotary(rows, heads, headSize / 2, time, sign, from, by, to);
    return value;
  };
  return fused<tf.Tensor2D>({ inputs }, () => {
    const angles = tf.tensor2d(
      anglesOf({ time, headSize, theta, firstPosition }),
      [2 * time, headSize / 2],
    );
    return {
      value: turn(inputs, angles, 1),
      saved: [angles],
      gradients: (dy, [angles]) => ({ inputs: turn(dy, angles, -1) }),
    };
  });
}

/** {@link rotary} in plain tfjs, on any backend. */
export function rotaryTwin(options: RotaryOptions): tf.Tensor2D {
  const { inputs, time, headSize, theta = 10_000, firstPosition = 0 } = options;
  const half = headSize / 2;
  const [rows, columns] = inputs.shape;
  return tf.tidy(() => {
    const angles = tf.tensor4d(
      anglesOf({ time, headSize, theta, firstPosition }),
      [time, 2, 1, half],
    );
    // [time, 1, half]
    const [cos, sin] = tf.unstack(angles, 1);
    const parts = tf.reshape(inputs, [rows / time, time, columns / headSize, 2, half]);
    const [first, second] = tf.unstack(parts, 3);
    const turned = tf.stack([
      tf.sub(tf.mul(first, cos), tf.mul(second, sin)),
      tf.add(tf.mul(second, cos), tf.mul(first, sin)),
    ], 3);
    return tf.reshape(turned, [rows, columns]);
  });
}

type Positions = Required<Omit<RotaryOptions, "inputs">>;

let lastAngles: (Positions & { readonly values: Float32Array }) | undefined;

/**
 * Cosines and then sines of each step, `[time, 2, headSize / 2]`. The last ones are kept: all layers of a
 * model ask for the same.
 */
function anglesOf({ time, headSize, theta, firstPosition }: Positions): Float32Array {
  if (
    lastAngles?.time === time && lastAngles.headSize === headSize && lastAngles.theta === theta &&
    lastAngles.firstPosition === firstPosition
  ) return lastAngles.values;
  const half = headSize / 2;
  const values = new Float32Array(time * headSize);
  for (let i = 0; i < half; i++) {
    const frequency = theta ** (-2 * i / headSize);
    for (let step = 0; step < time; step++) {
      const angle = (firstPosition + step) * frequency;
      values[step * headSize + i] = Math.cos(angle);
      values[step * headSize + half + i] = Math.sin(angle);
    }
  }
  lastAngles = { time, headSize, theta, firstPosition, values };
  return values;
}
