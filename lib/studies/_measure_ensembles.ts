import { hasFile, remove } from "../core/runtime/files.ts";
import type { RunRecord } from "../records/run_record.ts";
import { digestRuns } from "./digest.ts";
import { ensembleRequest } from "./_ensemble.ts";
import { missingEnsembles, summaryOf } from "./plan/ensembles.ts";
import { planOf } from "./plan/plan.ts";
import type { Pool } from "./pool/pool.ts";
import { requestOf } from "./_request.ts";
import type { PlannedRun } from "./search/planned_run.ts";
import { needsIn, type Session, type SessionOptions, startTrainers } from "./_session.ts";
import { weightsPathOf } from "./storage/folder.ts";
import { openJournal } from "./storage/journal.ts";
import { readReadable } from "./storage/mend_journal.ts";
import { uniqueRuns } from "../records/read_runs.ts";

/**
 * Measures the ensembles that a study asks for and that have no record, in processes of this machine; each
 * counts once it is in `ensembles.jsonl`. A study without ensembles gets no such file.
 *
 * Members whose weights are not there, because their runs were recorded before the study had ensembles or
 * their files were left out of a repository, are trained again; such weights are removed afterwards.
 *
 * @param options What the study trains with; its journal has the members.
 * @param session Whose patience is had with what is missing.
 * @returns Records of all ensembles of the study.
 */
export async function measureEnsembles(
  options: SessionOptions,
  session: Pick<Session, "withPatience">,
): Promise<readonly RunRecord[]> {
  const { study, folder, journal, settings } = options;
  const { reporter, signal, retryFailed } = settings;
  const runs = journal.runs();
  const { lines, damaged } = readReadable(folder.ensembles);
  const counted = uniqueRuns(lines).filter(({ status }) => !retryFailed || status !== "failed");
  const missing = missingEnsembles(study, runs, counted);
  if (missing.length === 0 && damaged.length === 0) return uniqueRuns(lines);
  signal?.throwIfAborted();
  const ensembles = openJournal(folder.ensembles, (message) => reporter?.warn(message));
  // Only runs are sent to other machines: the weights of their members are here.
  const pool = await startTrainers({ ...options, settings: { ...settings, queue: undefined } });
  const stop = () => void pool.cancel();
  signal?.addEventListener("abort", stop);
  const weights = memberWeights(options, session, pool, runs);
  const measured = missing.map(async (ensemble) => {
    await Promise.all(ensemble.members.map(weights.have));
    const request = ensembleRequest(folder, ensemble, options.engineName, runs);
    const record = await session.withPatience(() => pool.submit(request));
    const named = record.status === "failed"
      ? { ...record, ensemble: summaryOf(ensemble) }
      : record;
    await session.withPatience(() => ensembles.append(named), { isVital: true });
  });
  try {
    await Promise.all(measured);
    return ensembles.runs();
  } catch (error) {
    await pool.cancel();
    await Promise.allSettled(measured);
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await pool.close();
    ensembles.close();
    await weights.removeOwn();
  }
}

/** Files of weights of runs that are members. */
function memberWeights(
  options: SessionOptions,
  session: Pick<Session, "withPatience">,
  pool: Pool,
  runs: readonly RunRecord[],
) {
  const { study, folder, engineName } = options;
  const records = new Map(runs.map((run) => [run.id, run]));
  const needs = needsIn(options, () => planOf(study, runs), () => Promise.resolve(pool));
  const trained = new Map<string, Promise<void>>();
  async function trainAgain(run: PlannedRun): Promise<void> {
    const recorded = records.get(run.id)!;
    const weightsPath = weightsPathOf(folder, run.id);
    const request = { ...requestOf(run, engineName, await needs(run)), weightsPath };
    const record = await session.withPatience(() => pool.submit(request));
    if (record.status === "completed" && digestRuns([record]) === digestRuns([recorded])) return;
    await remove(weightsPath).catch(() => {});
    throw new Error(
      `Cannot make the ensembles of study ${study.name}: training run ${run.id} again for its ` +
        `weights gave other numbers than the study has. Its record is of engine ` +
        `${recorded.engine} on ${recorded.host}.`,
    );
  }
  return {
    /** Trains a run again whose weights are not there. */
    async have(run: PlannedRun): Promise<void> {
      const known = trained.get(run.id);
      if (known !== undefined) return await known;
      if (await hasFile(weightsPathOf(folder, run.id))) return;
      // Another ensemble may have asked meanwhile.
      if (!trained.has(run.id)) trained.set(run.id, trainAgain(run));
      await trained.get(run.id);
    },
    /** Removes the weights that no record names. */
    async removeOwn(): Promise<void> {
      for (const id of trained.keys()) {
        if (records.get(id)!.weights !== null) continue;
        await remove(weightsPathOf(folder, id)).catch(() => {});
      }
    },
  };
}
