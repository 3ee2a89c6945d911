import { writeFileAtomically } from "../../../core/files.ts";
import { visibleText } from "../../../core/html.ts";
import { needed, type OutsideTrouble } from "../../../core/outside_trouble.ts";
import { numericsVersion } from "../../../core/version.ts";
import type { RunRecord } from "../../../records/run_record.ts";
import type { AwaitedRuns } from "./_awaited_runs.ts";
import { checkResult, type RunResult } from "./job.ts";
import type { QueueConnection } from "./_queue_connection.ts";

/** Which results a study takes. */
export interface ResultsOptions {
  readonly engine: string;
  readonly allowOther: boolean;
  readonly warn: (message: string) => void;
}

/** Takes the result of a run that is waited for, if it is there. */
export type TakeResult = (id: string) => Promise<void>;

/** Takes results that workers left on the server. */
export function resultTaker(
  { shown, names, client }: QueueConnection,
  awaited: AwaitedRuns,
  { engine, allowOther, warn }: ResultsOptions,
): TakeResult {
  let toldOther = false;

  function tellOther(record: RunRecord): void {
    if (toldOther) return;
    toldOther = true;
    warn(
      `A run was done with engine ${record.engine}, numerics version ${record.numericsVersion}, in ` +
        `place of ${engine}, ${numericsVersion}, as allowed: the study's digest is another for it.`,
    );
  }

  return async (id) => {
    const task = awaited.tasks.get(names.jobId(id));
    if (task === undefined) return;
    const text = await client.hget(names.results, id);
    if (text === null || !awaited.isWanted(task)) return;
    const { weightsPath, stopAt } = task.request;
    let result: RunResult;
    try {
      result = checkResult(text, task.request, engine, allowOther);
    } catch (error) {
      await client.hdel(names.results, id);
      const found = visibleText((error as Error).message);
      return awaited.again(
        task,
        `What lay on ${shown} as a run's result was none and is removed: ${found}`,
        "no result",
      );
    }
    const { record, weights } = result;
    if (record.engine !== engine || record.numericsVersion !== numericsVersion) tellOther(record);
    if (record.status === "pruned" && record.final!.step < (stopAt ?? Infinity)) {
      // Of an earlier rung, left by a study that was interrupted: what is asked for now comes again.
      await client.hdel(names.results, id);
      return await awaited.putting.put(task);
    }
    if (weightsPath !== null && record.status === "completed") {
      try {
        await needed(() => writeFileAtomically(weightsPath, Uint8Array.fromBase64(weights!)));
      } catch (error) {
        // The result stays where it is until there is room for the weights.
        return awaited.giveBack(task, error as OutsideTrouble);
      }
    }
    awaited.refused.goesOn(task);
    awaited.done(task, record);
    await client.hdel(names.results, id);
  };
}
