import type { RunRequest } from "../training/run.ts";
import { type StudyFolder, weightsPathOf } from "./folder.ts";
import type { PlannedRun } from "./run_id.ts";

/** A planned run as its process receives it, without where weights and checkpoints go. */
export function requestOf(
  folder: StudyFolder,
  run: PlannedRun,
  engine: RunRequest["engine"],
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
      : { warmStart: { id: warmStartedFrom, path: weightsPathOf(folder, warmStartedFrom) } }),
  };
}
