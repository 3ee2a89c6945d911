import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batches.ts";
import { linearCrossEntropy, type LinearCrossEntropyOptions } from "../ops/linear_cross_entropy.ts";
import { meanSquare, meanSquareDifference } from "../ops/mean_square.ts";
import type { LossTerms } from "../penalties/loss_terms.ts";

/** The output layer, as `linearCrossEntropy` takes it. */
interface OutputLayer {
  readonly kernel: tf.Tensor2D;
  readonly bias?: tf.Tensor1D;
  readonly transposeKernel?: boolean;
}

/** What the last layer gave for a batch, `[time × batch, size]`, row t × batch + b. */
export interface LastOutputs {
  /** As the output layer reads them: after dropout. */
  readonly dropped: tf.Tensor2D;
  /** Before dropout. */
  readonly outputs: tf.Tensor2D;
}

/** What reads logits beside the cross-entropy, as the operations take it. */
export function logitTermsOf(
  terms: LossTerms | null | undefined,
  vocabularySize: number,
  { targets, mask, softTargets }: Pick<Batch, "targets" | "mask" | "softTargets">,
): Pick<LinearCrossEntropyOptions, "logitsL1" | "labelSmoothing" | "softTargets"> {
  const soft = softTargets && { softTargets };
  if (!terms) return { ...soft };
  const counted = mask === undefined ? targets.length : mask.reduce((sum, one) => sum + one, 0);
  const { logitsL1Sum, logitsL1Mean, labelSmoothing } = terms;
  const logitsL1 = logitsL1Sum + logitsL1Mean / (counted * vocabularySize);
  return { logitsL1, labelSmoothing, ...soft };
}

/** Mean cross-entropy of a batch, and in training what activation penalties add to it. */
export function trainingLoss(
  { dropped, outputs }: LastOutputs,
  layer: OutputLayer,
  { targets, mask, batch, softTargets }: Batch,
  vocabularySize: number,
  terms: LossTerms | null | undefined,
): tf.Scalar {
  let loss = linearCrossEntropy({
    inputs: dropped,
    ...layer,
    targets,
    mask,
    ...logitTermsOf(terms, vocabularySize, { targets, mask, softTargets }),
  });
  const add = (term: tf.Scalar, strength: number) => loss = tf.add(loss, tf.mul(term, strength));
  if (terms?.outputSquares) {
    add(meanSquare({ inputs: dropped, batch, mask }), terms.outputSquares);
  }
  if (terms?.outputDifferences) {
    add(meanSquareDifference({ inputs: outputs, batch, mask }), terms.outputDifferences);
  }
  return loss;
}
