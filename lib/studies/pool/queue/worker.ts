import { loadsLibrary } from "../../../core/engine_name.ts";
import type { Job } from "bullmq";
import { show } from "../../../core/check.ts";
import { makeFolder } from "../../../core/runtime/files.ts";
import { hostName } from "../../../core/runtime/machine.ts";
import { processId } from "../../../core/runtime/own_process.ts";
import { numericsVersion } from "../../../core/version.ts";
import { startPool } from "../pool.ts";
import { checkReachable, redisAddress } from "./connection.ts";
import { queueNames } from "./job.ts";
import { forgottenAfter, removeLeftovers } from "./leftovers.ts";
import { startListening } from "./_listening.ts";
import { pauses } from "./_pauses.ts";
import { receivedRun, Refusal } from "./_received_run.ts";
import { receivedTraining } from "./_received_training.ts";
import { isServerTrouble, type ServerWatch } from "./_server_trouble.ts";
import { otherQueues, wantedKey, wantedQueues } from "./_wanted.ts";
import { watchedClient } from "./_watched_client.ts";
import type { WorkerOptions, WorkerParts } from "./worker_options.ts";

export type { WorkerOptions, WorkerParts } from "./worker_options.ts";

/** Milliseconds between two looks for queues of other engines. */
const lookMilliseconds = 2000;

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
  const { signal, print, project, folder, allowOther = false } = options;
  await checkReachable(address);
  const engine = await engineOf(parts, options);
  await makeFolder(folder);
  await removeLeftovers(folder);
  const pool = startPool({
    ...options.pool,
    project,
    writable: folder,
    executor: parts.executor,
    workers: options.workers,
    threads: options.threads,
    engine: engine.id,
    native: loadsLibrary(engine.name),
  });
  const { promise: ended, resolve: end, reject: giveUp } = Promise.withResolvers<void>();
  const { queue } = queueNames(engine.id, "");
  const hashes = new Set<string>([wantedKey]);
  const { client, server } = await watchedClient(address, { queue, hashes }, print);
  const stop = () => (server.end(), end());
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();

  const { UnrecoverableError } = await import("bullmq");
  const training = receivedTraining(pool, { folder, engine: engine.name, print, giveUp });
  const rest = pauses(signal, options.restSeconds ?? 30);

  /** Trains a run and leaves its result on the server. */
  async function answer(job: Job<unknown, null>): Promise<void> {
    const run = await receivedRun(job.data, engine.id, parts, options);
    const { results } = queueNames(run.engine, run.study, run.numericsVersion);
    hashes.add(results);
    // Its worker may have ended between the result and the word to the queue.
    if (await patiently(server, signal, () => client.hexists(results, run.id)) === 1) return;
    const started = performance.now();
    const result = await training.train(run, progressOf(job));
    rest.reset();
    const text = JSON.stringify(result);
    await patiently(server, signal, () => client.hset(results, run.id, text));
    await patiently(server, signal, () => client.expire(results, forgottenAfter));
    await training.forget(result);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const { status } = result.record;
    print(`run ${run.id.slice(0, 8)} of study ${show(run.study)}: ${status} in ${seconds} s`);
  }

  async function take(job: Job<unknown, null>): Promise<null> {
    try {
      await answer(job);
      return null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const reason = error.message;
      print(`job ${show(job.id)}: Refused: ${reason}`);
      // A worker that has nothing but such runs rests, so that others get them.
      await rest.next();
      throw new UnrecoverableError(`Refused by ${hostName()} (process ${processId}): ${reason}`);
    }
  }

  const { listen, close } = await startListening(address, take, {
    concurrency: pool.workers,
    lockSeconds: options.lockSeconds ?? 30,
    onError: (error) => server.error(error),
    giveUp,
  });
  print(
    `Worker on ${address.shown}: engine ${engine.id}, numerics version ${numericsVersion}, ` +
      `${pool.workers} training processes. Ctrl-C ends it; its runs go to other workers.`,
  );
  let looking: ReturnType<typeof setInterval> | undefined;
  try {
    await listen(queue);
    if (allowOther) {
      print("It does runs of other engines and numerics versions too, for studies that allow it.");
      const look = async () => {
        for (const name of await wantedQueues(client)) await listen(name);
      };
      const lookAgain = () => look().catch((error) => server.error(error));
      await lookAgain();
      looking = setInterval(lookAgain, lookMilliseconds);
    } else {
      for (const line of await otherQueues(client, queue, engine.id)) print(line);
    }
    await ended;
  } finally {
    clearInterval(looking);
    const closing = close();
    await pool.cancel();
    await closing;
    client.disconnect();
  }
}

/** Does something on a server; waits and tries again while that is not well. */
async function patiently<T>(
  server: ServerWatch,
  signal: AbortSignal,
  action: () => Promise<T>,
): Promise<T> {
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

/** Tells a queue how far a run is, once a second. */
function progressOf(job: Job<unknown, null>): (step: number, steps: number) => void {
  let told = 0;
  return (step, steps) => {
    const now = performance.now();
    if (now - told < 1000) return;
    told = now;
    job.updateProgress({ step, steps }).catch(() => {});
  };
}

/** The engine of this machine, with threads where that can share its work. */
async function engineOf(parts: WorkerParts, options: WorkerOptions) {
  const engine = await parts.engine(options.engine);
  checkThreads(engine.name, options.threads ?? 1);
  return engine;
}

/** Refuses several threads of an engine whose numbers would then be another's. */
function checkThreads(engine: string, threads: number): void {
  if (engine !== "native" || threads === 1) return;
  throw new RangeError(
    `Cannot train on ${threads} threads with engine native: with several it is the engine blocked, whose ` +
      `numbers are others.`,
  );
}
