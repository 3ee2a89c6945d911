import type { JsonObject } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { crossValidationRuns, ownRuns, refitRuns } from "./run_id.ts";
import { strategyOf } from "../search/kinds.ts";
import { missingRuns, neededIds, type PlannedRun } from "../search/planned_run.ts";
import { selectPoints } from "./selection.ts";

/** Everything that a study asks for, as far as the records decide it: by them alone. */
export function planOf(study: StudyRecord, runs: readonly RunRecord[]): readonly PlannedRun[] {
  return plansOf(study, runs).now;
}

/** The same with runs that are yet to come: those that wait for others, which may still complete. */
export function expectedRuns(
  study: StudyRecord,
  runs: readonly RunRecord[],
): readonly PlannedRun[] {
  return plansOf(study, runs).expected;
}

/** Runs that can be trained, and with them those that wait for others. */
interface Plans {
  readonly now: readonly PlannedRun[];
  readonly expected: readonly PlannedRun[];
}

function plansOf(study: StudyRecord, runs: readonly RunRecord[]): Plans {
  const asked = strategyOf(study.strategy).plan(study, crossValidationRuns(study), runs);
  const crossValidation = withinReach(asked, runs);
  if (missingRuns(crossValidation.now, runs).length > 0) return crossValidation;
  const { refits } = selectPoints(study, ownRuns(study, runs));
  const { now, expected } = withinReach(refitRuns(study, refits, runs), runs);
  return {
    now: [...crossValidation.now, ...now],
    expected: [...crossValidation.expected, ...expected],
  };
}

/** Of planned runs those whose needs are completed, and those whose needs are so or may come to be. */
function withinReach(planned: readonly PlannedRun[], runs: readonly RunRecord[]): Plans {
  const statuses = new Map(runs.map(({ id, status }) => [id, status]));
  const byId = new Map(planned.map((run) => [run.id, run]));
  const isReady = (run: PlannedRun) =>
    neededIds(run).every((id) => statuses.get(id) === "completed");
  const known = new Map<PlannedRun, boolean>();
  const mayCome = (run: PlannedRun): boolean => {
    const before = known.get(run);
    if (before !== undefined) return before;
    const may = neededIds(run).every((id) => {
      const status = statuses.get(id), needed = byId.get(id);
      if (status !== undefined) return status === "completed";
      return needed !== undefined && mayCome(needed);
    });
    known.set(run, may);
    return may;
  };
  return { now: planned.filter(isReady), expected: planned.filter(mayCome) };
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
