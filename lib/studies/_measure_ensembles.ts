import { uniqueRuns } from "../records/read_runs.ts";
import type { RunRecord } from "../records/run_record.ts";
import { ensembleRequest } from "./ensemble_request.ts";
import { missingEnsembles, summaryOf } from "./plan/ensembles.ts";
import { allRuns } from "./plan/run_id.ts";
import { needsIn, type Session, type SessionOptions, startTrainers } from "./_session.ts";
import { openJournal } from "./storage/journal.ts";
import { readReadable } from "./storage/mend_journal.ts";

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
  const { find } = needsIn(options, () => allRuns(study, runs), () => Promise.resolve(pool));
  const measured = missing.map(async (ensemble) => {
    const record = await session.withPatience(async () => {
      const members = await Promise.all(ensemble.members.map(({ id }) => find(id)));
      return await pool.submit(ensembleRequest(ensemble, options.engineName, members));
    });
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
  }
}
