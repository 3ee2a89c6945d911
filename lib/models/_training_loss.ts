import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { alternateRows } from "../ops/alternate_rows.ts";
import { linearCrossEntropy, type LinearCrossEntropyOptions } from "../ops/linear_cross_entropy.ts";
import { meanSquare, meanSquareDifference } from "../ops/mean_square.ts";
import type { LaterTargets, SoftTargets } from "../ops/ops.ts";
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

/** What training reads of a batch and what it adds, or null. */
export type MaybeTerms = LossTerms | null | undefined;

/**
 * What a model gives for a batch: under R-Drop in training twice, each time with masks of its own.
 *
 * @param read One pass. It draws its masks from the stream.
 */
export function passesOver<Outputs>(
  batch: Batch,
  stream: RandomStream | null,
  terms: MaybeTerms,
  read: (batch: Batch) => Outputs,
): readonly Outputs[] {
  const first = read(batch);
  if (!terms?.rDrop || stream === null) return [first];
  const { carried } = batch;
  // Both begin with one state; the first one's is carried on.
  return [first, read(carried ? { ...batch, carried: { ...carried, keep() {} } } : batch)];
}

/** What a cross-entropy of {@link alternateRows} reads besides them, as the operations take it. */
export function targetsOfPasses(
  passes: number,
  terms: MaybeTerms,
  vocabularySize: number,
  batch: Pick<Batch, "targets" | "mask" | "softTargets" | "batch">,
): Omit<LinearCrossEntropyOptions, keyof OutputLayer | "inputs"> {
  const targets = eachTwice(batch.targets, passes);
  const mask = batch.mask && eachTwice(batch.mask, passes);
  const softTargets = batch.softTargets && softTargetsOfPasses(batch.softTargets, batch, passes);
  const given = { targets, mask, ...softTargets && { softTargets } };
  if (!terms) return given;
  const counted = mask === undefined ? targets.length : mask.reduce((sum, one) => sum + one, 0);
  const { logitsL1Sum, logitsL1Mean, labelSmoothing, confidencePenalty, rDrop } = terms;
  return {
    ...given,
    // A sum is that of one pass.
    logitsL1: logitsL1Sum / passes + logitsL1Mean / (counted * vocabularySize),
    ...{ labelSmoothing, confidencePenalty },
    ...passes === 2 && { rDrop },
    laterTargets: terms.tokensAhead.flatMap((weight, index) =>
      laterTargets(batch, { ahead: index + 1, weight, passes }) ?? []
    ),
  };
}

/**
 * Targets of a batch that stand some positions later, rows t × batch + b, with weights whose sum is the weight
 * of their mean; null where no position has one.
 */
function laterTargets(
  { targets, mask, batch }: Pick<Batch, "targets" | "mask" | "batch">,
  { ahead, weight, passes }: { ahead: number; weight: number; passes: number },
): LaterTargets | null {
  const later = targets.map((_, row) => targets[row + ahead * batch] ?? 0);
  const counts = Float32Array.from(targets, (_, row) => {
    const to = row + ahead * batch;
    return to >= targets.length ? 0 : mask === undefined ? 1 : mask[row] * mask[to];
  });
  const counted = counts.reduce((sum, one) => sum + one, 0);
  if (weight === 0 || counted === 0) return null;
  const weights = counts.map((one) => one * weight / (counted * passes));
  return { targets: eachTwice(later, passes), weights: eachTwice(weights, passes) };
}

/** Each value as often as there are passes, one behind the other. */
function eachTwice<Values extends Int32Array | Float32Array>(
  values: Values,
  passes: number,
): Values {
  if (passes === 1) return values;
  const all = new (values.constructor as new (length: number) => Values)(passes * values.length);
  return all.map((_, at) => values[Math.floor(at / passes)]) as Values;
}

function softTargetsOfPasses(
  { probabilities, ...rest }: SoftTargets,
  { targets }: Pick<Batch, "targets">,
  passes: number,
): SoftTargets {
  if (passes === 1) return { probabilities, ...rest };
  const vocabulary = probabilities.length / targets.length;
  const all = new Float32Array(passes * probabilities.length);
  for (let row = 0; row < passes * targets.length; row++) {
    const start = Math.floor(row / passes) * vocabulary;
    all.set(probabilities.subarray(start, start + vocabulary), row * vocabulary);
  }
  return { probabilities: all, ...rest };
}

/** Mean cross-entropy of a batch over one pass or two, and in training what activation penalties add to it. */
export function trainingLoss(
  passes: readonly LastOutputs[],
  layer: OutputLayer,
  given: Batch,
  vocabularySize: number,
  terms: MaybeTerms,
): tf.Scalar {
  let loss = linearCrossEntropy({
    inputs: alternateRows(passes.map(({ dropped }) => dropped)),
    ...layer,
    ...targetsOfPasses(passes.length, terms, vocabularySize, given),
  });
  const { batch, mask } = given;
  const add = (term: tf.Scalar, strength: number) =>
    loss = tf.add(loss, tf.mul(term, strength / passes.length));
  for (const { dropped, outputs } of passes) {
    if (terms?.outputSquares) {
      add(meanSquare({ inputs: dropped, batch, mask }), terms.outputSquares);
    }
    if (terms?.outputDifferences) {
      add(meanSquareDifference({ inputs: outputs, batch, mask }), terms.outputDifferences);
    }
  }
  return loss;
}
