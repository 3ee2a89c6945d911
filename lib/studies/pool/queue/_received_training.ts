import { join } from "node:path";
import { needed, OutsideTrouble } from "../../../core/outside_trouble.ts";
import { readFile, remove } from "../../../core/runtime/files.ts";
import type { RunRequest } from "../../../training/run_request.ts";
import { type OnProgress, type Pool, PoolCancelled } from "../pool.ts";
import type { RunJob, RunResult } from "./job.ts";
import { Refusal } from "./_received_run.ts";

/** Where received runs are trained. */
export interface ReceivedTrainingOptions {
  /** Folder for checkpoints and for weights on their way. */
  readonly folder: string;
  readonly engine: RunRequest["engine"];
  /** Told what is missing on this machine. */
  readonly print: (line: string) => void;
  /** Told why no process can do any run. */
  readonly giveUp: (error: Error) => void;
}

/** Trains runs that were received, in the processes of a pool. */
export function receivedTraining(
  pool: Pool,
  { folder, engine, print, giveUp }: ReceivedTrainingOptions,
) {
  const pathOf = (id: string, kind: string) => join(folder, `${id}.${kind}`);
  return {
    /** @throws {Refusal} If this machine lacks something. */
    async train(run: RunJob, onProgress: OnProgress): Promise<RunResult> {
      const { id, specification, point, fold, seed, keepWeights, checkpointEvery, stopAt } = run;
      const checkpoint = checkpointEvery === null
        ? null
        : { path: pathOf(id, "checkpoint"), ...checkpointEvery };
      const weightsPath = keepWeights ? pathOf(id, `${crypto.randomUUID()}.safetensors`) : null;
      const request = { id, specification, point, fold, seed, engine, stopAt };
      try {
        const record = await pool.submit({ ...request, weightsPath, checkpoint }, onProgress);
        const kept = weightsPath !== null && record.status === "completed";
        const bytes = kept ? await needed(() => readFile(weightsPath)) : null;
        return { record, weights: bytes === null ? null : bytes.toBase64() };
      } catch (error) {
        if (error instanceof OutsideTrouble) {
          print(error.message);
          throw new Refusal(
            "something that it needs is not here; the worker's output says what",
          );
        }
        if (!(error instanceof PoolCancelled)) giveUp(error as Error);
        throw error;
      } finally {
        if (weightsPath !== null) await remove(weightsPath).catch(() => {});
      }
    },
    /** Leaves nothing of a run whose result is on its way, but for one that may go on from a rung. */
    async forget({ record }: RunResult): Promise<void> {
      if (record.status === "pruned") return;
      await remove(pathOf(record.id, "checkpoint")).catch(() => {});
    },
  };
}
