import { join } from "node:path";
import { engineNameOf, loadsLibrary } from "../core/engine_name.ts";
import { canonicalJson } from "../core/json.ts";
import { remove } from "../core/runtime/files.ts";
import { numericsVersion } from "../core/version.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import { comparable, digestRuns } from "../studies/digest.ts";
import type { PlannedEnsemble } from "../studies/plan/ensembles.ts";
import { type Pool, type PoolOptions, startPool } from "../studies/pool/pool.ts";
import { ensembleRequest } from "../studies/ensemble_request.ts";
import { neededRuns } from "../studies/needed_runs.ts";
import { neededIds, type PlannedRun } from "../studies/search/planned_run.ts";
import type { RunRequest } from "../training/run_request.ts";
import { copyForTraining, temporaryFolder } from "./_copied_project.ts";
import type { Standing } from "./_own_code.ts";

/**
 * Nats by which a loss may differ when a run is trained again on another engine, or by another version
 * of the numbers, relative to a loss above 1: both round otherwise, and training amplifies that.
 * Measured for a GRU of 32 over 1,500 steps of Adam, wasm against OpenBLAS: less than 1e-6.
 */
export const lossTolerance = 0.01;

/** What training a run again came to. */
export interface TrainedAgain {
  /** Whether the same bits are due: same engine, same version of the numbers. */
  readonly exact: boolean;
  /** Engine that trained it now. */
  readonly engine: string;
  readonly problems: readonly string[];
}

/** What is due of a run that was trained again, in words. */
export function dueOf({ exact }: TrainedAgain): string {
  return exact ? "the same bits" : `losses within ${lossTolerance} nats`;
}

/** The runs of a study, by their ids: those that others need are trained again with them. */
export interface RunsOfStudy {
  planned(id: string): PlannedRun | undefined;
  recorded(id: string): RunRecord | undefined;
}

const noRuns: RunsOfStudy = { planned: () => undefined, recorded: () => undefined };

/** Trains runs again, each in a process of its own. */
export interface Retrainer {
  /**
   * Trains a recorded run again and compares; before it the runs that it needs, whose weights it takes from
   * that training and not from the study's folder.
   *
   * @param plan What its id stands for.
   * @param recorded Its record.
   * @param standing Whether its code is the project's own.
   * @throws {Error} If it was not trained, because the signal was aborted or something is missing.
   */
  trainAgain(
    plan: PlannedRun,
    recorded: RunRecord,
    standing?: Exclude<Standing, "refused">,
  ): Promise<TrainedAgain>;
  /**
   * Trains the members of a recorded ensemble again, measures their mean, and compares all of them.
   *
   * @param plan What its id stands for.
   * @param recorded Its record.
   * @throws {Error} As {@link Retrainer.trainAgain}.
   */
  measureAgain(plan: PlannedEnsemble, recorded: RunRecord): Promise<TrainedAgain>;
  /** Ends the processes. */
  close(): Promise<void>;
}

/**
 * Begins to train runs again: in processes that have what the training on their engine needs, so that the
 * one that verifies needs none of it.
 *
 * @param project Project folder.
 * @param runs Those that may be needed; none by default.
 * @param trusted SHA-256 of code that the user named. It is trained on `wasm` where the record is of
 * `native`, and sees nothing of the project.
 */
export function startRetrainer(
  project: string,
  runs: RunsOfStudy = noRuns,
  trusted: readonly string[] = [],
  signal?: AbortSignal,
): Retrainer {
  const { start, end, ownPool, endAll } = trainingPools(project, signal);
  /** For the weights of runs that others need. */
  let weights: Promise<string> | null = null;
  const needed = new Map<string, readonly string[]>();
  const { needs, find } = neededRuns({
    kept: () => Promise.resolve(null),
    async train(id, needs) {
      const [plan, recorded] = [runs.planned(id), runs.recorded(id)];
      if (plan === undefined || recorded === undefined) {
        throw new Error(`It needs run ${id}, of which the study has no record.`);
      }
      const folder = await (weights ??= temporaryFolder(project, "weights"));
      const path = join(folder, `${id}.safetensors`);
      const engine = engineNameOf(recorded.engine);
      const request = { ...requestOf(plan, recorded, engine), ...await needs(plan) };
      const record = await ownPool(loadsLibrary(engine), folder)
        .submit({ ...request, weightsPath: path });
      if (record.status !== "completed") {
        throw new Error(`It needs run ${id}, which ${record.status} (${record.error}).`);
      }
      needed.set(id, compare(recorded, record).problems);
      return { id, path, weightsSha256: record.weightsSha256 };
    },
  });

  /** What is wrong with runs that another needs, and with those that they need. */
  function problemsOf(ids: readonly string[]): string[] {
    return ids.flatMap((id) => [
      ...(needed.get(id) ?? []).map((each) => `run ${id.slice(0, 12)}, which it needs: ${each}`),
      ...problemsOf(neededIds(runs.planned(id)!)),
    ]);
  }

  async function submitTrusted(request: RunRequest): Promise<RunRecord> {
    const copy = await copyForTraining(project, request.specification, request.fold.index);
    const pool = start({ project: copy.path, copyOf: project, writable: null });
    try {
      return await pool.submit({ ...request, trusted });
    } finally {
      await end(pool);
      await copy.remove();
    }
  }

  return {
    async trainAgain(plan, recorded, standing = "own") {
      signal?.throwIfAborted();
      const name = engineNameOf(recorded.engine);
      // Falls back to wasm where the record's engine is not to be had.
      const engine = standing === "trusted" && loadsLibrary(name) ? "wasm" : name;
      const alone = requestOf(plan, recorded, engine);
      if (standing === "trusted") return compare(recorded, await submitTrusted(alone));
      const request = { ...alone, ...await needs(plan) };
      // It may read the weights that it needs.
      const folder = neededIds(plan).length === 0 ? null : await weights;
      const record = await ownPool(loadsLibrary(engine), folder).submit(request);
      const compared = compare(recorded, record);
      return { ...compared, problems: [...compared.problems, ...problemsOf(neededIds(plan))] };
    },
    async measureAgain(plan, recorded) {
      signal?.throwIfAborted();
      const engine = engineNameOf(recorded.engine);
      const ids = plan.members.map(({ id }) => id);
      const request = ensembleRequest(plan, engine, await Promise.all(ids.map(find)));
      const compared = compare(
        recorded,
        await ownPool(loadsLibrary(engine), await weights).submit(request),
      );
      return { ...compared, problems: [...compared.problems, ...problemsOf(ids)] };
    },
    async close() {
      await endAll();
      if (weights !== null) await remove(await weights, { recursive: true });
    },
  };
}

/** Processes that train again, until the signal is aborted. */
function trainingPools(project: string, signal: AbortSignal | undefined) {
  const pools = new Map<string, Pool>();
  const open = new Set<Pool>();
  const cancel = () => void Promise.all([...open].map((pool) => pool.cancel()));
  signal?.addEventListener("abort", cancel);

  function start(
    options: Pick<PoolOptions, "project" | "native" | "copyOf" | "writable">,
  ): Pool {
    const pool = startPool({ ...options, workers: 1, engine: null });
    open.add(pool);
    return pool;
  }

  async function end(pool: Pool): Promise<void> {
    open.delete(pool);
    await pool.close();
  }

  return {
    start,
    end,
    /** For the project's own code, kept for the next run. */
    ownPool(native: boolean, writable: string | null): Pool {
      const key = `${native} ${writable}`;
      const known = pools.get(key);
      if (known !== undefined) return known;
      const pool = start({ project, native, writable });
      pools.set(key, pool);
      return pool;
    },
    async endAll(): Promise<void> {
      signal?.removeEventListener("abort", cancel);
      await Promise.all([...open].map(end));
    },
  };
}

function requestOf(
  { id, point, specification, fold, seed }: PlannedRun,
  recorded: RunRecord,
  engine: RunRequest["engine"],
): RunRequest {
  const hashWeights = recorded.weightsSha256 !== undefined;
  return { id, point, specification, fold, seed, engine, weightsPath: null, hashWeights };
}

function compare(recorded: RunRecord, record: RunRecord): TrainedAgain {
  const { engine } = record;
  if (record.status === "failed") {
    return { exact: false, engine, problems: [`it could not be trained again: ${record.error}`] };
  }
  const exact = engine === recorded.engine && recorded.numericsVersion === numericsVersion;
  if (!exact) return { exact, engine, problems: outsideTolerance(recorded, record) };
  const same = digestRuns([record]) === digestRuns([recorded]);
  const problems = same ? [] : differences(recorded, record);
  if ((recorded.weightsSha256 ?? record.weightsSha256) !== record.weightsSha256) {
    problems.push("its kept weights have another SHA-256 than those of the training");
  }
  const { cost } = recorded;
  if (cost !== undefined && canonical(cost) !== canonical(record.cost)) {
    problems.push(
      `its cost is ${canonical(cost)} in the records, ${canonical(record.cost)} when trained`,
    );
  }
  return { exact, engine, problems };
}

/** Where two records of one run differ, but for what is no part of the digest; the first few. */
export function differences(recorded: RunRecord, now: RunRecord): string[] {
  const found: string[] = [];
  const visit = (path: string, a: unknown, b: unknown) => {
    if (found.length >= 5 || canonical(a) === canonical(b)) return;
    if (a !== null && b !== null && typeof a === "object" && typeof b === "object") {
      const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
      for (const key of keys) {
        visit(`${path}.${key}`, (a as Fields)[key], (b as Fields)[key]);
      }
      return;
    }
    found.push(`${path.slice(1)} is ${canonical(a)} in the records, ${canonical(b)} when trained`);
  };
  const [before, after] = [comparable(recorded), comparable(now)];
  for (const key of compared) visit(`.${key}`, before[key], after[key]);
  return found;
}

type Fields = { readonly [key: string]: unknown };

function canonical(value: unknown): string {
  return value === undefined ? "absent" : canonicalJson(value);
}

const compared = [
  "status",
  "curve",
  "final",
  "best",
  "stoppedAtStep",
  "tokens",
  "tokenAccuracy",
  "infilling",
  "pairs",
  "parameters",
  "samples",
  "error",
] as const;

/** Losses that two engines do not agree on. */
export function outsideTolerance(recorded: RunRecord, now: RunRecord): string[] {
  if (recorded.status !== now.status) {
    return [`status is ${recorded.status} in the records, ${now.status} when trained`];
  }
  const steps = (run: RunRecord) => run.curve.map(({ step }) => step).join();
  // Early stopping may come an evaluation earlier or later; what both have is compared.
  if (recorded.stoppedAtStep === null && steps(recorded) !== steps(now)) {
    return ["it was evaluated at other steps"];
  }
  return recorded.curve.flatMap((at) => {
    const other = now.curve.find(({ step }) => step === at.step);
    return other === undefined ? [] : [
      ...compareLoss("trainingLoss", at, other),
      ...compareLoss("heldOutLoss", at, other),
    ];
  }).slice(0, 5);
}

function compareLoss(key: "trainingLoss" | "heldOutLoss", a: CurvePoint, b: CurvePoint): string[] {
  const allowed = lossTolerance * Math.max(1, Math.abs(a[key]));
  // Written so that NaN is outside.
  if (Math.abs(a[key] - b[key]) <= allowed) return [];
  return [
    `${key} at step ${a.step} is ${a[key]} in the records, ${b[key]} when trained: more than ` +
    `${allowed.toFixed(3)} apart`,
  ];
}
