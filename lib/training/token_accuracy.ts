import type * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batches.ts";
import { mostLikely } from "../models/conditional_generation.ts";

/**
 * Share of target tokens to which a model gives the highest score in evaluation mode, read under teacher
 * forcing. Of equal scores the lower id is taken.
 *
 * @param model A model of texts or of pairs.
 * @param batches Batches; targets whose mask is 0 do not count.
 */
export function tokenAccuracy<B extends Batch>(
  model: { readonly vocabularySize: number; logits(batch: B): tf.Tensor2D },
  batches: Iterable<B>,
): number {
  let right = 0;
  let tokens = 0;
  for (const batch of batches) {
    const logits = model.logits(batch);
    const scores = logits.dataSync() as Float32Array;
    const size = model.vocabularySize;
    batch.targets.forEach((target, row) => {
      if (batch.mask !== undefined && batch.mask[row] === 0) return;
      if (mostLikely(scores.subarray(row * size, (row + 1) * size)) === target) right++;
    });
    logits.dispose();
    tokens += batch.tokens;
  }
  return right / tokens;
}
