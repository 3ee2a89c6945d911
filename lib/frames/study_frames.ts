import type { DataFrame } from "danfojs";
import { checkKeys, checkOneOf } from "../core/check.ts";
import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import type { CurvePoint, RunRecord, RunStatus } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import {
  currentRuns,
  inPlannedOrder,
  keptEvaluation,
  quantities,
  readQuantity,
  summarizeTrials,
  type View,
} from "../statistics/summarize.ts";
import { type Cell, frameOf, type Row } from "./_frame_of.ts";

/**
 * The runs of a study, one row each: point, fold, seed, status and the last evaluation; sorted by point,
 * seed and fold.
 *
 * Missing numbers (of a run that failed before its first evaluation) are NaN; danfojs's means and
 * `describe` cannot handle them, so take `{ status: "completed" }` before grouping.
 *
 * @param study A study, or its records.
 * @param options.status Only runs that ended so; all when left out.
 * @returns A danfojs frame that a cell shows as a table.
 */
export function runsFrame(
  study: StudyRecords,
  options: { readonly status?: RunStatus } = {},
): DataFrame {
  checkKeys("runsFrame", options, ["status"]);
  const runs = runsOf(study, options.status, "runsFrame");
  return frameOf(runs.map((run) => ({
    ...identity(study.record, run),
    step: keptEvaluation(study.record, run)?.step ?? NaN,
    ...reading(keptEvaluation(study.record, run)),
    bestStep: run.best?.step ?? NaN,
    bestValidationLoss: run.best?.heldOutLoss ?? NaN,
    seconds: run.durationSeconds,
    id: run.id,
  })));
}

/**
 * The points of a study, one row each: completed runs, and mean and standard error over folds of every
 * quantity, in one view.
 *
 * @param study A study, or its records.
 * @param options.view At the last step, or at each point's best step in the fold mean.
 * @returns A danfojs frame that a cell shows as a table.
 */
export function trialsFrame(
  study: StudyRecords,
  options: { readonly view?: View } = {},
): DataFrame {
  checkKeys("trialsFrame", options, ["view"]);
  const view = checkOneOf("trialsFrame: view", options.view ?? "lastStep", [
    "lastStep",
    "bestStep",
  ]);
  return frameOf(
    summarizeTrials(study.record, study.records).map((summary) => {
      const looked = summary[view];
      const row: Row = {
        ...pointColumns(study.record, summary.point),
        completed: summary.counts.completed,
        complete: summary.complete,
        step: looked?.step ?? NaN,
      };
      for (const quantity of quantities) {
        const estimate = looked?.estimates[quantity];
        row[quantity] = estimate?.mean ?? NaN;
        row[`${quantity}Error`] = estimate?.standardError ?? NaN;
      }
      return row;
    }),
  );
}

/**
 * The learning curves of a study, one row for each evaluation of each run.
 *
 * @param study A study, or its records.
 * @param options.status Only runs that ended so; all when left out.
 * @returns A danfojs frame that a cell shows as a table.
 */
export function curvesFrame(
  study: StudyRecords,
  options: { readonly status?: RunStatus } = {},
): DataFrame {
  checkKeys("curvesFrame", options, ["status"]);
  const runs = runsOf(study, options.status, "curvesFrame");
  return frameOf(runs.flatMap((run) =>
    run.curve.map((at) => ({
      ...identity(study.record, run),
      step: at.step,
      ...reading(at),
      penalty: at.penalty,
      learningRate: at.learningRate,
      gradientNorm: at.gradientNorm ?? NaN,
    }))
  ));
}

function runsOf(
  study: StudyRecords,
  status: RunStatus | undefined,
  subject: string,
): RunRecord[] {
  const runs = byPoint(
    study.record,
    inPlannedOrder(study.record, currentRuns(study.record, study.records)),
  );
  if (status === undefined) return runs;
  const allowed: readonly RunStatus[] = ["completed", "diverged", "failed", "pruned"];
  checkOneOf(`${subject}: status`, status, allowed);
  return runs.filter((run) => run.status === status);
}

/** Runs of a point together, in the order of the study's points. */
function byPoint({ space }: StudyRecord, runs: readonly RunRecord[]): RunRecord[] {
  const places = new Map(space.points.map((point, index) => [canonicalJson(point), index]));
  const place = ({ point }: RunRecord) => places.get(canonicalJson(point)) ?? places.size;
  return runs.toSorted((a, b) => place(a) - place(b));
}

function identity(study: StudyRecord, run: RunRecord): Row {
  return {
    ...pointColumns(study, run.point),
    // One type a column: danfojs sorts and groups by it.
    fold: String(run.fold),
    seed: run.seed,
    status: run.status,
  };
}

// Axes that share a name with a column of ours would be overwritten by it.
const taken = new Set(["fold", "seed", "status", "step", "id", "completed", "complete", "seconds"]);

function pointColumns(study: StudyRecord, point: JsonObject): Row {
  const axes = new Set(study.space.points.flatMap((each) => Object.keys(each)));
  return Object.fromEntries(
    [...axes].map((axis) => [taken.has(axis) ? `point.${axis}` : axis, cellOf(point[axis])]),
  );
}

function cellOf(value: Json | undefined): Cell {
  if (typeof value === "number" || typeof value === "boolean") return value;
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function reading(at: CurvePoint | null): Row {
  return Object.fromEntries(
    quantities.map((quantity) => [quantity, at === null ? NaN : readQuantity(at, quantity)]),
  );
}
