import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import type { Model } from "../models/model.ts";
import { scaleRates } from "../ops/dropout_stream.ts";
import { variableGradients } from "../ops/variable_gradients.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { LossTerms } from "../penalties/loss_terms.ts";
import { inMicroBatches } from "./micro_batches.ts";
import { sharpnessAware } from "./sharpness.ts";
import type { GradientOf } from "./gradient_of.ts";

/** What one optimizer step did. */
export interface StepReport {
  /** Steps done so far. */
  readonly step: number;
  /** Loss of the batch in training mode, with the terms of activation penalties, before the step. */
  readonly batchLoss: number;
  /** Norm of all gradients with penalty terms, before clipping. */
  readonly gradientNorm: number;
}

/**
 * One training step: gradient of the batch's mean cross-entropy with the terms of activation penalties, at
 * the weights or, with a radius, beside them, then the optimizer, which adds the other penalties' part in the order that `StepEffect` states.
 *
 * @returns The batch's loss and the gradient's norm; if either is NaN or infinite the run has
 * diverged and its weights are of no use.
 */
export function trainingStep(
  model: Model,
  optimizer: Optimizer,
  batch: Batch,
  options: {
    learningRate: number;
    dropout: RandomStream | null;
    terms?: LossTerms | null;
    /** How the gradient is computed, such as with some weights dropped; as the weights are if not given. */
    gradientOf?: GradientOf;
    /** ρ of {@link sharpnessAware}; 0 if not given. */
    sharpnessRadius?: number;
    /** Windows or pairs of a part, as in {@link inMicroBatches}; null, or not given, for the whole batch. */
    microBatchSize?: number | null;
    /** What the gradient is taken in before `gradientOf`; the parameters if not given. */
    differentiated?: readonly tf.Variable[];
  },
): { batchLoss: number; gradientNorm: number } {
  const variables = model.parameters.map(({ variable }) => variable);
  const { dropout, terms, gradientOf = (gradient) => gradient(), sharpnessRadius = 0 } = options;
  const { differentiated = variables } = options;
  const ofParts = inMicroBatches(
    (part, stream, terms) =>
      variableGradients(() => model.loss(part, stream, terms), differentiated),
    options.microBatchSize ?? null,
  );
  const gradient = sharpnessAware(
    (batch, stream) => gradientOf(() => ofParts(batch, stream, terms), stream),
    variables,
    sharpnessRadius,
  );
  const { value, grads } = gradient(batch, dropout);
  const batchLoss = value.dataSync()[0];
  value.dispose();
  const gradients = variables.map((variable) => grads[variable.name]);
  const { gradientNorm } = optimizer.step(gradients, options.learningRate);
  tf.dispose(gradients);
  return { batchLoss, gradientNorm };
}

/** Asked after every evaluation: go on, or stop here. */
export type Verdict = "continue" | "stop";

/**
 * The training loop: `steps` optimizer steps with an evaluation before the first, after every
 * `evaluateEvery` and after the last.
 *
 * @param options.evaluate Called with the report of the last step (null before the first).
 * @param options.onStep Called after every step; throwing from it ends the training, a promise is
 * waited for (so that messages can be read meanwhile).
 * @param options.onStepEnd Called at the end of every step but the last, after its evaluation; a
 * promise is waited for.
 * @param options.stepsDone Steps of a run that goes on from a checkpoint; then there is no evaluation
 * before the first.
 * @returns `diverged` if a loss or gradient norm was NaN or infinite, `stopped` if `evaluate` said
 * so, else `completed`; and the number of steps done.
 */
export async function train(options: {
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly batches: { next(): Batch };
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly learningRate: (step: number) => number;
  /** What activation penalties add to the loss in a step; nothing when left out. */
  readonly terms?: (step: number) => LossTerms | null;
  readonly dropout: RandomStream;
  /** What multiplies the rates of dropouts in a step; 1 when left out. */
  readonly dropoutFactor?: (step: number) => number;
  /** As in {@link trainingStep}. */
  readonly gradientOf?: GradientOf;
  /** As in {@link trainingStep}. */
  readonly sharpnessRadius?: number;
  /** As in {@link trainingStep}. */
  readonly microBatchSize?: number | null;
  /** As in {@link trainingStep}. */
  readonly differentiated?: readonly tf.Variable[];
  readonly evaluate: (report: StepReport | null) => Verdict;
  readonly onStep?: (report: StepReport) => void | Promise<void>;
  readonly onStepEnd?: (step: number) => Promise<void>;
  readonly stepsDone?: number;
}): Promise<{ ended: "completed" | "stopped" | "diverged"; step: number }> {
  const { model, optimizer, batches, steps, evaluateEvery, stepsDone = 0 } = options;
  const { gradientOf, sharpnessRadius, microBatchSize, differentiated } = options;
  if (stepsDone === 0 && options.evaluate(null) === "stop") return { ended: "stopped", step: 0 };
  for (let step = stepsDone + 1; step <= steps; step++) {
    const learningRate = options.learningRate(step);
    const terms = options.terms?.(step);
    const dropout = scaleRates(options.dropout, options.dropoutFactor?.(step) ?? 1);
    const result = trainingStep(model, optimizer, batches.next(), {
      ...{ learningRate, dropout, terms, gradientOf, sharpnessRadius },
      ...{ microBatchSize, differentiated },
    });
    const report: StepReport = { step, ...result };
    if (!Number.isFinite(report.batchLoss) || !Number.isFinite(report.gradientNorm)) {
      return { ended: "diverged", step };
    }
    const pause = options.onStep?.(report);
    if (pause) await pause;
    if (step % evaluateEvery === 0 || step === steps) {
      if (options.evaluate(report) === "stop") return { ended: "stopped", step };
    }
    if (step < steps) await options.onStepEnd?.(step);
  }
  return { ended: "completed", step: steps };
}
