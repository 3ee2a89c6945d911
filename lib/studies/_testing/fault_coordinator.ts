/**
 * A process that runs a study of real, small trainings and stops where a test's plan says. Its
 * project is found from its working directory; it prints the study's digest.
 *
 * Argument: JSON of options.
 */
import { runStudyWith } from "../_run_study.ts";
import type { StudyProgress, StudyReporter } from "../reporter.ts";
import { trainingParts } from "../_training_parts.ts";
import { jumpingClock } from "./fault_clock.ts";
import { planFor, stopHere, stopInAppends } from "./fault_points.ts";
import { faultStudy } from "./fault_study.ts";

jumpingClock();
const plan = planFor("coordinator");
if (plan !== null) stopInAppends(plan);
const reporting = plan?.phase === "report" ? plan : null;
const reporter: StudyReporter = {
  progress({ done }: StudyProgress) {
    if (reporting !== null && reporting.share < 0.5 && done > reporting.passes) {
      stopHere({ ...reporting, passes: 0 });
    }
  },
  warn() {},
  finish() {
    if (reporting !== null && reporting.share >= 0.5) stopHere({ ...reporting, passes: 0 });
  },
};
const executor = new URL("./fault_executor.ts", import.meta.url).href;
const study = await runStudyWith(
  { ...trainingParts, executor },
  { ...faultStudy(undefined), reporter, ...JSON.parse(Deno.args[0]) },
);
Deno.stdout.writeSync(new TextEncoder().encode(study.digest()));
// What a killed queue left open does not keep this process.
Deno.exit(0);
