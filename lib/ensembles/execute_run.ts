import type { RunRecord } from "../records/run_record.ts";
import { executeRun as train, type RunHooks, type RunRequest } from "../training/run.ts";

/** Does what a request asks for: trains a model, or measures the mean of trained ones. */
export async function executeRun(request: RunRequest, hooks?: RunHooks): Promise<RunRecord> {
  const { ensemble } = request;
  if (!ensemble) return await train(request, hooks);
  const { executeEnsemble } = await import("./execute_ensemble.ts");
  return await executeEnsemble({ ...request, ensemble }, hooks);
}
