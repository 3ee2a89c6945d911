import { visibleText } from "../../../core/html.ts";
import { numericsVersion } from "../../../core/version.ts";
import { failedRecord } from "../_failed_record.ts";
import type { AwaitedRuns, Task } from "./_awaited_runs.ts";
import type { QueueConnection } from "./_queue_connection.ts";
import type { TakeResult } from "./_results.ts";
import { tellWorkers } from "./_wanted.ts";

/** Runs whose state on the queue is looked at in one go. */
export const checkedAtOnce = 500;
/** Milliseconds between two such looks. */
const checkPause = 5000;

/** What finds out how the runs of a study are getting on. */
export interface Rounds {
  /** Learns whether a run was refused or given up, and puts one that is gone on the queue again. */
  look(task: Task): Promise<void>;
  /** Takes the results that are there; now and then looks where all the other runs are. */
  round(): Promise<void>;
}

/** Looks after the runs that a study waits for. */
export function rounds(
  connection: QueueConnection,
  awaited: AwaitedRuns,
  takeResult: TakeResult,
  { engine, warn }: { readonly engine: string; readonly warn: (message: string) => void },
): Rounds {
  const { shown, names, client, server, queue, runs } = connection;
  const { tasks, putting, isWanted } = awaited;
  let next = performance.now() + checkPause;
  let warned = false;

  async function look(task: Task): Promise<void> {
    const { id } = task.request;
    if (task.held) return;
    const jobId = names.jobId(id);
    const state = await runs.stateOf(jobId);
    if (state === "underway") return;
    await takeResult(id);
    if (!isWanted(task) || task.held) return;
    if (state === "unknown") return await putting.put(task);
    const job = await queue.getJob(jobId);
    if (job === undefined || !isWanted(task)) return;
    await job.remove();
    const reason = visibleText(`${job.failedReason}`.slice(0, 1000));
    // A run that takes its worker's whole process down, again and again, is to blame itself.
    if (/^job stalled more than/.test(reason)) return fail(task, `The queue gave it up: ${reason}`);
    awaited.again(task, `A worker gave a run back, which another one may do. ${reason}`);
  }

  function fail(task: Task, error: string): void {
    const durationSeconds = (performance.now() - task.submitted) / 1000;
    awaited.done(task, failedRecord(task.request, { engine, error, attempts: 1, durationSeconds }));
  }

  async function warnWithoutWorkers(): Promise<void> {
    if (warned || await queue.getWorkersCount() > 0) return;
    warned = true;
    warn(
      `No worker of engine ${engine}, numerics version ${numericsVersion}, listens on ` +
        `${shown}. The runs wait for one: deno task worker --redis URL.`,
    );
  }

  async function lookAtAll(): Promise<void> {
    await tellWorkers(client, names.queue, engine);
    await warnWithoutWorkers();
    for (const jobId of await runs.lost(putting.ids().map(names.jobId))) await runs.remove(jobId);
    // Those looked at go to the end, so that each has its turn.
    for (const task of [...tasks.values()].slice(0, checkedAtOnce)) {
      await look(task);
      if (isWanted(task)) awaited.toTheEnd(task);
    }
  }

  return {
    look,
    async round() {
      if (tasks.size > 0 && server.trouble() === null) {
        for (const id of await client.hkeys(names.results)) await takeResult(id);
        putting.release();
      }
      if (tasks.size > 0 && server.trouble() === null && performance.now() >= next) {
        next = performance.now() + checkPause;
        await lookAtAll();
      }
    },
  };
}
