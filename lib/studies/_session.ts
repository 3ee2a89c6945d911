import { loadsLibrary } from "../core/engine_name.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { remove } from "../core/runtime/files.ts";
import { choosingLossOf } from "../records/choosing_loss.ts";
import type { RunRecord } from "../records/run_record.ts";
import { rungsOf } from "../records/strategy_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { mean } from "../statistics/estimate.ts";
import { counted } from "../statistics/format.ts";
import { keptEvaluation } from "../statistics/summarize.ts";
import type { RunRequest } from "../training/run_request.ts";
import { countFailed, failedInWords } from "./failed_runs.ts";
import {
  checkpointPath,
  type StudyFolder,
  weightsNameOf,
  weightsPathOf,
} from "./storage/folder.ts";
import { keepsWeights, needsInStudy, requestOf } from "./_request.ts";
import type { Journal } from "./storage/journal.ts";
import { type Patience, startPatience } from "./_patience.ts";
import { type Pool, PoolCancelled, startPool } from "./pool/pool.ts";
import { startQueuePool } from "./pool/queue/queue_pool.ts";
import { checkWholeMemory, largestPlan } from "./_planned_memory.ts";
import { planInWords } from "../training/memory_plan.ts";
import { wholeMemory } from "./pool/memory.ts";
import type { StudyTrainings } from "./_trainings.ts";
import type { StudySettings } from "./options.ts";
import type { StudyProgress } from "./reporter.ts";
import { strategyOf } from "./search/kinds.ts";
import { isDone, type PlannedRun } from "./search/planned_run.ts";
import { lossUnit } from "../statistics/study_loss.ts";

/** What a session trains with. */
export interface SessionOptions {
  readonly study: StudyRecord;
  readonly folder: StudyFolder;
  readonly journal: Journal;
  readonly settings: StudySettings;
  readonly executor: string | null;
  /** Name by which every process gets the study's engine. */
  readonly engineName: RunRequest["engine"];
  /** As in {@link StudyTrainings}. */
  readonly planMemory?: StudyTrainings["planMemory"];
}

/** Training of a study's missing runs in a pool, with progress. */
export interface Session {
  /**
   * Trains the missing runs of a plan; each counts once it is in the journal.
   *
   * @throws {OutsideTrouble} If what is outside of the runs stays missing for longer than the patience.
   */
  train(planned: readonly PlannedRun[], missing: readonly PlannedRun[]): Promise<void>;
  /** Does what needs the same files as the runs, with the same patience. */
  withPatience: Patience["through"];
  /** Ends the processes. */
  close(): Promise<void>;
}

/** A plan of as much memory is said before the first run starts, bytes. */
const saidFrom = 2 ** 30;

/** Milliseconds between two reports of progress; longer where a report takes a 20th of them. */
const reportPause = 200;

/** Begins a session; processes start with the first run. */
export function startSession(options: SessionOptions): Session {
  const { study, folder, journal, settings } = options;
  const { reporter, signal, keepWeights, checkpointEvery } = settings;
  let pool: Promise<Pool> | null = null;
  const shares = new Map<string, number>();
  let planned: readonly PlannedRun[] = [];
  const started = performance.now();
  let doneHere = 0;
  let doneBefore: number | null = null;
  const patience = startPatience({
    seconds: settings.patienceSeconds,
    warn: (message) => reporter?.warn(message),
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

  const { needs } = needsIn(options, () => planned, () => pool!);

  async function trainOne(pool: Pool, run: PlannedRun): Promise<void> {
    const { id } = run;
    const weightsPath = keepsWeights(study, run, keepWeights) ? weightsPathOf(folder, id) : null;
    const path = checkpointPath(folder, id);
    // One that pauses leaves a checkpoint in any case, and goes on from it.
    const pauses = rungsOf(study.strategy).length > 0;
    const never = pauses ? { path, seconds: null, steps: null } : null;
    const checkpoint = checkpointEvery === null ? never : { path, ...checkpointEvery };
    const record = await patience.through(async (trains) => {
      const request = requestOf(run, options.engineName, await needs(run));
      try {
        return await pool.submit({ ...request, weightsPath, checkpoint }, (step, steps) => {
          trains();
          shares.set(id, steps > 0 ? Math.min(1, step / steps) : 0);
        });
      } finally {
        shares.delete(id);
      }
    });
    const kept = weightsPath !== null && record.status === "completed";
    const weights = kept ? weightsNameOf(folder, id) : null;
    await patience.through(() => journal.append({ ...record, weights }), { isVital: true });
    if (record.status !== "pruned") await remove(path).catch(() => {});
    doneHere++;
  }

  const stopWaiting = () => patience.end(new PoolCancelled("The study was ended."));
  signal?.addEventListener("abort", stopWaiting);
  const cancel = (pool: Pool) => {
    stopWaiting();
    return pool.cancel();
  };

  return {
    withPatience: patience.through,
    async train(plan, missing) {
      planned = plan;
      signal?.throwIfAborted();
      const trainers = await (pool ??= startTrainers(options));
      const endReports = repeatedly(report);
      const stop = () => void cancel(trainers);
      signal?.addEventListener("abort", stop);
      const runs = missing.map((run) => trainOne(trainers, run));
      try {
        await Promise.all(runs);
        report();
      } catch (error) {
        await cancel(trainers);
        await Promise.allSettled(runs);
        throw error;
      } finally {
        endReports();
        signal?.removeEventListener("abort", stop);
      }
    },
    async close() {
      stopWaiting();
      signal?.removeEventListener("abort", stopWaiting);
      // One that could not be started has said so.
      await pool?.then((started) => started.close(), () => {});
    },
  };
}

/** What runs need: kept weights, or those of runs that are trained again for it. */
export function needsIn(
  { folder, journal, settings: { reporter }, engineName }: SessionOptions,
  planned: () => readonly PlannedRun[],
  pool: () => Promise<Pool>,
): ReturnType<typeof needsInStudy> {
  return needsInStudy({
    folder,
    records: () => journal.runs(),
    planned,
    // What lies here of recorded runs is removed when the study begins and ends.
    again: folder.checkpoints,
    async train(run, needed, weightsPath) {
      reporter?.note?.(`Run ${run.id.slice(0, 12)} is trained again: others need its weights.`);
      const request = requestOf(run, engineName, needed);
      return await (await pool()).submit({ ...request, weightsPath, checkpoint: null });
    },
  });
}

/** Processes of this machine, or workers on others that listen on a queue. */
export async function startTrainers(
  { study, folder, settings, executor, engineName, planMemory }: SessionOptions,
): Promise<Pool> {
  const warn = (message: string) => settings.reporter?.warn(message);
  const { engine } = study;
  if (settings.queue !== undefined) {
    return await startQueuePool({
      redis: settings.queue,
      study: study.name,
      engine,
      allowOther: settings.allowOtherWorkers,
      patienceSeconds: settings.patienceSeconds,
      warn,
    });
  }
  const plan = largestPlan(study.specifications.map((json) => planMemory?.(json) ?? null));
  if (plan !== null) checkWholeMemory(plan, wholeMemory());
  if (plan !== null && plan.bytes >= saidFrom) settings.reporter?.note?.(planInWords(plan));
  return startPool({
    project: folder.project,
    expectedMemory: plan?.bytes,
    writable: folder.path,
    executor,
    engine,
    native: loadsLibrary(engineName),
    workers: settings.workers,
    threads: threadsOf(settings.threads, engineName),
    noProgressSeconds: settings.noProgressSeconds,
    graceSeconds: settings.graceSeconds,
    heapMegabytes: settings.heapMegabytes,
    onWarn: warn,
  });
}

/**
 * Threads of a run: those that were asked for, else what is free on engines whose bits and ids do not depend
 * on it. `native` has one unless it was asked for more, because several are another engine.
 */
function threadsOf(
  threads: StudySettings["threads"],
  engine: RunRequest["engine"],
): number | "auto" {
  return threads ?? (engine === "wasm" || engine === "relaxed" ? "auto" : 1);
}

/** Reports now and again, until the function that it gives is called. */
function repeatedly(report: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = () => {
    const began = performance.now();
    report();
    timer = setTimeout(again, Math.max(reportPause, 20 * (performance.now() - began)));
  };
  again();
  return () => clearTimeout(timer);
}

/** Counts of a plan's runs, and the best point so far. */
export function progressOf(
  study: StudyRecord,
  planned: readonly PlannedRun[],
  recorded: readonly RunRecord[],
): StudyProgress {
  const records = new Map(recorded.map((run) => [run.id, run]));
  const done = planned.filter((run) => isDone(run, records.get(run.id)));
  const ids = new Set(planned.map(({ id }) => id));
  const runs = recorded.filter(({ id }) => ids.has(id));
  const count = (status: RunRecord["status"]) => runs.filter((run) => run.status === status).length;
  return {
    study: study.name,
    unit: lossUnit(study),
    done: done.length,
    total: planned.length,
    ...(study.finalFold !== null && planned.every(({ fold }) => fold.index !== "final") &&
      { refitsToCome: true }),
    fractional: done.length,
    pruned: count("pruned"),
    diverged: count("diverged"),
    failed: count("failed"),
    runsPerMinute: null,
    secondsLeft: null,
    ...pointsSoFar(study, runs),
  };
}

function pointsSoFar(
  study: StudyRecord,
  runs: readonly RunRecord[],
): Pick<StudyProgress, "best" | "points"> {
  type Entry = {
    point: JsonObject;
    losses: number[];
    gaps: number[];
    choosing: number[];
    places: string[];
  };
  const entries = new Map<string, Entry>();
  for (const run of runs) {
    const kept = keptEvaluation({ record: study }, run);
    if (run.status !== "completed" || run.fold === "final" || kept === null) continue;
    const key = canonicalJson(run.point);
    let entry = entries.get(key);
    if (entry === undefined) {
      entries.set(
        key,
        entry = {
          point: run.point,
          ...{ losses: [], gaps: [], choosing: [], places: [] },
        },
      );
    }
    entry.losses.push(kept.heldOutLoss);
    entry.gaps.push(kept.generalizationGap);
    entry.choosing.push(choosingLossOf(kept));
    entry.places.push(`${run.fold} ${run.seed}`);
  }
  const points = [...entries.values()].map(({ point, losses, gaps }) => ({
    point,
    runs: losses.length,
    validationLoss: mean(losses),
    generalizationGap: mean(gaps),
  }));
  // Folds differ in difficulty: only points on the same folds and seeds are compared, those with most runs
  // and of these the largest set; of points that have none beside them no one is the best.
  const most = points.reduce((largest, each) => Math.max(largest, each.runs), 0);
  const longest = [...entries.values()].filter(({ losses }) => losses.length === most);
  const alike = [...Map.groupBy(longest, ({ places }) => places.toSorted().join()).values()]
    .reduce((large, each) => each.length > large.length ? each : large, []);
  const [best] = alike.length === 1 && longest.length > 1
    ? []
    : alike.sort((a, b) => mean(a.choosing) - mean(b.choosing));
  return {
    points,
    best: best === undefined ? null : { point: best.point, validationLoss: mean(best.losses) },
  };
}

/** One sentence on what is recorded, the same whenever the study is complete. */
export function completeSentence(
  study: StudyRecord,
  progress: StudyProgress,
  ensembles: readonly RunRecord[] = [],
): string {
  const { points } = study.space;
  const crossValidation = points.length * study.folds.length * study.seeds.length;
  const { done, total, pruned, diverged, failed } = progress;
  const pruning = strategyOf(study.strategy).prunedInWords(pruned);
  // With pruned runs there is no number of runs to do.
  const recorded = pruning === null
    ? `${done} of ${total} runs are recorded, ${crossValidation} of cross-validation ` +
      `(${sizeOf(study)}) and ${counted(total - crossValidation, "refit")}`
    : `${crossValidation} runs of cross-validation (${sizeOf(study)}) and the refits are recorded`;
  const others = [
    pruning,
    diverged > 0 ? `${diverged} diverged` : null,
    failedInWords(failed),
    ...ensemblesInWords(ensembles),
  ].filter((each) => each !== null);
  return `Study ${study.name}: ${recorded}${others.length > 0 ? `; ${others.join(", ")}` : ""}.`;
}

function ensemblesInWords(ensembles: readonly RunRecord[]): string[] {
  if (ensembles.length === 0) return [];
  const failed = failedInWords(countFailed(ensembles));
  return [counted(ensembles.length, "ensemble") + (failed === null ? "" : `, ${failed}`)];
}

function sizeOf({ space, folds, seeds }: StudyRecord): string {
  return [
    counted(space.points.length, "point"),
    counted(folds.length, "fold"),
    counted(seeds.length, "seed"),
  ].join(" × ");
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
