import type { OutsideTrouble } from "../../../core/outside_trouble.ts";
import { wait } from "../../../core/wait.ts";
import type { RunRecord } from "../../../records/run_record.ts";
import type { SubmittedRun } from "../_submitted_run.ts";
import { type GivenBack, givenBack } from "./_given_back.ts";
import type { RunJob } from "./job.ts";
import { startPutting } from "./_putting.ts";
import type { QueueConnection } from "./_queue_connection.ts";
import { isServerTrouble } from "./_server_trouble.ts";

/** A run that a study waits for. */
export interface Task extends SubmittedRun {
  readonly job: RunJob;
  /** Whether it waits here until the server has room for it. */
  held: boolean;
}

/** The runs that a study waits for. */
export interface AwaitedRuns {
  /** By the name that each has on the queue. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** Those that were given back and not heard of since. */
  readonly refused: GivenBack<Task>;
  /** Those on the queue. */
  readonly putting: ReturnType<typeof startPutting<Task>>;
  /** Waits for a run, and puts it on the queue, however long that takes. */
  add(task: Task): void;
  isWanted(task: Task): boolean;
  /** Puts a run behind all others that are waited for. */
  toTheEnd(task: Task): void;
  /** Says why a run was not done, and puts it on the queue again after a pause. */
  again(task: Task, why: string, kind?: string): void;
  done(task: Task, record: RunRecord): void;
  giveBack(task: Task, trouble: OutsideTrouble): void;
  /** Gives the rest back; from now on no run is wanted. */
  close(reason: (task: Task) => Error): void;
}

/**
 * Waits for no run yet.
 *
 * @param pause Milliseconds before a run is put on a queue again whose server had no time for it.
 */
export function awaitedRuns(
  connection: QueueConnection,
  warn: (message: string) => void,
  pause: number,
): AwaitedRuns {
  const { shown, names, client, server, queue, runs } = connection;
  const jobIdOf = (task: Task) => names.jobId(task.request.id);
  const tasks = new Map<string, Task>();
  const refused = givenBack<Task>(warn);
  let closed = false;
  const putting = startPutting<Task>({
    add: (task) =>
      queue.add("run", task.job, {
        jobId: jobIdOf(task),
        attempts: 20,
        backoff: { type: "fixed", delay: 500 },
        removeOnComplete: true,
      }),
    takeOff: async (task) => await queue.remove(jobIdOf(task)) === 1,
    isWanted,
    isWell: () => server.trouble() === null,
    begin,
    onFull: (error) => server.error(error),
  });

  function isWanted(task: Task): boolean {
    return !closed && tasks.get(jobIdOf(task)) === task;
  }

  function forget(task: Task): void {
    tasks.delete(jobIdOf(task));
    refused.remove(task);
    putting.gone(task);
  }

  function reject(task: Task, error: Error): void {
    forget(task);
    task.reject(error);
  }

  async function begin(task: Task): Promise<void> {
    while (isWanted(task)) {
      await server.well();
      try {
        return await place(task);
      } catch (error) {
        if (!isWanted(task)) return;
        if (!isServerTrouble(error as Error)) {
          return again(task, `The queue on ${shown}: ${(error as Error).message}`);
        }
        server.error(error as Error);
        await wait(pause);
      }
    }
  }

  async function place(task: Task): Promise<void> {
    if (await client.hexists(names.results, task.request.id) === 1) return;
    // One that failed in an earlier study, or was refused, is asked for again.
    const jobId = jobIdOf(task);
    if (await runs.stateOf(jobId) === "failed") await runs.remove(jobId);
    await putting.put(task);
  }

  function again(task: Task, why: string, kind?: string): void {
    task.held = true;
    setTimeout(() => {
      task.held = false;
      if (isWanted(task)) begin(task);
    }, refused.add(task, why, kind));
  }

  return {
    tasks,
    refused,
    putting,
    add(task) {
      tasks.set(jobIdOf(task), task);
      begin(task);
    },
    isWanted,
    toTheEnd(task) {
      tasks.delete(jobIdOf(task));
      tasks.set(jobIdOf(task), task);
    },
    again,
    done(task, record) {
      forget(task);
      task.resolve(record);
    },
    giveBack: reject,
    close(reason) {
      closed = true;
      for (const task of [...tasks.values()]) reject(task, reason(task));
    },
  };
}
