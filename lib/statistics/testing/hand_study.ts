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
  /** The runs, or the curve of each point by its place, fold and seed. */
  readonly runs:
    | readonly HandRun[]
    | ((index: number, fold: number, seed: number) => HandRun["curve"]);
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
  const { runs: given } = options;
  const hands = typeof given !== "function"
    ? given
    : options.points.flatMap((point, index) =>
      study.folds.flatMap((_, fold) =>
        options.seeds.map((seed): HandRun => ({
          point,
          fold,
          seed,
          curve: given(index, fold, seed),
        }))
      )
    );
  const runs = hands.map((hand): RunRecord => {
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

/** A study of joined spaces: not every point has every axis. */
export function joinedHandStudy(): SyntheticStudy {
  return handStudy({
    points: [
      { learningRate: 0.003 },
      { learningRate: 0.01 },
      { learningRate: 0.003, lambda: 1e-4 },
      { learningRate: 0.003, dropout: 0.3 },
    ],
    folds: 3,
    seeds: [1],
    runs: (index, fold) => [[5, 2, 2.5], [10, 1, 2.4 - 0.1 * index + 0.01 * fold * index]],
  });
}
