import type { JsonObject } from "../core/json.ts";
import type { RunRecord, TrainingCost } from "../records/run_record.ts";
import { mean } from "./estimate.ts";
import type { StudyRecords } from "./study_records.ts";
import { groupRuns } from "./summarize.ts";
import { wholeCosts } from "./whole_cost.ts";

/** What a training at one point took, in the mean over its completed runs on the folds. */
export interface PointCost extends TrainingCost {
  /** Point of the search space. */
  readonly point: JsonObject;
  /** Runs that the means are over. */
  readonly runs: number;
  /** Steps that a run did. */
  readonly steps: number;
  /** Seconds of a run's last attempt, on whatever machine. */
  readonly seconds: number;
  /**
   * Bytes of text that its tokens stand for, at the bytes a token of the training text that evaluations read;
   * null where the records do not say it.
   */
  readonly readBytes: number | null;
  /** Operations with those of the runs that each was made from (see `wholeCost`); null where unknown. */
  readonly wholeFlops: number | null;
}

/**
 * What the trainings of a study took, point by point: means over the completed runs on its folds.
 *
 * Points without such a run, and those where one has no cost, as in older records, are left out.
 *
 * @param study A study, or its records.
 * @returns `flops` is null where shapes do not tell it.
 *
 * @example
 * ```ts
 * import { costsByPoint } from "./costs_by_point.ts";
 * import { syntheticRecords } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { record, records } = syntheticRecords();
 * assert.deepEqual(costsByPoint({ record, records }), []);
 * const cost = { flops: 600, tokens: 10, weights: 10, bytes: 40 };
 * const [{ flops }] = costsByPoint({ record, records: records.map((run) => ({ ...run, cost })) });
 * assert.equal(flops, 600);
 * ```
 */
export function costsByPoint(study: StudyRecords): PointCost[] {
  const wholeCost = wholeCosts(study);
  return groupRuns(study.record, study.records).flatMap(({ point, folds }) => {
    const runs = folds.flat().filter(({ status }) => status === "completed");
    const costs = runs.flatMap(({ cost }) => cost ?? []);
    if (runs.length === 0 || costs.length < runs.length) return [];
    const meanOf = (read: (cost: TrainingCost) => number) => mean(costs.map(read));
    return [{
      point,
      runs: runs.length,
      steps: mean(runs.map(({ final }) => final!.step)),
      flops: meanOfKnown(costs.map(({ flops }) => flops)),
      tokens: meanOf(({ tokens }) => tokens),
      weights: meanOf(({ weights }) => weights),
      bytes: meanOf(({ bytes }) => bytes),
      readBytes: meanOfKnown(runs.map(readBytesOf)),
      seconds: mean(runs.map(({ durationSeconds }) => durationSeconds)),
      wholeFlops: meanOfKnown(runs.map((run) => wholeCost(run)?.flops ?? null)),
    }];
  });
}

function readBytesOf({ cost, tokens: { text } }: RunRecord): number | null {
  if (cost === undefined || text === undefined) return null;
  return cost.tokens * text.training.bytes / text.training.tokens;
}

/** Null where one is. */
function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : mean(known);
}

/** What a cost is asked by: the steps themselves, or what a run took up to them. */
export type CostMeasure = "steps" | "tokens" | "flops";

/**
 * What a run had taken by a step, in proportion to its steps. With draws that is exact; in epochs with a
 * smaller last batch it is off by less than one batch.
 *
 * @returns Null where the record has no cost, or no FLOPs.
 */
export function takenBy(
  { cost, final }: RunRecord,
  measure: CostMeasure,
  step: number,
): number | null {
  if (measure === "steps") return step;
  const whole = cost?.[measure] ?? null;
  if (whole === null || final === null) return null;
  return step === 0 ? 0 : whole * step / final.step;
}
