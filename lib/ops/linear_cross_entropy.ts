import * as tf from "@tensorflow/tfjs";
import {
  arenaPointer,
  arenaTensor,
  arenaView,
  hasArena,
  kernels,
  products,
  withScratch,
} from "../engine/kernels.ts";
import { checkKernel, checkTensor, checkTokens } from "./_check.ts";
import { checkDistributionTerms, laterTargetsOfRows } from "./_distribution_terms.ts";
import { differentiable, fused } from "./_fused.ts";
import { hasLogitTerms, type LogitTerms, readLogitTerms } from "./_logit_terms.ts";
import { checkSoftTargets, hardShare, softTargetsOfRows } from "./_soft_targets.ts";
import { checkMask, crossEntropyTwin } from "./cross_entropy.ts";
import { linearTwin } from "./linear.ts";

/** Arguments of {@link linearCrossEntropy}. */
export interface LinearCrossEntropyOptions extends LogitTerms {
  /** `[rows, inputSize]` */
  readonly inputs: tf.Tensor2D;
  /** `[inputSize, vocabulary]`, or transposed. */
  readonly kernel: tf.Tensor2D;
  /**
   * Whether the kernel is given as Wᵀ, `[vocabulary, inputSize]`, as an embedding's table is; false
   * when left out.
   */
  readonly transposeKernel?: boolean;
  /** `[vocabulary]`; 0 when left out. */
  readonly bias?: tf.Tensor1D;
  /** Token id that each row is to predict, in [0, vocabulary). */
  readonly targets: Int32Array;
  /** Weight of each row, from 0, usually 1 or 0; ones when left out. */
  readonly mask?: Float32Array;
}

/** Rows whose logits are in memory at a time, up to 2¹⁵ tokens. */
const chunkRows = 2048;
/** Logits in memory at a time with more tokens: 64 MiB. */
const chunkLogits = 1 << 24;

/** Rows whose logits are in memory at a time; even, so that pairs of rows stay together. */
export function logitRowsAtOnce(rows: number, vocabulary: number): number {
  const most = vocabulary <= 1 << 15
    ? chunkRows
    : Math.max(2, 2 * Math.floor(chunkLogits / vocabulary / 2));
  return Math.min(rows, most);
}

/**
 * Mean cross-entropy of a softmax over x W + b, in nats per counted row:
 * Σ m_i (log Σ_v exp(logit_iv) − logit_i,target) / Σ m_i.
 *
 * The logits of all rows never exist at once, and the gradients are computed along with the loss
 * when one is wanted.
 *
 * Terms for training may be added. `logitsL1` c adds c Σ m_i |logit_iv|, a sum over rows and tokens,
 * whose derivative is 0 at a logit of 0. `labelSmoothing` ε takes the cross-entropy against targets that
 * give ε of their probability evenly to all tokens, their own included (Szegedy et al. 2016), as
 * PyTorch's `cross_entropy(label_smoothing)`: (1 − ε) of the loss above + ε times the mean over v of
 * −log softmax. `softTargets` q of a teacher at temperature T make a share a of the loss (Hinton et al.
 * 2015): (1 − a) of the cross-entropy, smoothed or not, + a T² times the mean over rows of
 * Σ_v q_iv (log q_iv − log softmax(logits/T)_iv). With p the softmax of a row, `confidencePenalty` β takes
 * β times its mean entropy from the loss (Pereyra et al. 2017); `rDrop` α takes rows 2i and 2i + 1 as two
 * passes p and q over one position and adds α/2 times the mean of KL(p ‖ q) + KL(q ‖ p) (Liang et al. 2021);
 * `laterTargets` adds Σ_i c_i · −log p_i,target for other targets with weights c.
 *
 * @param options Inputs x, kernel W (or Wᵀ), bias b, targets and mask m; `logitsL1`, `labelSmoothing`,
 * `softTargets`, `confidencePenalty`, `rDrop`, `laterTargets`.
 * @returns A scalar.
 * @throws {RangeError} If shapes do not fit, a target is outside the vocabulary, or no row counts.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { linearCrossEntropy } from "./linear_cross_entropy.ts";
 * import assert from "node:assert/strict";
 * const kernel = tf.zeros<tf.Rank.R2>([3, 4]);
 * const inputs = tf.ones<tf.Rank.R2>([2, 3]);
 * const loss = linearCrossEntropy({ inputs, kernel, targets: Int32Array.of(0, 3) });
 * assert.ok(Math.abs(loss.dataSync()[0] - Math.log(4)) < 1e-6);
 * ```
 */
export function linearCrossEntropy(options: LinearCrossEntropyOptions): tf.Scalar {
  const { inputs, bias, targets, mask, softTargets } = options;
  checkTensor("linearCrossEntropy: inputs", inputs, ["rows", "inputSize"]);
  const [rows, size] = inputs.shape;
  const { kernel, transposeKernel, outputSize: vocabulary } = checkKernel(
    "linearCrossEntropy",
    "vocabulary",
    options,
  );
  const kernelColumns = kernel.shape[1];
  if (bias !== undefined) checkTensor("linearCrossEntropy: bias", bias, [vocabulary]);
  checkTokens("linearCrossEntropy: targets", targets, vocabulary, rows);
  const counted = checkMask("linearCrossEntropy", mask, rows);
  checkSoftTargets("linearCrossEntropy", softTargets, rows, vocabulary);
  checkDistributionTerms("linearCrossEntropy", options, rows);
  if (!hasArena()) return linearCrossEntropyTwin(options);

  return fused<tf.Scalar>({ inputs, kernel, bias }, (gradientWanted) => {
    const { fill, repeatRow, softmaxCrossEntropy } = kernels();
    const multiply = products().multiply;
    const x = arenaPointer(inputs), w = arenaPointer(kernel);
    const b = bias === undefined ? 0 : arenaPointer(bias);
    const ids = arenaPointer(tf.tensor1d(targets, "int32"));
    const weights = mask === undefined ? 0 : arenaPointer(tf.tensor1d(mask));
    const dInputs = gradientWanted ? arenaTensor(inputs.shape) : null;
    const dKernel = gradientWanted && differentiable(kernel) ? arenaTensor(kernel.shape) : null;
    const dBias = gradientWanted && bias !== undefined ? arenaTensor(bias.shape) : null;
    if (dBias) fill(arenaPointer(dBias), vocabulary, 0);
    const dx = dInputs && arenaPointer(dInputs), dw = dKernel && arenaPointer(dKernel);

    const chunk = logitRowsAtOnce(rows, vocabulary);
    const { buffer } = arenaView(inputs);
    const hasTerms = hasLogitTerms(options);
    // The terms read whole logits; else the softmax adds the bias in its own pass.
    const bBefore = hasTerms ? b : 0;
    const kept = hardShare(softTargets);
    let added = 0;
    const sum = withScratch(chunk * vocabulary, "the logits of linearCrossEntropy", (logits) => {
      let sum = 0;
      for (let row = 0; row < rows; row += chunk) {
        const count = Math.min(chunk, rows - row);
        const part = x + 4 * row * size;
        if (bBefore) repeatRow(bBefore, count, vocabulary, logits);
        // deno-fmt-ignore
        multiply(
          false, transposeKernel, count, vocabulary, size,
          part, size, w, kernelColumns, bBefore !== 0, logits, vocabulary,
        );
        const scores = new Float32Array(buffer, logits, count * vocabulary);
        const terms = hasTerms
          ? readLogitTerms(
            { ...rowsOf(options, row, count, vocabulary), logits: scores, vocabulary, counted },
            gradientWanted,
          )
          : null;
        added += terms?.value ?? 0;
        sum += softmaxCrossEntropy(
          count,
          vocabulary,
          logits,
          ids + 4 * row,
          weights && weights + 4 * row,
          gradientWanted ? kept / counted : 0,
          dBias ? arenaPointer(dBias) : 0,
          hasTerms ? 0 : b,
        );
        if (dx === null) continue;
        if (kept === 0) scores.fill(0);
        terms?.addGradient(scores, dBias === null ? undefined : arenaView(dBias) as Float32Array);
        // deno-fmt-ignore
        multiply(
          false, !transposeKernel, count, size, vocabulary,
          logits, vocabulary, w, kernelColumns, false, dx + 4 * row * size, size,
        );
        if (dw === null) continue;
        const sides = [[part, size], [logits, vocabulary]];
        const [[left, height], [right, width]] = transposeKernel ? sides.reverse() : sides;
        // deno-fmt-ignore
        multiply(
          true, false, height, width, count,
          left, height, right, width, row > 0, dw, width,
        );
      }
      return sum;
    });
    return {
      value: tf.scalar(kept * sum / counted + added),
      saved: [dInputs, dKernel, dBias].filter((tensor) => tensor !== null),
      gradients: (dy, saved) => scaledBy(dy, saved, dKernel !== null),
    };
  });
}

/** What belongs to some rows alone. */
function rowsOf(
  { targets, mask, softTargets, laterTargets, ...rest }: LinearCrossEntropyOptions,
  first: number,
  count: number,
  vocabulary: number,
) {
  return {
    ...rest,
    targets: targets.subarray(first, first + count),
    mask: mask?.subarray(first, first + count),
    softTargets: softTargets && softTargetsOfRows(softTargets, first, count, vocabulary),
    laterTargets: laterTargetsOfRows(laterTargets, first, count),
  };
}

/** Gradients that the forward pass saved: of the inputs, of the kernel where wanted, of a bias. */
function scaledBy(dy: tf.Scalar, saved: readonly tf.Tensor[], ofKernel: boolean) {
  const [inputs, ...others] = saved.map((each) => scaled(each, dy));
  const kernel = ofKernel ? others.shift() : undefined;
  const bias = others.shift();
  return { inputs, ...kernel && { kernel }, ...bias && { bias } };
}

/** factor · gradient; dy is 1 unless the loss is scaled afterwards. */
function scaled(gradient: tf.Tensor, dy: tf.Scalar): tf.Tensor {
  return dy.dataSync()[0] === 1 ? gradient.clone() : tf.mul(gradient, dy);
}

/** {@link linearCrossEntropy} in plain tfjs, on any backend. */
export function linearCrossEntropyTwin(options: LinearCrossEntropyOptions): tf.Scalar {
  return tf.tidy(() => crossEntropyTwin({ ...options, logits: linearTwin(options) }));
}
