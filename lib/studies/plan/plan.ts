import type { JsonObject } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { crossValidationRuns, ownRuns, refitRuns } from "./run_id.ts";
import { strategyOf } from "../search/kinds.ts";
import { missingRuns, neededIds, type PlannedRun } from "../search/planned_run.ts";
import { selectPoints } from "./selection.ts";

/** Everything that a study asks for, as far as the records decide it: by them alone. */
export function planOf(study: StudyRecord, runs: readonly RunRecord[]): readonly PlannedRun[] {
  const asked = strategyOf(study.strategy).plan(study, crossValidationRuns(study), runs);
  const crossValidation = withinReach(asked, runs);
  if (missingRuns(crossValidation, runs).length > 0) return crossValidation;
  const { refits } = selectPoints(study, ownRuns(study, runs));
  return [...crossValidation, ...withinReach(refitRuns(study, refits, runs), runs)];
}

/** Without the runs that need others which are not completed. */
function withinReach(
  planned: readonly PlannedRun[],
  runs: readonly RunRecord[],
): readonly PlannedRun[] {
  const completed = new Set(
    runs.filter(({ status }) => status === "completed").map(({ id }) => id),
  );
  return planned.filter((run) => neededIds(run).every((id) => completed.has(id)));
}

/**
 * Points that a strategy asks for now: none before all runs of those that are there have a record,
 * and none at its end.
 */
export function askedPoints(
  study: StudyRecord,
  runs: readonly RunRecord[],
): readonly JsonObject[] {
  const { ask } = strategyOf(study.strategy);
  if (ask === null || missingRuns(crossValidationRuns(study), runs).length > 0) return [];
  return ask(study, ownRuns(study, runs));
}
