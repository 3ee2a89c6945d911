import { writeFileAtomically } from "../../../core/files.ts";
import { visibleText } from "../../../core/html.ts";
import { needed, OutsideTrouble } from "../../../core/outside_trouble.ts";
import { numericsVersion } from "../../../core/version.ts";
import type { RunRecord } from "../../../records/run_record.ts";
import type { RunRequest } from "../../../training/run.ts";
import { failedRecord } from "../_failed_record.ts";
import { type OnProgress, type Pool, PoolCancelled } from "../pool.ts";
import {
  checkReachable,
  evictionWarning,
  keyPrefix,
  redisAddress,
  redisClient,
} from "./connection.ts";
import { givenBack } from "./_given_back.ts";
import { startPutting } from "./_putting.ts";
import { queuedRuns } from "./_queued_runs.ts";
import { checkResult, jobOf, queueNames, type RunJob, type RunResult } from "./job.ts";
import { isServerTrouble, watchServer } from "./_server_trouble.ts";
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
  /**
   * How long nothing of the study may be done, while the server is not well or workers give runs back,
   * before all runs are given back; 60 by default.
   */
  readonly patienceSeconds?: number;
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
  /** Whether it waits here until the server has room for it. */
  held: boolean;
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
 * same study fetches it. A run that the server has lost, that a worker could not do, or whose result is
 * none, is put on it again. A server that is full gets fewer runs at once. All this is said once, and
 * for longer than the patience all runs are given back with {@link OutsideTrouble}.
 *
 * @throws {Error} If the server cannot be reached.
 */
export async function startQueuePool(options: QueuePoolOptions): Promise<Pool> {
  const { study, engine, warn, allowOther = false } = options;
  const { pollMilliseconds = 200, patienceSeconds = 60 } = options;
  const address = redisAddress(options.redis);
  await checkReachable(address);
  const { Queue, QueueEvents } = await import("bullmq");
  const names = queueNames(engine, study);
  const { connection } = address;
  // The version is of no matter, and what it says of eviction is said once, below.
  const settings = { connection, prefix: keyPrefix, skipVersionCheck: true };
  const queue = new Queue<RunJob>(names.queue, {
    ...settings,
    streams: { events: { maxLen: 2000 } },
  });
  const events = new QueueEvents(names.queue, settings);
  const tasks = new Map<string, Task>();
  const byJob = new Map<string, Task>();
  /** Ids of runs on the queue for which nobody waits any more. */
  const abandoned = new Set<string>();
  const refused = givenBack<Task>(warn);
  let closed = false;
  let warned = false;
  let toldOther = false;

  const client = await redisClient(address, (error) => server.error(error));
  const hashes = new Set([wantedKey, names.results]);
  const server = watchServer(client, { queue: names.queue, hashes }, address.shown, warn);
  queue.on("error", (error) => server.error(error));
  events.on("error", (error) => server.error(error));
  const runs = queuedRuns(client, queue);
  tellWorkers().catch((error) => closed || server.error(error));
  const warning = await evictionWarning(client, address.shown);
  if (warning !== null) warn(warning);

  events.on("progress", ({ jobId, data }) => {
    const task = byJob.get(jobId);
    if (task === undefined) return;
    const { step, steps } = (data ?? {}) as { step: unknown; steps: unknown };
    if (!Number.isSafeInteger(step) || !Number.isSafeInteger(steps)) return;
    refused.goesOn(task);
    task.onProgress(step as number, steps as number, null);
  });

  events.on("failed", ({ jobId }) => {
    const task = byJob.get(jobId);
    if (task !== undefined) look(task).catch((error) => closed || server.error(error));
  });

  const putting = startPutting<Task>({
    add: ({ request: { id }, job }) =>
      queue.add("run", job, {
        jobId: names.jobId(id),
        attempts: 20,
        backoff: { type: "fixed", delay: 500 },
        removeOnComplete: true,
      }),
    takeOff: async ({ request: { id } }) => await queue.remove(names.jobId(id)) === 1,
    isWanted,
    isWell: () => server.trouble() === null,
    begin,
    onFull: (error) => closed || server.error(error),
  });

  function isWanted(task: Task): boolean {
    return !closed && tasks.get(task.request.id) === task;
  }

  function forget(task: Task): void {
    const { id } = task.request;
    tasks.delete(id);
    byJob.delete(names.jobId(id));
    refused.remove(task);
    putting.gone(task);
  }

  function giveBack(task: Task, trouble: OutsideTrouble): void {
    forget(task);
    task.reject(trouble);
  }

  /** Says why a run was not done, and puts it on the queue again after a pause. */
  function tryAgain(task: Task, why: string, kind?: string): void {
    task.held = true;
    setTimeout(() => {
      task.held = false;
      if (isWanted(task)) begin(task);
    }, refused.add(task, why, kind));
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
    if (text === null || !isWanted(task)) return;
    const { weightsPath, stopAt } = task.request;
    let result: RunResult;
    try {
      result = checkResult(text, task.request, engine, allowOther);
    } catch (error) {
      await client.hdel(names.results, id);
      const found = visibleText((error as Error).message);
      return tryAgain(
        task,
        `What lay on ${address.shown} as a run's result was none and is removed: ${found}`,
        "no result",
      );
    }
    const { record, weights } = result;
    if (record.engine !== engine || record.numericsVersion !== numericsVersion) tellOther(record);
    if (record.status === "pruned" && record.final!.step < (stopAt ?? Infinity)) {
      // Of an earlier rung, left by a study that was interrupted: what is asked for now comes again.
      await client.hdel(names.results, id);
      return await putting.put(task);
    }
    if (weightsPath !== null && record.status === "completed") {
      try {
        await needed(() => writeFileAtomically(weightsPath, Uint8Array.fromBase64(weights!)));
      } catch (error) {
        // The result stays where it is until there is room for the weights.
        return giveBack(task, error as OutsideTrouble);
      }
    }
    refused.goesOn(task);
    forget(task);
    task.resolve(record);
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

  /** Learns of runs that were refused or given up, and puts those that are gone there again. */
  async function look(task: Task): Promise<void> {
    const { id } = task.request;
    if (task.held) return;
    const jobId = names.jobId(id);
    const state = await runs.stateOf(jobId);
    if (state === "underway") return;
    await fetch(id);
    if (!isWanted(task) || task.held) return;
    if (state === "unknown") return await putting.put(task);
    const job = await queue.getJob(jobId);
    if (job === undefined || !isWanted(task)) return;
    await job.remove();
    const reason = visibleText(`${job.failedReason}`.slice(0, 1000));
    // A run that takes its worker's whole process down, again and again, is to blame itself.
    if (/^job stalled more than/.test(reason)) return fail(task, `The queue gave it up: ${reason}`);
    tryAgain(task, `A worker gave a run back, which another one may do. ${reason}`);
  }

  const wait = (milliseconds: number) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));

  async function poll(): Promise<void> {
    let next = performance.now() + checkPause;
    while (!closed) {
      try {
        if (tasks.size > 0 && server.trouble() === null) {
          for (const id of await client.hkeys(names.results)) await fetch(id);
          putting.release();
        }
        if (tasks.size > 0 && server.trouble() === null && performance.now() >= next) {
          next = performance.now() + checkPause;
          await tellWorkers();
          await warnWithoutWorkers();
          for (const jobId of await runs.lost(putting.ids().map(names.jobId))) {
            await runs.remove(jobId);
          }
          // Those looked at go to the end, so that each has its turn.
          const some = [...tasks.values()].slice(0, checkedAtOnce);
          for (const task of some) {
            await look(task);
            if (!isWanted(task)) continue;
            tasks.delete(task.request.id);
            tasks.set(task.request.id, task);
          }
        }
      } catch (error) {
        if (!closed) server.error(error as Error);
      }
      await wait(pollMilliseconds);
    }
  }

  /** Says to workers of other kinds that runs wait for one of this kind. */
  async function tellWorkers(): Promise<void> {
    await client.hset(
      wantedKey,
      names.queue,
      `engine ${engine}, numerics version ${numericsVersion}`,
    );
  }

  async function warnWithoutWorkers(): Promise<void> {
    if (warned || await queue.getWorkersCount() > 0) return;
    warned = true;
    warn(
      `No worker of engine ${engine}, numerics version ${numericsVersion}, listens on ` +
        `${address.shown}. The runs wait for one: deno task worker --redis URL.`,
    );
  }

  /** What is in the way, if nothing was done for longer than the patience. */
  async function overdue(): Promise<string | null> {
    const trouble = server.trouble();
    if (trouble !== null) {
      return trouble.milliseconds < 1000 * patienceSeconds
        ? null
        : `The queue on ${address.shown} ${trouble.words}.`;
    }
    const why = refused.inTheWay(patienceSeconds);
    if (why === null) return null;
    // One in training may be silent for longer: in an evaluation.
    for (const task of tasks.values()) {
      if (refused.has(task) || !await runs.isTrained(names.jobId(task.request.id))) continue;
      refused.goesOn(task);
      return null;
    }
    return why;
  }

  async function watch(): Promise<void> {
    while (!closed) {
      const why = await overdue().catch(() => null);
      if (why !== null) {
        const trouble = new OutsideTrouble(why, { waited: true });
        for (const id of putting.ids()) abandoned.add(id);
        for (const task of [...tasks.values()]) giveBack(task, trouble);
      }
      await wait(pollMilliseconds);
    }
  }

  watch();
  const polling = poll();

  async function close(): Promise<void> {
    if (closed) return await polling;
    closed = true;
    server.end();
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
      const { id } = request;
      return new Promise((resolve, reject) => {
        const job = jobOf(request, { study, engine, allowOther });
        const submitted = performance.now();
        const task: Task = { request, job, onProgress, resolve, reject, submitted, held: false };
        tasks.set(id, task);
        byJob.set(names.jobId(id), task);
        begin(task);
      });
    },
    async cancel() {
      const waiting = [...putting.ids(), ...abandoned];
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

  /** Puts a run on the queue, however long that takes. */
  async function begin(task: Task): Promise<void> {
    while (isWanted(task)) {
      await server.well();
      try {
        return await place(task);
      } catch (error) {
        if (!isWanted(task)) return;
        if (!isServerTrouble(error as Error)) {
          return tryAgain(task, `The queue on ${address.shown}: ${(error as Error).message}`);
        }
        server.error(error as Error);
        await wait(pollMilliseconds);
      }
    }
  }

  async function place(task: Task): Promise<void> {
    const { id } = task.request;
    if (await client.hexists(names.results, id) === 1) return;
    // One that failed in an earlier study, or was refused, is asked for again.
    const jobId = names.jobId(id);
    if (await runs.stateOf(jobId) === "failed") await runs.remove(jobId);
    await putting.put(task);
  }
}
