import { writeFileAtomically } from "../../core/files.ts";
import { numericsVersion } from "../../core/version.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { RunRequest } from "../../training/run.ts";
import { failedRecord } from "../_failed_record.ts";
import { type OnProgress, type Pool, PoolCancelled } from "../pool.ts";
import {
  checkReachable,
  connectionReporter,
  keyPrefix,
  redisAddress,
  redisClient,
} from "./connection.ts";
import { checkResult, queueNames, type RunJob } from "./job.ts";
import { wantedKey } from "./worker.ts";

/** How a study's runs are given to workers on other machines. */
export interface QueuePoolOptions {
  /** Address of the Redis server. */
  readonly redis: string;
  readonly study: string;
  /** Id of the engine that every record must come from. */
  readonly engine: string;
  /** Whether workers of another engine or numerics version may do runs; their records say so. */
  readonly allowOther?: boolean;
  /** Told of what the user should know. */
  readonly warn: (message: string) => void;
  /** Milliseconds between two looks for results; 200 by default. */
  readonly pollMilliseconds?: number;
}

interface Task {
  readonly request: RunRequest;
  readonly job: RunJob;
  readonly onProgress: OnProgress;
  readonly resolve: (record: RunRecord) => void;
  readonly reject: (error: Error) => void;
  readonly submitted: number;
}

/** Runs whose state on the queue is looked at in one go. */
const checkedAtOnce = 500;
/** How long an interrupted study takes its waiting runs off the queue, milliseconds. */
const withdrawMilliseconds = 5000;
/** Milliseconds between two such looks. */
const checkPause = 5000;

/**
 * A pool whose runs are done by workers that listen on a Redis server.
 *
 * A run stays on the queue when this process ends, and its result waits there: the next pool of the
 * same study fetches it. A run that the server has forgotten is put on it again.
 *
 * @throws {Error} If the server cannot be reached.
 */
export async function startQueuePool(options: QueuePoolOptions): Promise<Pool> {
  const { study, engine, warn, allowOther = false, pollMilliseconds = 200 } = options;
  const address = redisAddress(options.redis);
  await checkReachable(address);
  const { Queue, QueueEvents } = await import("bullmq");
  const names = queueNames(engine, study);
  const { connection } = address;
  const server = connectionReporter(address.shown, warn);
  const queue = new Queue<RunJob>(names.queue, {
    connection,
    prefix: keyPrefix,
    streams: { events: { maxLen: 2000 } },
  });
  const events = new QueueEvents(names.queue, { connection, prefix: keyPrefix });
  queue.on("error", (error) => server.error(error));
  events.on("error", (error) => server.error(error));
  const tasks = new Map<string, Task>();
  const byJob = new Map<string, Task>();
  let closed = false;
  let warned = false;
  let toldOther = false;

  const client = await redisClient(address, server.error);
  await client.hset(
    wantedKey,
    names.queue,
    `engine ${engine}, numerics version ${numericsVersion}`,
  );

  events.on("progress", ({ jobId, data }) => {
    const { step, steps } = data as { step: number; steps: number };
    byJob.get(jobId)?.onProgress(step, steps, null);
  });

  events.on("failed", ({ jobId }) => {
    const task = byJob.get(jobId);
    if (task !== undefined) look(task).catch((error) => closed || server.error(error));
  });

  function forget(task: Task): void {
    tasks.delete(task.request.id);
    byJob.delete(names.jobId(task.request.id));
  }

  function fail(task: Task, error: string): void {
    const durationSeconds = (performance.now() - task.submitted) / 1000;
    forget(task);
    task.resolve(failedRecord(task.request, { engine, error, attempts: 1, durationSeconds }));
  }

  /** Takes the result of a run, if it is there. */
  async function fetch(id: string): Promise<void> {
    const task = tasks.get(id);
    if (task === undefined) return;
    const text = await client.hget(names.results, id);
    if (text === null || !tasks.has(id)) return;
    try {
      const { record, weights } = checkResult(text, task.request, engine, allowOther);
      if (record.engine !== engine || record.numericsVersion !== numericsVersion) tellOther(record);
      const { weightsPath, stopAt } = task.request;
      if (record.status === "pruned" && record.final!.step < (stopAt ?? Infinity)) {
        // Of an earlier rung, left by a study that was interrupted: what is asked for now comes again.
        await client.hdel(names.results, id);
        return await put(task);
      }
      if (weightsPath !== null && record.status === "completed") {
        if (weights === null) throw new TypeError("result.weights must be there, found none.");
        await writeFileAtomically(weightsPath, Uint8Array.fromBase64(weights));
      }
      forget(task);
      task.resolve(record);
    } catch (error) {
      fail(task, `A worker gave no valid result: ${(error as Error).message}`);
    }
    await client.hdel(names.results, id);
  }

  function tellOther(record: RunRecord): void {
    if (toldOther) return;
    toldOther = true;
    warn(
      `A run was done with engine ${record.engine}, numerics version ${record.numericsVersion}, in ` +
        `place of ${engine}, ${numericsVersion}, as allowed: the study's digest is another for it.`,
    );
  }

  async function put({ request: { id }, job }: Task): Promise<void> {
    await queue.add("run", job, {
      jobId: names.jobId(id),
      attempts: 20,
      backoff: { type: "fixed", delay: 500 },
      removeOnComplete: true,
    });
  }

  /** As BullMQ's getState, but without a search through the list of all jobs that wait. */
  async function stateOf(jobId: string): Promise<"unknown" | "failed" | "underway"> {
    const key = (name: string) => `${keyPrefix}:${names.queue}:${name}`;
    if (await client.exists(key(jobId)) === 0) return "unknown";
    return await client.zscore(key("failed"), jobId) === null ? "underway" : "failed";
  }

  /** Learns of runs that were refused or given up, and puts those that are gone there again. */
  async function look(task: Task): Promise<void> {
    const { id } = task.request;
    const jobId = names.jobId(id);
    const state = await stateOf(jobId);
    if (state === "underway") return;
    await fetch(id);
    if (!tasks.has(id)) return;
    if (state === "unknown") return await put(task);
    const job = await queue.getJob(jobId);
    if (job === undefined || !tasks.has(id)) return;
    await job.remove();
    fail(task, `The queue gave it up: ${job.failedReason}`);
  }

  const wait = (milliseconds: number) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));

  async function poll(): Promise<void> {
    let next = performance.now() + checkPause;
    while (!closed) {
      try {
        if (tasks.size > 0) {
          for (const id of await client.hkeys(names.results)) await fetch(id);
          server.back();
        }
        if (tasks.size > 0 && performance.now() >= next) {
          next = performance.now() + checkPause;
          await warnWithoutWorkers();
          // Those looked at go to the end, so that each has its turn.
          const some = [...tasks.values()].slice(0, checkedAtOnce);
          for (const task of some) {
            await look(task);
            if (tasks.delete(task.request.id)) tasks.set(task.request.id, task);
          }
        }
      } catch (error) {
        if (!closed) server.error(error as Error);
      }
      await wait(pollMilliseconds);
    }
  }

  async function warnWithoutWorkers(): Promise<void> {
    if (warned || await queue.getWorkersCount() > 0) return;
    warned = true;
    warn(
      `No worker of engine ${engine}, numerics version ${numericsVersion}, listens on ` +
        `${address.shown}. The runs wait for one: deno task worker --redis URL.`,
    );
  }

  const polling = poll();

  async function close(): Promise<void> {
    if (closed) return await polling;
    closed = true;
    for (const task of [...tasks.values()]) {
      forget(task);
      task.reject(new PoolCancelled(`Run ${task.request.id} was left to the queue.`));
    }
    await Promise.race([polling, wait(1000)]);
    // A server that is away would be waited for.
    await Promise.race([Promise.allSettled([queue.close(), events.close()]), wait(1000)]);
    await Promise.allSettled([queue.disconnect(), events.disconnect()]);
    client.disconnect();
  }

  return {
    workers: Infinity,
    submit(request, onProgress = () => {}) {
      if (closed) return Promise.reject(new PoolCancelled("The pool was closed."));
      const { id, specification, point, fold, seed, weightsPath, checkpoint, stopAt } = request;
      return new Promise((resolve, reject) => {
        const job: RunJob = {
          schemaVersion: 1,
          study,
          engine,
          numericsVersion,
          id,
          specification,
          point,
          fold,
          seed,
          keepWeights: weightsPath !== null,
          checkpointEvery: checkpoint
            ? { seconds: checkpoint.seconds, steps: checkpoint.steps }
            : null,
          ...(stopAt ? { stopAt } : {}),
          ...(allowOther ? { allowOther } : {}),
        };
        const submitted = performance.now();
        const task: Task = { request, job, onProgress, resolve, reject, submitted };
        tasks.set(id, task);
        byJob.set(names.jobId(id), task);
        begin(task).catch((error) => {
          forget(task);
          reject(error);
        });
      });
    },
    async cancel() {
      const waiting = [...tasks.keys()];
      const withdraw = (async () => {
        // One that is being trained cannot be withdrawn: its result waits for the next pool.
        for (let first = 0; first < waiting.length; first += checkedAtOnce) {
          const some = waiting.slice(first, first + checkedAtOnce);
          await Promise.all(some.map((id) => queue.remove(names.jobId(id)).catch(() => 0)));
        }
      })();
      // Those that are left when the server is away or slow are done, and their results wait as well.
      await Promise.race([withdraw, wait(withdrawMilliseconds)]);
      await close();
    },
    close,
  };

  async function begin(task: Task): Promise<void> {
    const { id } = task.request;
    if (await client.hexists(names.results, id) === 1) return;
    // One that failed in an earlier study is asked for again.
    const jobId = names.jobId(id);
    if (await stateOf(jobId) === "failed") await queue.remove(jobId);
    if (tasks.has(id)) await put(task);
  }
}
