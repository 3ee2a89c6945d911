import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batches.ts";
import type { Model } from "../models/model.ts";

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

/** Perplexity, exp(mean nats per token). */
export function perplexity(nats: number): number {
  return Math.exp(nats);
}

/** Bits per token, nats / ln 2: bits per character for a character tokenizer. */
export function bitsPerToken(nats: number): number {
  return nats / Math.LN2;
}
