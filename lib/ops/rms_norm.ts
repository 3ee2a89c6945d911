import * as tf from "@tensorflow/tfjs";
import { checkNumber } from "../core/check.ts";
import { arenaPointer, arenaTensor, hasArena, kernels } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { fused } from "./_fused.ts";
import { zeros } from "./_rows.ts";

/** Arguments of {@link rmsNorm}. */
export interface RmsNormOptions {
  /** x, `[rows, columns]`. */
  readonly inputs: tf.Tensor2D;
  /** `[columns]` */
  readonly gain: tf.Tensor1D;
  /** ε, above 0; 1e-5 when left out (PyTorch's nn.RMSNorm has the least step of the type, 1.2e-7). */
  readonly epsilon?: number;
}

/**
 * Root mean square normalization of each row (Zhang and Sennrich 2019): y = x / √(mean x² + ε) ∘ gain.
 *
 * @param options Inputs, gain and ε.
 * @returns `[rows, columns]`.
 * @throws {RangeError} If the shapes do not fit, an extent is 0, or ε is not above 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { rmsNorm } from "./rms_norm.ts";
 * import assert from "node:assert/strict";
 * const y = rmsNorm({ inputs: tf.tensor2d([[3, 4]]), gain: tf.tensor1d([1, 2]) }).dataSync();
 * const root = Math.sqrt(12.5);
 * assert.ok(Math.abs(y[0] - 3 / root) < 1e-5 && Math.abs(y[1] - 8 / root) < 1e-5);
 * ```
 */
export function rmsNorm(options: RmsNormOptions): tf.Tensor2D {
  const { inputs, gain, epsilon = 1e-5 } = options;
  checkTensor("rmsNorm: inputs", inputs, ["rows", "columns"]);
  checkTensor("rmsNorm: gain", gain, [inputs.shape[1]]);
  checkNumber("rmsNorm: epsilon", epsilon, { above: 0 });
  if (!hasArena()) return rmsNormTwin(options);
  const [rows, columns] = inputs.shape;
  return fused<tf.Tensor2D>({ inputs, gain }, () => {
    const value = arenaTensor<tf.Rank.R2>([rows, columns]);
    const inverses = arenaTensor<tf.Rank.R1>([rows]);
    kernels().rmsNorm(
      rows,
      columns,
      arenaPointer(inputs),
      arenaPointer(gain),
      epsilon,
      arenaPointer(value),
      arenaPointer(inverses),
    );
    return {
      value,
      saved: [inputs, gain, inverses],
      gradients: (dy, [inputs, gain, inverses]) => {
        const dInputs = arenaTensor<tf.Rank.R2>([rows, columns]);
        const dGain = zeros<tf.Rank.R1>([columns]);
        kernels().rmsNormBackward(
          rows,
          columns,
          arenaPointer(inputs),
          arenaPointer(gain),
          arenaPointer(inverses),
          arenaPointer(dy),
          arenaPointer(dInputs),
          arenaPointer(dGain),
        );
        return { inputs: dInputs, gain: dGain };
      },
    };
  });
}

/** {@link rmsNorm} in plain tfjs, on any backend. */
export function rmsNormTwin({ inputs, gain, epsilon = 1e-5 }: RmsNormOptions): tf.Tensor2D {
  return tf.tidy(() => {
    const meanSquare = tf.mean(tf.square(inputs), 1, true);
    return tf.mul(tf.div(inputs, tf.sqrt(tf.add(meanSquare, epsilon))), gain);
  });
}
