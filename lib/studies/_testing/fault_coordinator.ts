/**
 * A process that runs a study of real, small trainings and stops where a test's plan says. Its
 * project is found from its working directory; it prints the study's digest.
 *
 * Arguments: JSON of options (and of what its runs need), "report" if it is to write the study's report.html at its end.
 */
import { runStudyWith } from "../_study_course.ts";
import { libraryTrainings } from "../_library_trainings.ts";
import { jumpingClock } from "./fault_clock.ts";
import { planFor, stopInAppends, stopInReport } from "./fault_points.ts";
import { silentReporter } from "../reporter.ts";
import { faultStudy, saidFile } from "./fault_study.ts";

jumpingClock();
const plan = planFor("coordinator");
if (plan?.phase === "report") stopInReport(plan);
else if (plan !== null) stopInAppends(plan);
const executor = new URL("./fault_executor.ts", import.meta.url).href;
const [given, report] = Deno.args;
const { needs, ...options } = JSON.parse(given);
const reporter = {
  ...silentReporter,
  warn: (message: string) =>
    Deno.writeTextFileSync(saidFile(options.name), `${message}\n`, { append: true }),
};
const study = await runStudyWith(
  { ...libraryTrainings, executor },
  { ...faultStudy(undefined, { reporter, ...options }, needs) },
);
if (report === "report") {
  const { writeReport } = await import("../../reports/report.ts");
  await writeReport(study.folder);
}
Deno.stdout.writeSync(new TextEncoder().encode(study.digest()));
// What a killed queue left open does not keep this process.
Deno.exit(0);
