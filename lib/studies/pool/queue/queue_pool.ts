import { OutsideTrouble } from "../../../core/outside_trouble.ts";
import { wait } from "../../../core/wait.ts";
import { type Pool, PoolCancelled } from "../pool.ts";
import { type AwaitedRuns, awaitedRuns } from "./_awaited_runs.ts";
import { jobOf, queueNames } from "./job.ts";
import { connectQueue, type QueueConnection } from "./_queue_connection.ts";
import { resultTaker } from "./_results.ts";
import { checkedAtOnce, rounds } from "./_rounds.ts";
import { tellWorkers } from "./_wanted.ts";

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

/** How long an interrupted study takes its waiting runs off the queue, milliseconds. */
const withdrawMilliseconds = 5000;

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
  const connection = await connectQueue(options.redis, queueNames(engine, study), warn);
  const { names, client, server, queue, events } = connection;
  const awaited = awaitedRuns(connection, warn, pollMilliseconds);
  const takeResult = resultTaker(connection, awaited, { engine, allowOther, warn });
  const { look, round } = rounds(connection, awaited, takeResult, { engine, warn });
  const { tasks, refused, putting } = awaited;
  /** Ids of runs on the queue for which nobody waits any more. */
  const abandoned = new Set<string>();
  let closed = false;

  events.on("progress", ({ jobId, data }) => {
    const task = tasks.get(jobId);
    if (task === undefined) return;
    const { step, steps } = (data ?? {}) as { step: unknown; steps: unknown };
    if (!Number.isSafeInteger(step) || !Number.isSafeInteger(steps)) return;
    refused.goesOn(task);
    task.onProgress(step as number, steps as number, null);
  });

  events.on("failed", ({ jobId }) => {
    const task = tasks.get(jobId);
    if (task !== undefined) look(task).catch((error) => server.error(error));
  });

  async function repeat(action: () => Promise<void>): Promise<void> {
    while (!closed) {
      await action().catch((error) => server.error(error));
      await wait(pollMilliseconds);
    }
  }

  /** Gives all runs back if nothing was done for longer than the patience. */
  async function endPatience(): Promise<void> {
    const why = await overdue(connection, awaited, patienceSeconds).catch(() => null);
    if (why === null) return;
    const trouble = new OutsideTrouble(why, { waited: true });
    for (const id of putting.ids()) abandoned.add(id);
    for (const task of [...tasks.values()]) awaited.giveBack(task, trouble);
  }

  tellWorkers(client, names.queue, engine).catch((error) => server.error(error));
  repeat(endPatience);
  const polling = repeat(round);

  async function close(): Promise<void> {
    if (closed) return await polling;
    closed = true;
    server.end();
    awaited.close(({ request: { id } }) => new PoolCancelled(`Run ${id} was left to the queue.`));
    await Promise.race([polling, wait(1000)]);
    await connection.close();
  }

  return {
    workers: Infinity,
    submit(request, onProgress = () => {}) {
      if (closed) return Promise.reject(new PoolCancelled("The pool was closed."));
      return new Promise((resolve, reject) => {
        const job = jobOf(request, { study, engine, allowOther });
        const submitted = performance.now();
        awaited.add({ request, job, onProgress, resolve, reject, submitted, held: false });
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
}

/** What is in the way, if nothing was done for longer than the patience. */
async function overdue(
  { shown, names, server, runs }: QueueConnection,
  { tasks, refused }: AwaitedRuns,
  patienceSeconds: number,
): Promise<string | null> {
  const trouble = server.trouble();
  if (trouble !== null) {
    return trouble.milliseconds < 1000 * patienceSeconds
      ? null
      : `The queue on ${shown} ${trouble.words}.`;
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
