import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batches.ts";
import type { Model } from "../models/model.ts";
import type { LossTerms } from "../penalties/loss_terms.ts";

/**
 * Mean cross-entropy of a model over batches in evaluation mode: no dropout, no penalty.
 *
 * @param model The model.
 * @param batches Batches; tokens whose mask is 0 do not count.
 * @returns Nats per counted token, summed in double precision in the order of the batches.
 */
export function meanCrossEntropy(model: Model, batches: readonly Batch[]): number {
  let sum = 0;
  let tokens = 0;
  for (const batch of batches) {
    const loss = tf.tidy(() => model.loss(batch, null).dataSync()[0]);
    sum += loss * batch.tokens;
    tokens += batch.tokens;
  }
  return sum / tokens;
}

/**
 * What activation penalties add to the training loss at the weights as they are, without dropout: mean
 * over the tokens of batches of loss with terms − loss.
 *
 * @param terms Coefficients; null for none, which adds 0.
 * @param tokensPerBatch Targets of a training batch, for the term that is a sum over one.
 */
export function meanLossTerms(
  model: Model,
  batches: readonly Batch[],
  terms: LossTerms | null,
  tokensPerBatch: number,
): number {
  if (terms === null) return 0;
  let sum = 0;
  let tokens = 0;
  for (const batch of batches) {
    const logitsL1Sum = terms.logitsL1Sum * tokensPerBatch / batch.tokens;
    const lossWith = (terms: LossTerms | null) =>
      tf.tidy(() => model.loss(batch, null, terms).dataSync()[0]);
    sum += (lossWith({ ...terms, logitsL1Sum }) - lossWith(null)) * batch.tokens;
    tokens += batch.tokens;
  }
  return sum / tokens;
}
