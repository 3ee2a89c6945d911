import { join } from "node:path";
import { showLong } from "../core/check.ts";
import { engineNameOf, loadsLibrary } from "../core/engine_name.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { makeTemporaryFolder, readFile, remove } from "../core/runtime/files.ts";
import type { FoldIndex, RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { JsonObject } from "../core/json.ts";
import type { TrainedModel } from "../training/trained_model.ts";
import { digestRuns } from "./digest.ts";
import { type StudyFolder, weightsPathOf } from "./storage/folder.ts";
import { startPool } from "./pool/pool.ts";
import { needsInStudy, requestOf } from "./_request.ts";
import type { Needed } from "./needed_runs.ts";
import { plannedRunOf } from "./plan/planned_run_of.ts";
import { allRuns } from "./plan/run_id.ts";
import type { PlannedRun } from "./search/planned_run.ts";

/** The model of a run: from its kept weights, else trained again in a process of its own. */
export async function trainedModelOf(
  folder: StudyFolder,
  study: StudyRecord,
  records: readonly RunRecord[],
  choice: { readonly point: JsonObject; readonly fold: FoldIndex; readonly seed: number },
  executor: string | null,
): Promise<TrainedModel> {
  const { readTrainedModel } = await import("../training/trained_model.ts");
  const bytes = await weightsOf(folder, study, records, choice, executor);
  const { project } = folder;
  return await readTrainedModel(bytes, engineNameOf(study.engine), { project });
}

/** Bytes of the weights file of a run. */
export async function weightsOf(
  folder: StudyFolder,
  study: StudyRecord,
  records: readonly RunRecord[],
  choice: { readonly point: JsonObject; readonly fold: FoldIndex; readonly seed: number },
  executor: string | null,
): Promise<Uint8Array> {
  const planned = plannedRunOf(study, records, choice);
  const recorded = records.find(({ id }) => id === planned.id);
  const wanted = `the model of ${showLong(choice)}`;
  if (recorded !== undefined && recorded.status !== "completed") {
    const { status, error, final } = recorded;
    const how = status === "pruned" ? `was pruned at step ${final?.step}` : `${status} (${error})`;
    throw new Error(`Cannot give ${wanted}: its run ${how}.`);
  }
  if (typeof recorded?.weights === "string") {
    try {
      const { readKeptWeights } = await import("../training/kept_weights.ts");
      // Where this study keeps them, whatever path its record names.
      return await readKeptWeights(weightsPathOf(folder, recorded.id), recorded);
    } catch (error) {
      // Weights may be left out of a repository; then the run is done again.
      if (!isNotFound(error)) throw error;
    }
  }
  if (executor === null) {
    const { checkOwnParts } = await import("./_seal_own_parts.ts");
    const { validateSpecification } = await import("../training/specification.ts");
    await checkOwnParts(validateSpecification(planned.specification), folder.project);
  }
  // In the study's folder, which is writable where studies run; elsewhere for results that are not.
  const temporary = await makeTemporaryFolder({ dir: folder.path, prefix: ".model-" })
    .catch(() => makeTemporaryFolder({ prefix: "parsimony-model-" }));
  try {
    const weightsPath = join(temporary, "model.safetensors");
    const record = await trainAgain(
      folder,
      study,
      planned,
      records,
      weightsPath,
      temporary,
      executor,
    );
    if (record.status !== "completed") {
      throw new Error(`Cannot give ${wanted}: its run ${record.status} (${record.error}).`);
    }
    if (recorded !== undefined && digestRuns([record]) !== digestRuns([recorded])) {
      throw new Error(
        `Cannot give ${wanted}: training it again gave other numbers than the study has. Its ` +
          `record is of engine ${recorded.engine} on ${recorded.host}.`,
      );
    }
    return await readFile(weightsPath);
  } finally {
    await remove(temporary, { recursive: true }).catch(() => {});
  }
}

async function trainAgain(
  folder: StudyFolder,
  study: StudyRecord,
  planned: PlannedRun,
  records: readonly RunRecord[],
  weightsPath: string,
  writable: string,
  executor: string | null,
): Promise<RunRecord> {
  const engine = engineNameOf(study.engine);
  const pool = startPool({
    project: folder.project,
    writable,
    executor,
    workers: 1,
    engine: study.engine,
    native: loadsLibrary(engine),
  });
  try {
    const train = (run: PlannedRun, needed: Needed, weightsPath: string) =>
      pool.submit({ ...requestOf(run, engine, needed), weightsPath });
    const { needs } = needsInStudy({
      folder,
      records: () => records,
      planned: () => allRuns(study, records),
      again: writable,
      train,
    });
    return await train(planned, await needs(planned), weightsPath);
  } finally {
    await pool.close();
  }
}
