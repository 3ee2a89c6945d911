import * as tf from "@tensorflow/tfjs";
import { checkOneOf } from "../core/check.ts";
import { arenaPointer, arenaTensor, hasArena, kernels } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { fused } from "./_fused.ts";

/** How Φ is computed: exactly, or by a tanh as in GPT-2. */
export type GeluApproximation = "none" | "tanh";

/** Arguments of {@link gelu}. */
export interface GeluOptions<T extends tf.Tensor = tf.Tensor> {
  /** x, of any shape. */
  readonly inputs: T;
  /** `none` when left out, as in PyTorch. */
  readonly approximation?: GeluApproximation;
}

/**
 * Gaussian error linear unit (Hendrycks and Gimpel 2016): y = x Φ(x) with Φ the distribution function
 * of the standard normal, Φ(x) = ½ (1 + erf(x / √2)); by tanh,
 * y = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))).
 *
 * @param options Inputs and approximation.
 * @returns A tensor of the inputs' shape.
 * @throws {RangeError} If the inputs have no elements or the approximation is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { gelu } from "./gelu.ts";
 * import assert from "node:assert/strict";
 * const y = gelu({ inputs: tf.tensor1d([-10, 0, 1, 10]) }).dataSync();
 * [0, 0, 0.841344746, 10].forEach((value, i) => assert.ok(Math.abs(y[i] - value) < 2e-6));
 * ```
 */
export function gelu<T extends tf.Tensor>(options: GeluOptions<T>): T {
  const { inputs, approximation = "none" } = options;
  checkOneOf("gelu: approximation", approximation, ["none", "tanh"]);
  checkTensor("gelu: inputs", inputs, inputs.shape);
  if (!hasArena()) return geluTwin(options);
  return fused<T>({ inputs }, (gradientWanted) => {
    const value = arenaTensor(inputs.shape) as T;
    const slope = gradientWanted ? arenaTensor(inputs.shape) : null;
    kernels().gelu(
      1,
      inputs.size,
      approximation === "tanh",
      arenaPointer(inputs),
      0,
      arenaPointer(value),
      slope ? arenaPointer(slope) : 0,
    );
    return {
      value,
      saved: slope ? [slope] : [],
      gradients: (dy, [slope]) => {
        const dInputs = arenaTensor(dy.shape);
        const { multiplyValues } = kernels();
        multiplyValues(dy.size, arenaPointer(dy), arenaPointer(slope), arenaPointer(dInputs));
        return { inputs: dInputs };
      },
    };
  });
}

/** {@link gelu} in plain tfjs, on any backend. */
export function geluTwin<T extends tf.Tensor>({ inputs, approximation }: GeluOptions<T>): T {
  return tf.tidy(() => {
    const inner = approximation === "tanh"
      ? tf.tanh(
        tf.mul(Math.sqrt(2 / Math.PI), tf.add(inputs, tf.mul(0.044715, tf.pow(inputs, 3)))),
      )
      : tf.erf(tf.mul(inputs, Math.SQRT1_2));
    return tf.mul(tf.mul(0.5, inputs), tf.add(1, inner)) as T;
  });
}
