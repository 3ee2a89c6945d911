import { hashJson, type JsonObject } from "../../core/json.ts";
import { choosingLossOf } from "../../records/choosing_loss.ts";
import type { FoldIndex, RunRecord, RunStatus } from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { specificationOf, type SyntheticStudy, syntheticStudy } from "./synthetic_study.ts";

/** One run as a hand-worked table gives it: losses by step. */
export interface HandRun {
  readonly point: JsonObject;
  readonly fold: FoldIndex;
  readonly seed: number;
  /** [step, training loss, held-out loss, choosing loss if there is one] of each evaluation. */
  readonly curve: readonly (readonly [number, number, number, number?])[];
  readonly exactZeros?: number;
  readonly status?: RunStatus;
}

/** Makes the records of a study from losses written down by hand; 100 weights are counted. */
export function handStudy(options: {
  readonly points: readonly JsonObject[];
  readonly folds: number;
  readonly seeds: readonly number[];
  readonly runs: readonly HandRun[];
  readonly baseline?: JsonObject | null;
  /** Which points stop early; none when left out. */
  readonly stopsEarly?: (point: JsonObject) => boolean;
}): SyntheticStudy {
  const template = syntheticStudy({ axes: { lambda: [0] }, folds: options.folds, seeds: [1] });
  const study: StudyRecord = {
    ...template.study,
    space: { kind: "points", points: options.points },
    specifications: options.points.map((point) => {
      const specification = specificationOf(point);
      if (!options.stopsEarly?.(point)) return specification;
      const training = specification.training as JsonObject;
      return { ...specification, training: { ...training, earlyStopping: { patience: 1 } } };
    }),
    seeds: options.seeds,
    baseline: options.baseline ?? null,
  };
  const runs = options.runs.map((hand): RunRecord => {
    const curve = hand.curve.map(([step, trainingLoss, heldOutLoss, choosingLoss]) => ({
      ...template.runs[0].curve[0],
      step,
      trainingLoss,
      heldOutLoss,
      ...(choosingLoss !== undefined && { choosingLoss }),
      generalizationGap: heldOutLoss - trainingLoss,
      exactZeros: hand.exactZeros ?? 0,
      nearZeros: hand.exactZeros ?? 0,
      countedWeights: 100,
    }));
    return {
      ...template.runs[0],
      id: hashJson([hand.point, hand.fold, hand.seed]),
      point: hand.point,
      fold: hand.fold,
      seed: hand.seed,
      status: hand.status ?? "completed",
      curve,
      final: curve.at(-1) ?? null,
      best: curve.length === 0
        ? null
        : curve.reduce((best, at) => choosingLossOf(at) < choosingLossOf(best) ? at : best),
    };
  });
  return { study, runs };
}
