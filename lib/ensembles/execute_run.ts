import type { RunRecord } from "../records/run_record.ts";
import { executeRun as train } from "../training/run.ts";
import type { RunHooks, RunRequest } from "../training/run_request.ts";

/** Does what a request asks for: trains a model, or measures the mean of trained ones. */
export async function executeRun(request: RunRequest, hooks?: RunHooks): Promise<RunRecord> {
  const { ensemble } = request;
  if (!ensemble) return await train(request, hooks);
  const { executeEnsemble } = await import("./execute_ensemble.ts");
  return await executeEnsemble({ ...request, ensemble }, hooks);
}
