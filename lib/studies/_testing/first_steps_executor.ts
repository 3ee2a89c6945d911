/** Real trainings that append, for each beginning of a run, its first step to a file of the study. */
import { dirname, join } from "node:path";
import { executeRun as execute } from "../../ensembles/execute_run.ts";
import type { RunHooks, RunRequest } from "../../training/run_request.ts";
import type { RunRecord } from "../../records/run_record.ts";

/** Name of the file, beside the folder of the checkpoints. */
export const fileOf = "first-steps.jsonl";

export function executeRun(request: RunRequest, hooks: RunHooks = {}): Promise<RunRecord> {
  const { id, checkpoint } = request;
  // Ensembles are measured, not trained.
  if (request.ensemble || !checkpoint) return execute(request, hooks);
  const path = join(dirname(dirname(checkpoint.path)), fileOf);
  let told = false;
  return execute(request, {
    ...hooks,
    onProgress(step, steps, latest) {
      if (!told) {
        told = true;
        Deno.writeTextFileSync(path, `${JSON.stringify({ id, step })}\n`, { append: true });
      }
      hooks.onProgress?.(step, steps, latest);
    },
  });
}
