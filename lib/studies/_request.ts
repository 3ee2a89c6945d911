import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { RunRequest } from "../training/run.ts";
import { type StudyFolder, weightsPathOf } from "./storage/folder.ts";
import type { KeepWeights } from "./options.ts";
import { isMember } from "./plan/ensembles.ts";
import { strategyOf } from "./search/kinds.ts";
import type { PlannedRun } from "./search/planned_run.ts";

/**
 * A planned run as its process receives it, without where weights and checkpoints go.
 *
 * @param records Runs that are done: those whose weights others begin with name their hash.
 */
export function requestOf(
  folder: StudyFolder,
  run: PlannedRun,
  engine: RunRequest["engine"],
  records: readonly RunRecord[],
): Omit<RunRequest, "weightsPath" | "checkpoint"> {
  const { id, specification, point, fold, seed, stopAt, warmStartedFrom } = run;
  return {
    id,
    specification,
    point,
    fold,
    seed,
    engine,
    ...(stopAt === undefined ? {} : { stopAt }),
    ...(warmStartedFrom === undefined
      ? {}
      : { warmStart: warmStartOf(folder, warmStartedFrom, records) }),
  };
}

/** Whether a study keeps the trained weights of a run. */
export function keepsWeights(
  study: StudyRecord,
  run: PlannedRun,
  keepWeights: KeepWeights,
): boolean {
  return keepWeights === "all" || strategyOf(study.strategy).beginsWith !== null ||
    (keepWeights === "selected" && run.fold.index === "final") || isMember(study, run);
}

/** Weights of a run that others need, as a process receives them. */
export function warmStartOf(
  folder: StudyFolder,
  id: string,
  records: readonly RunRecord[],
): NonNullable<RunRequest["warmStart"]> {
  const weightsSha256 = records.find((run) => run.id === id)?.weightsSha256;
  return {
    id,
    path: weightsPathOf(folder, id),
    ...(weightsSha256 === undefined ? {} : { weightsSha256 }),
  };
}
