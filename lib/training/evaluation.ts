import { countedTargets } from "./counted_targets.ts";
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
export function meanCrossEntropy(model: Model, batches: Iterable<Batch>): number {
  return crossEntropies(model, batches, null).all;
}

/** Means over the batches of an evaluation. */
export interface CrossEntropies {
  /** Of all counted targets, nats per token. */
  readonly all: number;
  /** Of those that are not the unknown token. */
  readonly known: number;
  /** How many targets count. */
  readonly tokens: number;
}

/**
 * Mean cross-entropy of a model over batches in evaluation mode, of all targets and of those that its
 * vocabulary knows.
 *
 * @param unknownId Id of the unknown token; null where `known` is not asked for. A batch with an unknown
 * target and a known one is then read twice.
 */
export function crossEntropies(
  model: Model,
  batches: Iterable<Batch>,
  unknownId: number | null,
): CrossEntropies {
  const read = (batch: Batch) => tf.tidy(() => model.loss(batch, null).dataSync()[0]);
  const all = { sum: 0, tokens: 0 };
  const known = { sum: 0, tokens: 0 };
  const add = (to: typeof all, loss: number, tokens: number) => {
    to.sum += loss * tokens;
    to.tokens += tokens;
  };
  for (const batch of batches) {
    const loss = read(batch);
    add(all, loss, batch.tokens);
    if (unknownId === null) continue;
    const part = withKnownTargets(batch, unknownId);
    if (part.tokens > 0) add(known, part === batch ? loss : read(part), part.tokens);
  }
  return { all: all.sum / all.tokens, known: known.sum / known.tokens, tokens: all.tokens };
}

/** A batch whose unknown targets are masked, so that only the others count; itself where it has none. */
function withKnownTargets(batch: Batch, unknownId: number): Batch {
  const mask = Float32Array.from(
    batch.targets,
    (target, row) => target === unknownId ? 0 : batch.mask?.[row] ?? 1,
  );
  const tokens = mask.reduce((sum, counts) => sum + counts, 0);
  return tokens === batch.tokens ? batch : { ...batch, mask, tokens };
}

/** Whether some of the targets that count are the unknown token, and some are not. */
export function someUnknown(batches: Iterable<Batch>, unknownId: number): boolean {
  let unknown = false;
  let known = false;
  for (const target of countedTargets(batches)) {
    if (target === unknownId) unknown = true;
    else known = true;
    if (unknown && known) return true;
  }
  return false;
}

/** Losses of an evaluation on what is held out; see `CurvePoint`. */
export type HeldOutLosses = Pick<
  CurvePoint,
  "heldOutLoss" | "choosingLoss" | "knownHeldOutLoss" | "bitsPerByte" | "bitsPerCharacter"
>;

/**
 * Losses of a model on what is held out of its training.
 *
 * @param unknownId Id of the unknown token, so that the loss on known targets is measured too; null where
 * {@link someUnknown} said that there is none.
 */
export function heldOutLosses(
  model: Model,
  { heldOut, choosing, heldOutText }: Pick<
    EvaluationBatches,
    "heldOut" | "choosing" | "heldOutText"
  >,
  unknownId: number | null,
): HeldOutLosses {
  const losses = crossEntropies(model, heldOut, unknownId);
  return {
    heldOutLoss: losses.all,
    ...(choosing && { choosingLoss: meanCrossEntropy(model, choosing) }),
    ...(unknownId !== null && { knownHeldOutLoss: losses.known }),
    ...(typeof heldOutText === "object" && bitsOf(losses, heldOutText)),
  };
}

function bitsOf({ all, tokens }: CrossEntropies, size: TextSize) {
  return bitsOfText(all, { ...size, tokens });
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
  batches: Iterable<Batch>,
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
