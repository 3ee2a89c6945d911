import * as tf from "@tensorflow/tfjs";
import { show } from "../core/check.ts";
import { arenaPointer, arenaTensor, arenaView, hasArena, kernels } from "../engine/kernels.ts";
import { checkTensor, checkTokens } from "./_check.ts";
import {
  checkDistributionTerms,
  distributionTermsTwin,
  hasDistributionTerms,
} from "./_distribution_terms.ts";
import { fused } from "./_fused.ts";
import { hasLogitTerms, type LogitTerms, readLogitTerms } from "./_logit_terms.ts";
import { checkSoftTargets, hardShare, type SoftTargets } from "./_soft_targets.ts";

/** Arguments of {@link crossEntropy}. */
export interface CrossEntropyOptions extends LogitTerms {
  /** `[rows, vocabulary]` */
  readonly logits: tf.Tensor2D;
  /** Token id that each row is to predict, in [0, vocabulary). */
  readonly targets: Int32Array;
  /** Weight of each row, from 0, usually 1 or 0; ones when left out. */
  readonly mask?: Float32Array;
}

/**
 * Mean cross-entropy of a softmax over given logits, in nats per counted row:
 * Σ m_i (log Σ_v exp(logit_iv) − logit_i,target) / Σ m_i.
 *
 * Where the logits come from a linear layer, `linearCrossEntropy` computes the same in less memory.
 *
 * @param options Logits, targets and mask m; `logitsL1`, `labelSmoothing` and `softTargets` as in
 * `linearCrossEntropy`.
 * @returns A scalar.
 * @throws {RangeError} If shapes do not fit, a target is outside the vocabulary, or no row counts.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { crossEntropy } from "./cross_entropy.ts";
 * import assert from "node:assert/strict";
 * const loss = crossEntropy({ logits: tf.zeros([2, 4]), targets: Int32Array.of(0, 3) });
 * assert.ok(Math.abs(loss.dataSync()[0] - Math.log(4)) < 1e-6);
 * ```
 */
export function crossEntropy(options: CrossEntropyOptions): tf.Scalar {
  const { logits, targets, mask } = options;
  checkTensor("crossEntropy: logits", logits, ["rows", "vocabulary"]);
  const [rows, vocabulary] = logits.shape;
  checkTokens("crossEntropy: targets", targets, vocabulary, rows);
  const counted = checkMask("crossEntropy", mask, rows);
  checkSoftTargets("crossEntropy", options.softTargets, rows, vocabulary);
  checkDistributionTerms("crossEntropy", options, rows);
  const kept = hardShare(options.softTargets);
  if (!hasArena()) return crossEntropyTwin(options);
  return fused<tf.Scalar>({ logits }, (gradientWanted) => {
    const { softmaxCrossEntropy } = kernels();
    const terms = hasLogitTerms(options)
      ? readLogitTerms(
        { ...options, logits: arenaView(logits) as Float32Array, vocabulary, counted },
        gradientWanted,
      )
      : null;
    // The kernel writes the gradient over the logits.
    const gradient = arenaTensor(logits.shape);
    arenaView(gradient).set(arenaView(logits));
    const sum = softmaxCrossEntropy(
      rows,
      vocabulary,
      arenaPointer(gradient),
      arenaPointer(tf.tensor1d(targets, "int32")),
      mask === undefined ? 0 : arenaPointer(tf.tensor1d(mask)),
      gradientWanted ? kept / counted : 0,
      0,
      0,
    );
    if (gradientWanted && kept === 0) arenaView(gradient).fill(0);
    if (gradientWanted) terms?.addGradient(arenaView(gradient) as Float32Array);
    return {
      value: tf.scalar(kept * sum / counted + (terms?.value ?? 0)),
      saved: gradientWanted ? [gradient] : [],
      gradients: (dy, [gradient]) => ({ logits: tf.mul(gradient, dy) }),
    };
  });
}

/** {@link crossEntropy} in plain tfjs, on any backend. */
export function crossEntropyTwin(options: CrossEntropyOptions): tf.Scalar {
  const { logits, targets, mask, logitsL1 = 0, labelSmoothing = 0, softTargets } = options;
  return tf.tidy(() => {
    const ids = tf.range(0, logits.shape[1], 1, "int32");
    const chosen = tf.cast(
      tf.equal(tf.tensor2d(targets, [targets.length, 1], "int32"), ids),
      "float32",
    );
    let losses: tf.Tensor1D = tf.neg(tf.sum(tf.mul(chosen, tf.logSoftmax(logits)), 1));
    if (labelSmoothing !== 0) {
      const excess = tf.sub(tf.sum(tf.mul(chosen, logits), 1), tf.mean(logits, 1));
      losses = tf.add(losses, tf.mul(excess, labelSmoothing));
    }
    if (softTargets !== undefined) {
      const divergence = softTargetsTwin(logits, softTargets);
      losses = tf.add(tf.mul(losses, hardShare(softTargets)), divergence);
    }
    const distributions = hasDistributionTerms(options)
      ? distributionTermsTwin(logits, options)
      : null;
    if (distributions !== null) losses = tf.add(losses, distributions.ofRows);
    const weights = mask === undefined ? tf.onesLike(losses) : tf.tensor1d(mask);
    let loss: tf.Scalar = mask === undefined
      ? tf.mean(losses)
      : tf.div(tf.sum(tf.mul(losses, weights)), checkMask("crossEntropy", mask, targets.length));
    if (distributions !== null) loss = tf.add(loss, distributions.added);
    if (logitsL1 === 0) return loss;
    // x · sign(x), because tfjs's derivative of |x| is −1 at 0.
    const absolute = tf.sum(tf.mul(logits, tf.sign(logits)), 1);
    return tf.add(loss, tf.mul(tf.sum(tf.mul(absolute, weights)), logitsL1));
  });
}

/** a T² Σ_v q (ln q − ln softmax(l/T)) of each row. */
function softTargetsTwin(
  logits: tf.Tensor2D,
  { probabilities, share, temperature }: SoftTargets,
): tf.Tensor1D {
  const soft = tf.tensor2d(probabilities, logits.shape);
  const logarithms = tf.log(tf.maximum(soft, 1e-30));
  const others = tf.logSoftmax(tf.div(logits, temperature));
  const terms = tf.where(tf.greater(soft, 0), tf.mul(soft, tf.sub(logarithms, others)), 0);
  return tf.mul(tf.sum(terms, 1), share * temperature ** 2);
}

/** Sum of the mask, or the number of rows. */
export function checkMask(
  subject: string,
  mask: Float32Array | undefined,
  rows: number,
): number {
  if (mask === undefined) return rows;
  if (!(mask instanceof Float32Array) || mask.length !== rows) {
    throw new RangeError(
      `${subject}: mask must be a Float32Array of ${rows} weights, found ` +
        `${mask instanceof Float32Array ? `${mask.length} weights` : show(mask)}.`,
    );
  }
  let sum = 0;
  for (const weight of mask) {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(
        `${subject}: weights of the mask must be finite and from 0, found ${weight}.`,
      );
    }
    sum += weight;
  }
  if (!(sum > 0)) throw new RangeError(`${subject}: the mask must count at least one row.`);
  return sum;
}
