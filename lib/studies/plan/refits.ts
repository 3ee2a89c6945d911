import type { JsonObject } from "../../core/json.ts";
import { averagingStart } from "../../optimizers/non_monotone_trigger.ts";
import { choosingLossOf } from "../../records/choosing_loss.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { completedRuns, lowerMedian, refitStep } from "../../statistics/refit_step.ts";
import { groupRuns, type PointRuns, stopsEarly } from "../../statistics/summarize.ts";

/** What a specification says of when a run ends or begins to average, as far as refits read it. */
interface ReadSpecification {
  readonly training?: { readonly steps?: number; readonly evaluateEvery?: number };
  readonly optimizer?: { readonly kind?: string; readonly nonMonotoneInterval?: number | null };
}

/** Whether training itself reads held-out losses: by early stopping, or by the trigger of NT-ASGD. */
export function readsHeldOut(specification: JsonObject): boolean {
  return stopsEarly(specification) || intervalOf(specification) !== null;
}

/**
 * Specifications with which the points of a study are refit, in their order: trained on everything but the
 * final block, of which training reads nothing.
 *
 * Early stopping is taken off; the run ends at the step that the folds chose ({@link refitStep}), after the
 * first evaluation at least. The trigger of NT-ASGD is replaced by the step at which averaging begins, the
 * median over the runs on the folds, those that never averaged counting as the latest. Schedules count steps
 * and stay as they are.
 *
 * Of a point without a completed run the folds say nothing: it is trained to its last step, and averages
 * nothing. In a study without `refits` early stopping is taken off and nothing else, as it was when the
 * study was defined.
 *
 * @param study The study.
 * @param runs Its own runs on the folds.
 */
export function refitSpecifications(
  study: StudyRecord,
  runs: readonly RunRecord[],
): readonly JsonObject[] {
  const { specifications } = study;
  if (!specifications.some(readsHeldOut)) return specifications;
  if (study.refits === undefined) return specifications.map(withoutEarlyStopping);
  const groups = groupRuns(study, runs);
  return specifications.map((specification, index) =>
    withoutTrigger(stoppedAtChosenStep(specification, groups[index]), groups[index])
  );
}

function withoutEarlyStopping(specification: JsonObject): JsonObject {
  if (!stopsEarly(specification)) return specification;
  const training = specification.training as JsonObject;
  return { ...specification, training: { ...training, earlyStopping: null } };
}

function stoppedAtChosenStep(specification: JsonObject, group: PointRuns): JsonObject {
  const chosen = refitStep(group);
  const rest = withoutEarlyStopping(specification);
  if (chosen === null) return rest;
  const { evaluateEvery = 1, steps = Infinity } = (specification as ReadSpecification).training!;
  const training = rest.training as JsonObject;
  // The untrained model is no model of the text.
  return {
    ...rest,
    training: { ...training, steps: Math.max(chosen, Math.min(evaluateEvery, steps)) },
  };
}

function withoutTrigger(specification: JsonObject, { folds }: PointRuns): JsonObject {
  const interval = intervalOf(specification);
  if (interval === null) return specification;
  const starts = completedRuns(folds).map(({ curve }) =>
    averagingStart(
      curve.map((at) => ({ step: at.step, loss: choosingLossOf(at) })),
      interval,
    ) ?? Infinity
  );
  const start = lowerMedian(starts) ?? Infinity;
  const { steps } = (specification as ReadSpecification).training!;
  const averageFromStep = Number.isFinite(start) ? start : steps! + 1;
  const optimizer = specification.optimizer as JsonObject;
  return {
    ...specification,
    optimizer: { ...optimizer, nonMonotoneInterval: null, averageFromStep },
  };
}

/** n of the trigger of NT-ASGD; null of all else. */
function intervalOf(specification: JsonObject): number | null {
  const { optimizer } = specification as ReadSpecification;
  return optimizer?.kind === "asgd" ? optimizer.nonMonotoneInterval ?? null : null;
}
