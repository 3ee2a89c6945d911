/** Real trainings whose process stops where a test's plan says, or whose clock jumps. */
import { executeRun as execute } from "../../training/run.ts";
import type { RunHooks, RunRequest } from "../../training/run_request.ts";
import type { RunRecord } from "../../records/run_record.ts";
import { jumpingClock } from "./fault_clock.ts";
import { planFor, stopHere, stopInRenames } from "./fault_points.ts";

const plan = planFor("child");
if (plan?.phase === "checkpoint rename") stopInRenames(plan, ".checkpoint");
jumpingClock();

export async function executeRun(request: RunRequest, hooks?: RunHooks): Promise<RunRecord> {
  const record = await execute(request, hooks);
  if (plan?.phase === "hand-over") stopHere(plan, record.id);
  return record;
}
