import * as tf from "@tensorflow/tfjs";
import { checkOneOf } from "../core/check.ts";
import { arenaPointer, arenaTensor, hasArena, kernels } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { differentiable, fused } from "./_fused.ts";
import { product } from "./_product.ts";
import { zeros } from "./_rows.ts";
import { type GeluApproximation, geluTwin } from "./gelu.ts";
import { linearTwin } from "./linear.ts";

/** Arguments of {@link linearGelu}. */
export interface LinearGeluOptions {
  /** `[rows, inputSize]` */
  readonly inputs: tf.Tensor2D;
  /** `[inputSize, outputSize]` */
  readonly kernel: tf.Tensor2D;
  /** `[outputSize]`; 0 when left out. */
  readonly bias?: tf.Tensor1D;
  /** `none` when left out, as in PyTorch. */
  readonly approximation?: GeluApproximation;
}

/**
 * An affine map of each row and a Gaussian error linear unit: y = gelu(x W + b), as `gelu` of `linear`,
 * with the bias, the unit and its derivative computed in one pass.
 *
 * @param options Inputs, kernel W, bias b and approximation.
 * @returns `[rows, outputSize]`.
 * @throws {RangeError} If the shapes do not fit, an extent is 0, or the approximation is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { linearGelu } from "./linear_gelu.ts";
 * import assert from "node:assert/strict";
 * const y = linearGelu({
 *   inputs: tf.tensor2d([[1], [-8]]),
 *   kernel: tf.tensor2d([[2]]),
 *   bias: tf.tensor1d([-1]),
 * }).dataSync();
 * assert.ok(Math.abs(y[0] - 0.841344746) < 2e-6 && Math.abs(y[1]) < 2e-6);
 * ```
 */
export function linearGelu(options: LinearGeluOptions): tf.Tensor2D {
  const { inputs, kernel, bias, approximation = "none" } = options;
  checkTensor("linearGelu: inputs", inputs, ["rows", "inputSize"]);
  checkTensor("linearGelu: kernel", kernel, [inputs.shape[1], "outputSize"]);
  const [rows, columns] = [inputs.shape[0], kernel.shape[1]];
  if (bias !== undefined) checkTensor("linearGelu: bias", bias, [columns]);
  checkOneOf("linearGelu: approximation", approximation, ["none", "tanh"]);
  if (!hasArena()) return linearGeluTwin(options);
  return fused<tf.Tensor2D>({ inputs, kernel, bias }, (gradientWanted) => {
    const value = product(inputs, kernel);
    const slope = gradientWanted ? arenaTensor<tf.Rank.R2>([rows, columns]) : null;
    const y = arenaPointer(value);
    kernels().gelu(
      rows,
      columns,
      approximation === "tanh",
      y,
      bias ? arenaPointer(bias) : 0,
      y,
      slope ? arenaPointer(slope) : 0,
    );
    return {
      value,
      saved: slope ? [inputs, kernel, slope] : [],
      gradients: (dy, saved) => {
        const [inputs, kernel, slope] = saved as tf.Tensor2D[];
        const d = arenaTensor<tf.Rank.R2>([rows, columns]);
        const dBias = zeros<tf.Rank.R1>([columns]);
        const { multiplyAndSumRows } = kernels();
        const [from, by, to] = [dy, slope, d].map(arenaPointer);
        multiplyAndSumRows(from, by, rows, columns, columns, to, arenaPointer(dBias));
        return {
          inputs: product(d, kernel, false, true),
          ...differentiable(kernel) && { kernel: product(inputs, d, true, false) },
          ...bias && { bias: dBias },
        };
      },
    };
  });
}

/** {@link linearGelu} in plain tfjs, on any backend. */
export function linearGeluTwin(options: LinearGeluOptions): tf.Tensor2D {
  const { inputs, kernel, bias, approximation } = options;
  return tf.tidy(() => geluTwin({ inputs: linearTwin({ inputs, kernel, bias }), approximation }));
}
