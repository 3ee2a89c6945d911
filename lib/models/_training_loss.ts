import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batches.ts";
import { linearCrossEntropy } from "../ops/linear_cross_entropy.ts";
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

/** Coefficients of the terms that read logits, as the operations take them. */
export function logitTermsOf(
  terms: LossTerms | null | undefined,
  vocabularySize: number,
  { targets, mask }: Pick<Batch, "targets" | "mask">,
): { logitsL1?: number; labelSmoothing?: number } {
  if (!terms) return {};
  const counted = mask === undefined ? targets.length : mask.reduce((sum, one) => sum + one, 0);
  const { logitsL1Sum, logitsL1Mean, labelSmoothing } = terms;
  return { logitsL1: logitsL1Sum + logitsL1Mean / (counted * vocabularySize), labelSmoothing };
}

/** Mean cross-entropy of a batch, and in training what activation penalties add to it. */
export function trainingLoss(
  { dropped, outputs }: LastOutputs,
  layer: OutputLayer,
  { targets, mask, batch }: Batch,
  vocabularySize: number,
  terms: LossTerms | null | undefined,
): tf.Scalar {
  let loss = linearCrossEntropy({
    inputs: dropped,
    ...layer,
    targets,
    mask,
    ...logitTermsOf(terms, vocabularySize, { targets, mask }),
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
