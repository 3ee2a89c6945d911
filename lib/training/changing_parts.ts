import { valuesNow } from "../engine/kernels.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { type Optimizer, penaltiesWith } from "../optimizers/optimizer.ts";
import { startingWeights } from "../optimizers/starting_weights.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import type { StartOf } from "../penalties/penalty.ts";
import { effectsByStep, penaltiesOf } from "../penalties/targets.ts";
import { unchangedWeights } from "../penalties/unchanged.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { Model } from "../models/model.ts";
import { createAveraging } from "./averaging.ts";
import { type OwnParts, ownPenalties } from "./own_parts.ts";
import { createSnapshots } from "./snapshots.ts";
import type { Specification } from "./specification.ts";
import { adapterTensors, createTuning, type TrainedPart, type Tuning } from "./tuning.ts";

/**
 * What changes the weights of a model in a run, and what keeps copies of them: made while the variables hold
 * the weights that the run begins with, before a warm start or a checkpoint.
 *
 * @param stream Seed and purpose of what is drawn besides the model.
 */
export function changingParts(
  specification: Specification,
  model: Model,
  parts: OwnParts,
  stream: { readonly seed: number; readonly purpose: string },
) {
  const { training } = specification;
  const tuning = createTuning(training, model, stream);
  const { trained } = tuning;
  const own = ownPenalties(parts.penalties, trained.parameters);
  const penalties = penaltiesWith(specification.optimizer, specification.penalties);
  const startOf = startingWeights(penalties, trained.parameters);
  const averaging = createAveraging(training, trained.parameters);
  const snapshots = createSnapshots(training.snapshots, model.parameters);
  const acting = own.actOn(optimizerOf(specification, trained, parts, startOf));
  return {
    ...{ tuning, trained, own, penalties, startOf, averaging },
    optimizer: snapshots.follow(tuning.follow(averaging.follow(acting))),
    /** What a weights file keeps besides the model's own weights. */
    tensors: () => [...snapshots.tensors(), ...adapterTensors(tuning)],
    /** What the record says of parameters and adapters; with what did not change where the run has ended. */
    summaries: (completed: boolean) =>
      summariesOf(model, tuning, penalties, completed ? startOf : null),
  };
}

function summariesOf(
  model: Model,
  { trained, adapters }: Tuning,
  penalties: readonly PenaltySpecification[],
  startOf: StartOf | null,
): Pick<RunRecord, "parameters" | "adapters"> {
  const descriptions = trained.parameters.map(({ description }) => description);
  const weights = trained.parameters.map(({ variable }) => valuesNow(variable));
  const unchanged = startOf && unchangedWeights(penalties, descriptions, weights, startOf);
  const summaries = penaltiesOf(penalties, descriptions).map((summary, index) => ({
    ...summary,
    ...(unchanged?.[index] && { unchangedWeights: unchanged[index].unchanged }),
  }));
  const ofTrained = new Map(summaries.map((summary) => [summary.name, summary]));
  const parameters = model.parameters.map(({ description: { name, kind, shape } }) =>
    ofTrained.get(name) ?? { name, kind, shape, penalties: [], frozen: true as const }
  );
  if (adapters.length === 0) return { parameters };
  return {
    parameters,
    adapters: adapters.map(({ description: { name } }) => ofTrained.get(name)!),
  };
}

function optimizerOf(
  { optimizer, penalties, clipping }: Specification,
  { parameters }: TrainedPart,
  parts: OwnParts,
  startOf: StartOf,
): Optimizer {
  const effects = effectsByStep(
    penaltiesWith(optimizer, penalties),
    parameters.map(({ description }) => description),
  );
  return createOptimizer(optimizer, parameters, effects, clipping, parts.optimizer, startOf);
}
