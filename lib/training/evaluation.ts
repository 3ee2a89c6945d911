import * as tf from "@tensorflow/tfjs";
import { bitsOfText } from "../core/perplexity.ts";
import type { Batch } from "../data/batches.ts";
import type { TextSize } from "../data/tokenizers/tokenizer.ts";
import type { Model } from "../models/model.ts";
import type { LossTerms } from "../penalties/loss_terms.ts";
import type { CurvePoint } from "../records/run_record.ts";
import type { EvaluationBatches } from "./task.ts";

/**
 * Mean cross-entropy of a model over batches in evaluation mode: no dropout, no penalty.
 *
 * @param model The model.
 * @param batches Batches; tokens whose mask is 0 do not count.
 * @returns Nats per counted token, summed in double precision in the order of the batches.
 */
export function meanCrossEntropy(model: Model, batches: readonly Batch[]): number {
  return meanOver(batches, crossEntropies(model, batches));
}

/** Mean cross-entropy of each batch in evaluation mode, nats per counted token. */
export function crossEntropies(model: Model, batches: readonly Batch[]): number[] {
  return batches.map((batch) => tf.tidy(() => model.loss(batch, null).dataSync()[0]));
}

/** Mean of one value a batch over the counted tokens of all batches. */
export function meanOver(batches: readonly Batch[], values: readonly number[]): number {
  let sum = 0;
  let tokens = 0;
  for (const [index, batch] of batches.entries()) {
    sum += values[index] * batch.tokens;
    tokens += batch.tokens;
  }
  return sum / tokens;
}

/**
 * The same batches with targets that are the unknown token masked, so that only targets that the
 * vocabulary knows count.
 *
 * @param batches Batches of an evaluation.
 * @param unknownId Id of the unknown token.
 * @returns One a batch: itself where it has no unknown target, and null where it has no other. Null for
 * all of them where no batch has an unknown target, or all targets are unknown.
 */
export function knownTargets(
  batches: readonly Batch[],
  unknownId: number,
): readonly (Batch | null)[] | null {
  const known = batches.map((batch): Batch | null => {
    const mask = Float32Array.from(
      batch.targets,
      (target, row) => target === unknownId ? 0 : batch.mask?.[row] ?? 1,
    );
    const tokens = mask.reduce((sum, counts) => sum + counts, 0);
    if (tokens === batch.tokens) return batch;
    return tokens === 0 ? null : { ...batch, mask, tokens };
  });
  const decided = known.every((each, index) => each === batches[index]) ||
    known.every((each) => each === null);
  return decided ? null : known;
}

/**
 * Mean cross-entropy over known targets; batches without unknown ones are not read again.
 *
 * @param known What {@link knownTargets} made of the batches.
 * @param losses What {@link crossEntropies} gave for the batches as they are.
 */
export function meanOverKnown(
  model: Model,
  batches: readonly Batch[],
  known: readonly (Batch | null)[],
  losses: readonly number[],
): number {
  const values = known.map((batch, index) =>
    batch === null || batch === batches[index] ? losses[index] : crossEntropies(model, [batch])[0]
  );
  const counted = known.map((batch, index) => batch ?? { ...batches[index], tokens: 0 });
  return meanOver(counted, values);
}

/** Losses of an evaluation on what is held out; see `CurvePoint`. */
export type HeldOutLosses = Pick<
  CurvePoint,
  "heldOutLoss" | "choosingLoss" | "knownHeldOutLoss" | "bitsPerByte" | "bitsPerCharacter"
>;

/**
 * Losses of a model on what is held out of its training.
 *
 * @param known What {@link knownTargets} made of the held-out batches.
 */
export function heldOutLosses(
  model: Model,
  { heldOut, choosing, heldOutText }: Pick<
    EvaluationBatches,
    "heldOut" | "choosing" | "heldOutText"
  >,
  known: ReturnType<typeof knownTargets>,
): HeldOutLosses {
  const losses = crossEntropies(model, heldOut);
  const heldOutLoss = meanOver(heldOut, losses);
  return {
    heldOutLoss,
    ...(choosing && { choosingLoss: meanCrossEntropy(model, choosing) }),
    ...(known && { knownHeldOutLoss: meanOverKnown(model, heldOut, known, losses) }),
    ...(typeof heldOutText === "object" && bitsOf(heldOutLoss, heldOut, heldOutText)),
  };
}

function bitsOf(nats: number, batches: readonly Batch[], size: TextSize) {
  return bitsOfText(nats, {
    ...size,
    tokens: batches.reduce((sum, { tokens }) => sum + tokens, 0),
  });
}

/** The targets that count in batches, each once. */
export function* countedTargets(batches: readonly Batch[]): Generator<number, void> {
  for (const { targets, mask } of batches) {
    for (const [row, target] of targets.entries()) {
      if (mask === undefined || mask[row] > 0) yield target;
    }
  }
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
