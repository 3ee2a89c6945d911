import * as tf from "@tensorflow/tfjs";
import { hasArena } from "../engine/kernels.ts";
import { checkKernel, checkTensor } from "./_check.ts";
import { differentiable, fused } from "./_fused.ts";
import { affine, product } from "./_product.ts";
import { sumRows } from "./_rows.ts";

/** Arguments of {@link linear}. */
export interface LinearOptions {
  /** `[rows, inputSize]` */
  readonly inputs: tf.Tensor2D;
  /** `[inputSize, outputSize]`, or transposed. */
  readonly kernel: tf.Tensor2D;
  /** Whether the kernel is given as Wᵀ, `[outputSize, inputSize]`; false when left out. */
  readonly transposeKernel?: boolean;
  /** `[outputSize]`; 0 when left out. */
  readonly bias?: tf.Tensor1D;
  /** r, added to the result, `[rows, outputSize]`; 0 when left out. */
  readonly residual?: tf.Tensor2D;
}

/**
 * An affine map of each row, added to a residual: y = r + x W + b. (PyTorch's nn.Linear stores Wᵀ.)
 *
 * @param options Inputs, kernel W (or Wᵀ), bias b and residual r.
 * @returns `[rows, outputSize]`.
 * @throws {RangeError} If the shapes do not fit or an extent is 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { linear } from "./linear.ts";
 * import assert from "node:assert/strict";
 * const inputs = tf.tensor2d([[1, 2]]);
 * const y = linear({ inputs, kernel: tf.tensor2d([[3], [4]]), bias: tf.tensor1d([0.5]) });
 * assert.deepEqual(y.arraySync(), [[11.5]]);
 * ```
 */
export function linear(options: LinearOptions): tf.Tensor2D {
  const { inputs, bias, residual } = options;
  checkTensor("linear: inputs", inputs, ["rows", "inputSize"]);
  const { kernel, transposeKernel, outputSize } = checkKernel("linear", "outputSize", options);
  if (bias !== undefined) checkTensor("linear: bias", bias, [outputSize]);
  if (residual !== undefined) {
    checkTensor("linear: residual", residual, [inputs.shape[0], outputSize]);
  }
  if (!hasArena()) return linearTwin(options);
  return fused<tf.Tensor2D>({ inputs, kernel, bias, residual }, () => ({
    value: affine(inputs, kernel, { bias, residual, transposeKernel }),
    saved: [inputs, kernel],
    gradients: (dy, saved) => {
      const [inputs, kernel] = saved as tf.Tensor2D[];
      return {
        inputs: product(dy, kernel, false, !transposeKernel),
        ...differentiable(kernel) && {
          kernel: transposeKernel
            ? product(dy, inputs, true, false)
            : product(inputs, dy, true, false),
        },
        ...bias && { bias: sumRows(dy) },
        ...residual && { residual: dy.clone() },
      };
    },
  }));
}

/** {@link linear} in plain tfjs, on any backend. */
export function linearTwin(options: LinearOptions): tf.Tensor2D {
  const { inputs, kernel, bias, residual, transposeKernel = false } = options;
  return tf.tidy(() => {
    let y: tf.Tensor2D = tf.matMul(inputs, kernel, false, transposeKernel);
    if (bias !== undefined) y = tf.add(y, bias);
    return residual === undefined ? y : tf.add(y, residual);
  });
}
