import { join, relative } from "node:path";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { mean } from "../statistics/estimate.ts";
import type { RunRequest } from "../training/run.ts";
import { checkpointPath, type StudyFolder } from "./folder.ts";
import type { Journal } from "./journal.ts";
import { type Pool, startPool } from "./pool.ts";
import { startQueuePool } from "./queue/queue_pool.ts";
import type { StudySettings } from "./options.ts";
import type { StudyProgress } from "./reporter.ts";
import type { PlannedRun } from "./run_id.ts";

/** Runs that a plan asks for and that have no record yet. */
export function missingRuns(
  planned: readonly PlannedRun[],
  recorded: readonly RunRecord[],
  retryFailed: boolean,
): PlannedRun[] {
  const known = new Set(
    recorded.filter(({ status }) => !(retryFailed && status === "failed")).map(({ id }) => id),
  );
  return planned.filter(({ id }) => !known.has(id));
}

/** What a session trains with. */
export interface SessionOptions {
  readonly study: StudyRecord;
  readonly folder: StudyFolder;
  readonly journal: Journal;
  readonly settings: StudySettings;
  readonly executor: string | null;
  /** Name by which every process gets the study's engine. */
  readonly engineName: RunRequest["engine"];
}

/** Training of a study's missing runs in a pool, with progress. */
export interface Session {
  /** Trains the runs of a plan that have no record; each counts once it is in the journal. */
  train(planned: readonly PlannedRun[]): Promise<void>;
  /** Ends the processes. */
  close(): Promise<void>;
}

/** Milliseconds between two reports of progress; longer where a report takes a 20th of them. */
const reportPause = 200;

/** Begins a session; processes start with the first run. */
export function startSession(options: SessionOptions): Session {
  const { study, folder, journal, settings } = options;
  const { reporter, signal, keepWeights, retryFailed, checkpointEvery } = settings;
  let pool: Promise<Pool> | null = null;
  const shares = new Map<string, number>();
  const planned: PlannedRun[] = [];
  const started = performance.now();
  let doneHere = 0;
  let doneBefore: number | null = null;

  const ensurePool = () =>
    pool ??= settings.queue === undefined ? startLocalPool() : startQueuePool({
      redis: settings.queue,
      study: study.name,
      engine: study.engine,
      warn: (message) => reporter?.warn(message),
    });

  const startLocalPool = async () =>
    await startPool({
      project: folder.project,
      writable: folder.path,
      executor: options.executor,
      engine: study.engine,
      native: options.engineName === "native" || options.engineName === "auto",
      workers: settings.workers,
      noProgressSeconds: settings.noProgressSeconds,
      graceSeconds: settings.graceSeconds,
      heapMegabytes: settings.heapMegabytes,
    });

  const report = () => {
    const progress = progressOf(study, planned, journal.runs());
    const fractional = progress.done + sum(shares.values());
    doneBefore ??= progress.done;
    const minutes = (performance.now() - started) / 60_000;
    const gained = fractional - doneBefore;
    const known = gained > 0 && minutes > 0;
    reporter?.progress({
      ...progress,
      fractional,
      runsPerMinute: known && doneHere > 0 ? doneHere / minutes : null,
      secondsLeft: known ? (progress.total - fractional) * minutes * 60 / gained : null,
    });
  };

  async function trainOne(pool: Pool, run: PlannedRun): Promise<void> {
    const keep = keepWeights === "all" ||
      (keepWeights === "selected" && run.fold.index === "final");
    const weightsPath = keep ? join(folder.weights, `${run.id}.safetensors`) : null;
    const { specification, point, fold, seed, id } = run;
    const request = { id, specification, point, fold, seed, engine: options.engineName };
    const path = checkpointPath(folder, id);
    const checkpoint = checkpointEvery === null ? null : { path, ...checkpointEvery };
    const record = await pool.submit({ ...request, weightsPath, checkpoint }, (step, steps) => {
      shares.set(id, steps > 0 ? Math.min(1, step / steps) : 0);
    });
    shares.delete(id);
    const kept = weightsPath !== null && record.status === "completed";
    const weights = kept ? relative(folder.project, weightsPath).replaceAll("\\", "/") : null;
    journal.append({ ...record, weights });
    await Deno.remove(path).catch(() => {});
    doneHere++;
  }

  return {
    async train(plan) {
      for (const run of plan) planned.push(run);
      const missing = missingRuns(plan, journal.runs(), retryFailed);
      if (missing.length === 0) return;
      signal?.throwIfAborted();
      const pool = await ensurePool();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const reportAgain = () => {
        const began = performance.now();
        report();
        const pause = Math.max(reportPause, 20 * (performance.now() - began));
        timer = setTimeout(reportAgain, pause);
      };
      reportAgain();
      const cancel = () => void pool.cancel();
      signal?.addEventListener("abort", cancel);
      const runs = missing.map((run) => trainOne(pool, run));
      try {
        await Promise.all(runs);
        report();
      } catch (error) {
        await pool.cancel();
        await Promise.allSettled(runs);
        throw error;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", cancel);
      }
    },
    async close() {
      // One that could not be started has said so.
      await pool?.then((started) => started.close(), () => {});
    },
  };
}

/** Counts of a plan's runs, and the best point so far. */
export function progressOf(
  study: StudyRecord,
  planned: readonly PlannedRun[],
  recorded: readonly RunRecord[],
): StudyProgress {
  const ids = new Set(planned.map(({ id }) => id));
  const runs = recorded.filter(({ id }) => ids.has(id));
  const count = (status: RunRecord["status"]) => runs.filter((run) => run.status === status).length;
  return {
    study: study.name,
    done: runs.length,
    total: planned.length,
    fractional: runs.length,
    diverged: count("diverged"),
    failed: count("failed"),
    runsPerMinute: null,
    secondsLeft: null,
    best: bestSoFar(runs),
  };
}

function bestSoFar(runs: readonly RunRecord[]): StudyProgress["best"] {
  const losses = new Map<string, { point: JsonObject; values: number[] }>();
  for (const run of runs) {
    if (run.status !== "completed" || run.fold === "final" || run.final === null) continue;
    const key = canonicalJson(run.point);
    const entry = losses.get(key) ?? { point: run.point, values: [] };
    entry.values.push(run.final.heldOutLoss);
    losses.set(key, entry);
  }
  const entries = [...losses.values()];
  // Folds differ in difficulty: only points with equally many runs are compared.
  const most = Math.max(...entries.map(({ values }) => values.length));
  return entries.filter(({ values }) => values.length === most)
    .map(({ point, values }) => ({ point, validationLoss: mean(values) }))
    .sort((a, b) => a.validationLoss - b.validationLoss)[0] ?? null;
}

/** One sentence on what is recorded, the same whenever the study is complete. */
export function completeSentence(study: StudyRecord, progress: StudyProgress): string {
  const { points } = study.space;
  const crossValidation = points.length * study.folds.length * study.seeds.length;
  const { done, total, diverged, failed } = progress;
  const others = [
    diverged > 0 ? `${diverged} diverged` : "",
    failed > 0 ? `${failed} failed` : "",
  ].filter(Boolean);
  return `Study ${study.name}: ${done} of ${total} runs are recorded, ${crossValidation} of ` +
    `cross-validation (${points.length} points × ${study.folds.length} folds × ` +
    `${study.seeds.length} seeds) and ${total - crossValidation} refits` +
    `${others.length > 0 ? `; ${others.join(", ")}` : ""}.`;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
