import { join } from "node:path";
import type { Job, Worker as QueueWorker } from "bullmq";
import type { Redis } from "ioredis";
import { show } from "../../../core/check.ts";
import type { JsonObject } from "../../../core/json.ts";
import { needed, OutsideTrouble } from "../../../core/outside_trouble.ts";
import { makeFolder, readFile, remove } from "../../../core/runtime/files.ts";
import { hostName } from "../../../core/runtime/machine.ts";
import { processId } from "../../../core/runtime/own_process.ts";
import { numericsVersion } from "../../../core/version.ts";
import type { FoldRecord } from "../../../records/study_record.ts";
import type { RunRequest } from "../../../training/run.ts";
import { PoolCancelled, type PoolOptions, startPool } from "../pool.ts";
import {
  checkReachable,
  evictionWarning,
  keyPrefix,
  redisAddress,
  redisClient,
} from "./connection.ts";
import { checkJob, queueNames, type RunJob, type RunResult } from "./job.ts";
import { forgottenAfter, removeLeftovers } from "./leftovers.ts";
import { isServerTrouble, watchServer } from "./_server_trouble.ts";

/** What a worker needs to know of trainings. */
export interface WorkerParts {
  /** Module with `executeRun`; null for the library's own. */
  readonly executor: string | null;
  /** A specification with all its defaults; refuses one that cannot be trained on the fold. */
  checkSpecification(specification: JsonObject, fold: FoldRecord): JsonObject;
  /** Refuses a corpus that this project does not list, or has not; says nothing of its content. */
  checkCorpus?(
    specification: JsonObject,
    options: { readonly project: string; readonly listed: readonly string[] },
  ): void;
  /** Refuses a specification with modules whose code is another one in this project. */
  checkCode?(specification: JsonObject, project: string): Promise<void>;
  /** What the engine's bits depend on, and the name by which every process gets the same one. */
  engine(name: string): Promise<{ readonly id: string; readonly name: RunRequest["engine"] }>;
}

/** How a worker takes runs off a queue. */
export interface WorkerOptions {
  /** Address of the Redis server. */
  readonly redis: string;
  readonly engine: string;
  readonly project: string;
  /** Folder for checkpoints and for weights on their way; a shared one lets other workers go on. */
  readonly folder: string;
  /** Paths in the project, of files or folders, that runs may read beside the catalogue's corpora. */
  readonly corpora?: readonly string[];
  /** Training processes at once; as many as cores by default. */
  readonly workers?: number;
  /** Ends the worker; its runs go back to the queue. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** Seconds after which the runs of a worker that is gone are given to another; 30 by default. */
  readonly lockSeconds?: number;
  /** Longest rest of a worker that gives one run after the other back, seconds; 30 by default. */
  readonly restSeconds?: number;
  /**
   * Whether runs of another engine or numerics version are done as well, for studies that allow it;
   * not by default, because their numbers are others.
   */
  readonly allowOther?: boolean;
  readonly pool?: Pick<PoolOptions, "graceSeconds" | "noProgressSeconds" | "heapMegabytes">;
}

/** Milliseconds between two looks for queues of other engines. */
const lookMilliseconds = 2000;
/** How often the same run may lose its worker before it is given up. */
const allowedTakeovers = 20;

/**
 * Takes runs off a queue and trains them until it is told to stop. Trainings are in processes of
 * their own, so that this one keeps renewing its locks.
 *
 * Everything that arrives is checked first; what is refused is marked as failed on the queue, with
 * the reason. So is what this machine cannot do, such as a run whose corpus is not here: the study puts
 * it on the queue again, and another worker may do it. Nothing that was read here is in a reason.
 *
 * @throws {Error} If the server cannot be reached, or no training process can be started.
 */
export async function runWorker(parts: WorkerParts, options: WorkerOptions): Promise<void> {
  const address = redisAddress(options.redis);
  const { signal, print, project, folder, corpora = [], allowOther = false } = options;
  await checkReachable(address);
  const engine = await parts.engine(options.engine);
  await makeFolder(folder);
  await removeLeftovers(folder);
  const { UnrecoverableError, Worker } = await import("bullmq");
  const pool = startPool({
    ...options.pool,
    project,
    writable: folder,
    executor: parts.executor,
    workers: options.workers,
    engine: engine.id,
    native: engine.name === "native",
  });
  const { promise: ended, resolve: end, reject: giveUp } = Promise.withResolvers<void>();
  const { queue } = queueNames(engine.id, "");
  const lockDuration = 1000 * (options.lockSeconds ?? 30);
  const { connection } = address;

  const hashes = new Set<string>([wantedKey]);
  const client = await redisClient(address, (error) => server.error(error));
  const server = watchServer(client, { queue, hashes }, address.shown, print);
  signal.addEventListener("abort", () => server.end());
  const warning = await evictionWarning(client, address.shown);
  if (warning !== null) print(warning);

  /** Does something on the server; waits and tries again while that is not well. */
  async function patiently<T>(action: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (signal.aborted || !isServerTrouble(error as Error)) throw error;
        server.error(error as Error);
        await server.well();
      }
    }
  }

  const rest = pauses(signal, options.restSeconds ?? 30);
  /**
   * Gives a run back, with a reason that says nothing of what is on this machine. A worker that has
   * nothing but such runs rests, so that others get them.
   */
  async function refuse(job: Job<unknown, null>, reason: string): Promise<never> {
    print(`job ${show(job.id)}: Refused: ${reason}`);
    await rest.next();
    throw new UnrecoverableError(`Refused by ${hostName()} (process ${processId}): ${reason}`);
  }

  const take = async (job: Job<unknown, null>) => {
    let run: RunJob;
    try {
      run = checkJob(job.data, engine.id, parts.checkSpecification, allowOther);
    } catch (error) {
      return await refuse(job, (error as Error).message);
    }
    try {
      parts.checkCorpus?.(run.specification, { project, listed: corpora });
    } catch (error) {
      return await refuse(job, (error as Error).message);
    }
    try {
      await parts.checkCode?.(run.specification, project);
    } catch (error) {
      print((error as Error).message);
      return await refuse(
        job,
        "the study's own modules are not here, or others; the worker's output says which",
      );
    }
    const { results } = queueNames(run.engine, run.study, run.numericsVersion);
    hashes.add(results);
    // Its worker may have ended between the result and the word to the queue.
    if (await patiently(() => client.hexists(results, run.id)) === 1) return null;
    let told = 0;
    const started = performance.now();
    const onProgress = (step: number, steps: number) => {
      const now = performance.now();
      if (now - told < 1000) return;
      told = now;
      job.updateProgress({ step, steps }).catch(() => {});
    };
    let result: RunResult;
    try {
      result = await train(run, onProgress);
    } catch (error) {
      if (!(error instanceof OutsideTrouble)) throw error;
      print(error.message);
      return await refuse(
        job,
        "something that it needs is not here; the worker's output says what",
      );
    }
    rest.reset();
    await patiently(() => client.hset(results, run.id, JSON.stringify(result)));
    await patiently(() => client.expire(results, forgottenAfter));
    // One that paused at a rung may go on from there.
    if (result.record.status !== "pruned") {
      await remove(pathOf(run.id, "checkpoint")).catch(() => {});
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    print(
      `run ${run.id.slice(0, 8)} of study ${
        show(run.study)
      }: ${result.record.status} in ${seconds} s`,
    );
    return null;
  };

  const settings = {
    connection,
    prefix: keyPrefix,
    concurrency: pool.workers,
    lockDuration,
    stalledInterval: lockDuration,
    maxStalledCount: allowedTakeovers,
    removeOnComplete: { count: 0 },
    autorun: false,
    // Of a server that is not well for a while.
    runRetryDelay: 1000,
    // Said by evictionWarning, once.
    skipVersionCheck: true,
  };
  const workers = new Map<string, QueueWorker<unknown, null>>();

  async function listen(name: string): Promise<void> {
    const worker = new Worker<unknown, null>(name, take, settings);
    workers.set(name, worker);
    worker.on("error", (error) => server.error(error));
    worker.run().catch(giveUp);
    await worker.waitUntilReady();
  }

  /** Listens where studies have put runs of other engines and versions. */
  async function listenToOthers(): Promise<void> {
    for (const name of Object.keys(await client.hgetall(wantedKey))) {
      if (!workers.has(name)) await listen(name);
    }
  }

  const pathOf = (id: string, kind: string) => join(folder, `${id}.${kind}`);

  async function train(
    { id, specification, point, fold, seed, keepWeights, checkpointEvery, stopAt }: RunJob,
    onProgress: (step: number, steps: number) => void,
  ): Promise<RunResult> {
    const checkpoint = checkpointEvery === null
      ? null
      : { path: pathOf(id, "checkpoint"), ...checkpointEvery };
    const weightsPath = keepWeights ? pathOf(id, `${crypto.randomUUID()}.safetensors`) : null;
    const request = { id, specification, point, fold, seed, engine: engine.name, stopAt };
    try {
      const record = await pool.submit({ ...request, weightsPath, checkpoint }, onProgress);
      const kept = weightsPath !== null && record.status === "completed";
      const bytes = kept ? await needed(() => readFile(weightsPath)) : null;
      return { record, weights: bytes === null ? null : bytes.toBase64() };
    } catch (error) {
      const expected = error instanceof PoolCancelled || error instanceof OutsideTrouble;
      if (!expected) giveUp(error as Error);
      throw error;
    } finally {
      if (weightsPath !== null) await remove(weightsPath).catch(() => {});
    }
  }

  signal.addEventListener("abort", () => end());
  if (signal.aborted) end();
  print(
    `Worker on ${address.shown}: engine ${engine.id}, numerics version ${numericsVersion}, ` +
      `${pool.workers} training processes. Ctrl-C ends it; its runs go to other workers.`,
  );
  let looking: ReturnType<typeof setInterval> | undefined;
  try {
    await listen(queue);
    if (allowOther) {
      print("It does runs of other engines and numerics versions too, for studies that allow it.");
      const look = () => listenToOthers().catch((error) => server.error(error));
      await look();
      looking = setInterval(look, lookMilliseconds);
    } else {
      for (const line of await otherQueues(client, queue, engine.id)) print(line);
    }
    await ended;
  } finally {
    clearInterval(looking);
    const closing = Promise.all([...workers.values()].map((worker) => worker.close()));
    await pool.cancel();
    await closing;
    client.disconnect();
  }
}

/** Pauses between troubles in a row: none at first, then half a second, and twice as long each time. */
function pauses(signal: AbortSignal, longestSeconds: number) {
  let inARow = 0;
  return {
    async next(): Promise<void> {
      const seconds = inARow === 0 ? 0 : Math.min(longestSeconds, 0.5 * 2 ** (inARow - 1));
      inARow++;
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000 * seconds);
        signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
      });
    },
    reset() {
      inARow = 0;
    },
  };
}

/** Hash from the name of a queue to what its runs ask for. */
export const wantedKey = `${keyPrefix}:wanted`;

/** Lines on runs that wait for workers of another engine or version. */
async function otherQueues(
  client: Redis,
  own: string,
  engine: string,
): Promise<string[]> {
  const lines: string[] = [];
  for (const [queue, wanted] of Object.entries(await client.hgetall(wantedKey))) {
    if (queue === own) continue;
    const waiting = await client.llen(`${keyPrefix}:${queue}:wait`);
    if (waiting === 0) continue;
    lines.push(
      `${waiting} runs wait for a worker of ${wanted}. This one (engine ${engine}, numerics version ` +
        `${numericsVersion}) refuses them: its numbers would be others.`,
    );
  }
  return lines;
}
