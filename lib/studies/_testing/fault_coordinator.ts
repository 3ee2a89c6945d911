/**
 * A process that runs a study of real, small trainings and stops where a test's plan says. Its
 * project is found from its working directory; it prints the study's digest.
 *
 * Arguments: JSON of options, "report" if it is to write the study's report.html at its end.
 */
import { runStudyWith } from "../_run_study.ts";
import { trainingParts } from "../_training_parts.ts";
import { jumpingClock } from "./fault_clock.ts";
import { planFor, stopInAppends, stopInReport } from "./fault_points.ts";
import { faultStudy } from "./fault_study.ts";

jumpingClock();
const plan = planFor("coordinator");
if (plan?.phase === "report") stopInReport(plan);
else if (plan !== null) stopInAppends(plan);
const executor = new URL("./fault_executor.ts", import.meta.url).href;
const [options, report] = Deno.args;
const study = await runStudyWith(
  { ...trainingParts, executor },
  { ...faultStudy(undefined), ...JSON.parse(options) },
);
if (report === "report") {
  const { writeReport } = await import("../../reports/report.ts");
  await writeReport(study.folder);
}
Deno.stdout.writeSync(new TextEncoder().encode(study.digest()));
// What a killed queue left open does not keep this process.
Deno.exit(0);
