import * as tf from "@tensorflow/tfjs";
import { checkNumber } from "../core/check.ts";
import { arenaPointer, arenaTensor, hasArena, kernels } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { fused } from "./_fused.ts";
import { zeros } from "./_rows.ts";

/** Arguments of {@link layerNorm}. */
export interface LayerNormOptions {
  /** x, `[rows, columns]`. */
  readonly inputs: tf.Tensor2D;
  /** `[columns]` */
  readonly gain: tf.Tensor1D;
  /** `[columns]`; 0 when left out. */
  readonly shift?: tf.Tensor1D;
  /** ε, above 0; 1e-5 as in PyTorch when left out (Keras has 1e-3). */
  readonly epsilon?: number;
}

/**
 * Layer normalization of each row (Ba et al. 2016): y = (x − μ) / √(σ² + ε) ∘ gain + shift, with μ and
 * σ² the mean and the variance (over all columns, not one less) of the row.
 *
 * @param options Inputs, gain, shift and ε.
 * @returns `[rows, columns]`.
 * @throws {RangeError} If the shapes do not fit, an extent is 0, or ε is not above 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { layerNorm } from "./layer_norm.ts";
 * import assert from "node:assert/strict";
 * const y = layerNorm({ inputs: tf.tensor2d([[1, 3]]), gain: tf.tensor1d([1, 2]) }).dataSync();
 * assert.ok(Math.abs(y[0] + 1) < 1e-4 && Math.abs(y[1] - 2) < 1e-4);
 * ```
 */
export function layerNorm(options: LayerNormOptions): tf.Tensor2D {
  const { inputs, gain, shift, epsilon = 1e-5 } = options;
  checkTensor("layerNorm: inputs", inputs, ["rows", "columns"]);
  const [rows, columns] = inputs.shape;
  checkTensor("layerNorm: gain", gain, [columns]);
  if (shift !== undefined) checkTensor("layerNorm: shift", shift, [columns]);
  checkNumber("layerNorm: epsilon", epsilon, { above: 0 });
  if (!hasArena()) return layerNormTwin(options);
  return fused<tf.Tensor2D>({ inputs, gain, shift }, () => {
    const value = arenaTensor<tf.Rank.R2>([rows, columns]);
    const statistics = arenaTensor<tf.Rank.R2>([rows, 2]);
    kernels().layerNorm(
      rows,
      columns,
      arenaPointer(inputs),
      arenaPointer(gain),
      shift === undefined ? 0 : arenaPointer(shift),
      epsilon,
      arenaPointer(value),
      arenaPointer(statistics),
    );
    return {
      value,
      saved: [inputs, gain, statistics],
      gradients: (dy, [inputs, gain, statistics]) => {
        const dInputs = arenaTensor<tf.Rank.R2>([rows, columns]);
        const dGain = zeros<tf.Rank.R1>([columns]);
        const dShift = shift === undefined ? null : zeros<tf.Rank.R1>([columns]);
        kernels().layerNormBackward(
          rows,
          columns,
          arenaPointer(inputs),
          arenaPointer(gain),
          arenaPointer(statistics),
          arenaPointer(dy),
          arenaPointer(dInputs),
          arenaPointer(dGain),
          dShift ? arenaPointer(dShift) : 0,
        );
        return { inputs: dInputs, gain: dGain, ...dShift && { shift: dShift } };
      },
    };
  });
}

/** {@link layerNorm} in plain tfjs, on any backend. */
export function layerNormTwin(options: LayerNormOptions): tf.Tensor2D {
  const { inputs, gain, shift, epsilon = 1e-5 } = options;
  return tf.tidy(() => {
    const centred = tf.sub(inputs, tf.mean(inputs, 1, true));
    const variance = tf.mean(tf.square(centred), 1, true);
    const normal = tf.div(centred, tf.sqrt(tf.add(variance, epsilon)));
    const scaled: tf.Tensor2D = tf.mul(normal, gain);
    return shift === undefined ? scaled : tf.add(scaled, shift);
  });
}
