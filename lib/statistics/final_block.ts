import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { mean, standardDeviation } from "./estimate.ts";
import { refitStep } from "./refit_step.ts";
import {
  countRuns,
  currentRuns,
  curveAt,
  groupRuns,
  type PointSummary,
  readQuantity,
  type RunCounts,
} from "./summarize.ts";

/** Mean over seeds of what one training on everything but the final block gave on that block. */
export interface FinalScore {
  readonly step: number;
  readonly loss: number;
  /** Standard deviation over seeds; null with one seed. It says nothing about other text. */
  readonly standardDeviation: number | null;
  readonly trainingLoss: number;
  readonly generalizationGap: number;
  readonly exactZeroShare: number;
  /** Losses of the seeds, in the study's order. */
  readonly losses: readonly number[];
}

/** A point that was refit on all but the final block. */
export interface FinalResult {
  readonly point: JsonObject;
  readonly key: string;
  readonly isBaseline: boolean;
  /** Refits by how they ended; `missing` are seeds without a record. */
  readonly counts: RunCounts;
  /** Refits that completed, and those that were expected, one a seed. */
  readonly completed: number;
  readonly expected: number;
  /**
   * Where the refits end: `lastStep` of training, or, of a point that stops early, the `chosenStep`: then both
   * scores are the same.
   */
  readonly trainedTo: "lastStep" | "chosenStep";
  /**
   * At the last step of the refits; null unless every one completed: the seeds that are left say nothing of
   * those that diverged.
   */
  readonly lastStep: FinalScore | null;
  /**
   * At the step that the folds chose, in which the final block had no part: the best in the fold mean, or
   * what runs that stop early kept ({@link refitStep}). Null also when the refits were not evaluated there.
   */
  readonly chosenStep: FinalScore | null;
}

/**
 * Scores on the final block, which no selection has read.
 *
 * A run's own best step is not used here: it would be chosen on the block that it is scored on.
 *
 * @param study The study.
 * @param runs Its records, those of the final fold among them.
 * @param summaries What `summarizeTrials` returned, for the steps chosen on the folds.
 * @returns One result for every point with a refit: the baseline first, then the study's order.
 */
export function finalResults(
  study: StudyRecord,
  runs: readonly RunRecord[],
  summaries: readonly PointSummary[],
): FinalResult[] {
  const baselineKey = study.baseline === null ? null : canonicalJson(study.baseline);
  const finalRuns = currentRuns(study, runs).filter((run) => run.fold === "final");
  const groups = new Map(groupRuns(study, runs).map((group) => [group.key, group]));
  const results = summaries.flatMap((summary): FinalResult[] => {
    const own = study.seeds.flatMap((seed) =>
      finalRuns.filter((run) => run.seed === seed && canonicalJson(run.point) === summary.key)
    );
    if (own.length === 0) return [];
    const group = groups.get(summary.key)!;
    const expected = study.seeds.length;
    const counts = countRuns(own, expected);
    const trainedTo = group.stopsEarly && study.refits !== undefined ? "chosenStep" : "lastStep";
    const step = group.stopsEarly ? refitStep(group) : summary.bestStep?.step ?? null;
    const scoreAt = (at: (run: RunRecord) => CurvePoint | undefined) =>
      counts.completed < expected ? null : score(own.map(at));
    const lastStep = scoreAt((run) => run.final ?? undefined);
    return [{
      point: summary.point,
      key: summary.key,
      isBaseline: summary.key === baselineKey,
      counts,
      completed: counts.completed,
      expected,
      trainedTo,
      lastStep,
      chosenStep: trainedTo === "chosenStep"
        ? lastStep
        : step === null
        ? null
        : scoreAt((run) => curveAt(run, step)),
    }];
  });
  return [...results.filter((each) => each.isBaseline), ...results.filter((e) => !e.isBaseline)];
}

function score(at: readonly (CurvePoint | undefined)[]): FinalScore | null {
  const points = at.filter((each) => each !== undefined);
  if (points.length === 0 || points.length < at.length) return null;
  const losses = points.map((each) => each.heldOutLoss);
  return {
    step: Math.max(...points.map((each) => each.step)),
    loss: mean(losses),
    standardDeviation: losses.length < 2 ? null : standardDeviation(losses),
    trainingLoss: mean(points.map((each) => each.trainingLoss)),
    generalizationGap: mean(points.map((each) => each.generalizationGap)),
    exactZeroShare: mean(points.map((each) => readQuantity(each, "exactZeroShare"))),
    losses,
  };
}
