import { showLong } from "../core/check.ts";
import { engineNameOf, loadsLibrary } from "../core/engine_name.ts";
import { hasFile } from "../core/runtime/files.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { ensembleRequest } from "./ensemble_request.ts";
import { keptRunOf } from "./_request.ts";
import type { PlannedEnsemble } from "./plan/ensembles.ts";
import { startPool } from "./pool/pool.ts";
import { type StudyFolder, weightsPathOf } from "./storage/folder.ts";

/** The record of an ensemble of runs whose weights are kept, measured in a process of its own. */
export async function measureEnsemble(
  folder: StudyFolder,
  study: StudyRecord,
  records: readonly RunRecord[],
  planned: PlannedEnsemble,
  executor: string | null,
): Promise<RunRecord> {
  const { point, fold: { index: fold }, members, mean, snapshots } = planned;
  const seeds = members.map(({ seed }) => seed);
  const wanted = `the ensemble of ${showLong({ point, fold, seeds, mean, snapshots })}`;
  for (const { id, seed } of planned.members) {
    const reason = await notUsable(folder, records.find((run) => run.id === id), id);
    if (reason !== null) {
      throw new Error(`Cannot give ${wanted}: its run with seed ${seed} ${reason}`);
    }
  }
  if (executor === null) {
    const { checkOwnParts } = await import("./_seal_own_parts.ts");
    const { validateSpecification } = await import("../training/specification.ts");
    await checkOwnParts(validateSpecification(planned.specification), folder.project);
  }
  const kept = members.map(({ id }) => keptRunOf(folder, id, records));
  const engine = engineNameOf(study.engine);
  const pool = startPool({
    project: folder.project,
    writable: null,
    executor,
    workers: 1,
    engine: study.engine,
    native: loadsLibrary(engine),
  });
  try {
    const record = await pool.submit(ensembleRequest(planned, engine, kept));
    if (record.status === "completed") return record;
    throw new Error(`Cannot give ${wanted}: it ${record.status} (${record.error}).`);
  } finally {
    await pool.close();
  }
}

/** Why a run cannot be a member; null where it can. */
async function notUsable(
  folder: StudyFolder,
  run: RunRecord | undefined,
  id: string,
): Promise<string | null> {
  if (run === undefined) return "has no record yet.";
  if (run.status === "pruned") return `was pruned at step ${run.final?.step}.`;
  if (run.status !== "completed") return `${run.status} (${run.error}).`;
  if (await hasFile(weightsPathOf(folder, id))) return null;
  return run.weights === null
    ? `kept no weights. A study keeps those of all runs with keepWeights: "all".`
    : `has kept its weights in ${run.weights}, and they are not there.`;
}
