import type { JsonObject } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { FoldRecord } from "../../records/study_record.ts";

/** A run that a study asks for. */
export interface PlannedRun {
  readonly id: string;
  readonly point: JsonObject;
  readonly specification: JsonObject;
  readonly fold: FoldRecord;
  readonly seed: number;
  /** Step at which it pauses; it goes to its end when left out. */
  readonly stopAt?: number;
  /** Runs whose kept weights it needs; none is left out. */
  readonly needs?: readonly Need[];
}

/** What a run needs others for: weights to begin with, or predictions to learn. */
export interface Need {
  readonly role: "warmStart" | "teacher";
  /** Ids of the runs; one where it begins with their weights. */
  readonly ids: readonly string[];
}

/** Ids of the runs that a run needs, for one thing or for any. */
export function neededIds(
  { needs = [] }: Pick<PlannedRun, "needs">,
  role?: Need["role"],
): readonly string[] {
  return needs.filter((need) => role === undefined || need.role === role).flatMap(({ ids }) => ids);
}

/** Runs that a plan asks for and that have no record yet, or one that ends before their step. */
export function missingRuns(
  planned: readonly PlannedRun[],
  recorded: readonly RunRecord[],
): PlannedRun[] {
  const records = new Map(recorded.map((run) => [run.id, run]));
  return planned.filter((run) => !isDone(run, records.get(run.id)));
}

/** Whether a record is what a planned run asks for. */
export function isDone(run: PlannedRun, record: RunRecord | undefined): boolean {
  if (record === undefined) return false;
  return record.status !== "pruned" || (run.stopAt ?? Infinity) <= (record.final?.step ?? 0);
}

/** The records of planned runs that have one, in the order of the plan. */
export function recordsOf(planned: readonly PlannedRun[], runs: readonly RunRecord[]): RunRecord[] {
  const recorded = new Map(runs.map((run) => [run.id, run]));
  return planned.map(({ id }) => recorded.get(id)).filter((run) => run !== undefined);
}
