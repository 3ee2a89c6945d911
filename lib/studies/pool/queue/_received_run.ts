import type { WorkerOptions, WorkerParts } from "./worker_options.ts";
import { checkJob, type RunJob } from "./job.ts";

/**
 * Why a run is not done here. Its message goes to the study, and says nothing of what is on this
 * machine.
 */
export class Refusal extends Error {
  override name = "Refusal";
}

/**
 * A run as it arrived on a queue, once all of it is checked.
 *
 * @param engine Id of this worker's engine.
 * @throws {Refusal} If it cannot be done here.
 */
export async function receivedRun(
  value: unknown,
  engine: string,
  parts: WorkerParts,
  { project, print, corpora = [], allowOther = false }: WorkerOptions,
): Promise<RunJob> {
  let run: RunJob;
  try {
    run = checkJob(value, engine, parts.checkSpecification, allowOther);
    parts.checkCorpus?.(run.specification, { project, listed: corpora });
  } catch (error) {
    throw new Refusal((error as Error).message);
  }
  try {
    await parts.checkCode?.(run.specification, project);
  } catch (error) {
    print((error as Error).message);
    throw new Refusal(
      "the study's own modules are not here, or others; the worker's output says which",
    );
  }
  return run;
}
