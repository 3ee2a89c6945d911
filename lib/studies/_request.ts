import { join } from "node:path";
import { show } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { hasFile } from "../core/runtime/files.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { KeptRun } from "../training/kept_weights.ts";
import type { RunRequest } from "../training/run_request.ts";
import { digestRuns } from "./digest.ts";
import { type FindsRuns, type Needed, neededRuns } from "./needed_runs.ts";
import type { KeepWeights } from "./options.ts";
import { isMember } from "./plan/ensembles.ts";
import { pointNeeds } from "./plan/needs.ts";
import { strategyOf } from "./search/kinds.ts";
import type { PlannedRun } from "./search/planned_run.ts";
import { type StudyFolder, weightsPathOf } from "./storage/folder.ts";

/** A planned run as its process receives it, without where weights and checkpoints go. */
export function requestOf(
  run: PlannedRun,
  engine: RunRequest["engine"],
  needed: Needed,
): Omit<RunRequest, "weightsPath" | "checkpoint"> {
  const { id, specification, point, fold, seed, stopAt } = run;
  return {
    ...{ id, specification, point, fold, seed, engine },
    ...(stopAt === undefined ? {} : { stopAt }),
    ...needed,
  };
}

/** Whether a study keeps the trained weights of a run. */
export function keepsWeights(
  study: StudyRecord,
  run: PlannedRun,
  keepWeights: KeepWeights,
): boolean {
  return keepWeights === "all" || strategyOf(study.strategy).beginsWith !== null ||
    (keepWeights === "selected" && run.fold.index === "final") || teaches(study, run) ||
    isMember(study, run);
}

/** The weights of a run of a study where it keeps them, as a process receives them. */
export function keptRunOf(
  folder: StudyFolder,
  id: string,
  records: readonly RunRecord[],
): KeptRun {
  return keptRun(id, weightsPathOf(folder, id), records.find((run) => run.id === id));
}

/** Whether others of a study learn what a run predicts. */
function teaches(study: StudyRecord, { point, seed }: PlannedRun): boolean {
  let known = teaching.get(study);
  if (known === undefined) {
    const keys = study.space.points.map(canonicalJson);
    known = new Set(
      pointNeeds(study).flat().filter(({ role }) => role === "teacher").flatMap(({ at, seeds }) =>
        (seeds === "own" ? study.seeds : seeds).map((seed) => `${seed} ${keys[at]}`)
      ),
    );
    teaching.set(study, known);
  }
  return known.has(`${seed} ${canonicalJson(point)}`);
}

/** Seeds and points of those that teach, by study. */
const teaching = new WeakMap<StudyRecord, ReadonlySet<string>>();

/** How the runs of a study get the weights that they need. */
export interface StudyNeeds {
  readonly folder: StudyFolder;
  /** Runs that are done. */
  records(): readonly RunRecord[];
  /** Runs that the study plans. */
  planned(): readonly PlannedRun[];
  /** Folder for the weights of runs that are trained again because theirs are not kept. */
  readonly again: string;
  /** Trains a run that keeps its weights at the given path. */
  train(run: PlannedRun, needed: Needed, weightsPath: string): Promise<RunRecord>;
}

/** Finds what runs of a study need: kept weights in its folder, else those of runs that are trained again. */
export function needsInStudy(
  { folder, records, planned, again, train }: StudyNeeds,
): FindsRuns {
  const recorded = (id: string) => records().find((run) => run.id === id);
  return neededRuns({
    async kept(id) {
      const path = weightsPathOf(folder, id);
      return await hasFile(path) ? keptRun(id, path, recorded(id)) : null;
    },
    async train(id, needs) {
      const run = planned().find((each) => each.id === id);
      if (run === undefined) throw new Error(`Cannot train run ${id} again: no plan has it.`);
      const path = join(again, `${id}.safetensors`);
      const record = await train(run, await needs(run), path);
      const before = recorded(id);
      if (record.status !== "completed") {
        throw new Error(`Run ${id}, which others need, ${record.status} (${record.error}).`);
      }
      if (before !== undefined && digestRuns([record]) !== digestRuns([before])) {
        throw new Error(
          `Cannot use run ${
            show(id)
          }, which others need: its weights are not kept, and training it again ` +
            `gave other numbers than the study has. Its record is of engine ${before.engine} on ` +
            `${before.host}.`,
        );
      }
      return keptRun(id, path, record);
    },
  });
}

function keptRun(id: string, path: string, record: RunRecord | undefined): KeptRun {
  const weightsSha256 = record?.weightsSha256;
  return { id, path, ...(weightsSha256 === undefined ? {} : { weightsSha256 }) };
}
