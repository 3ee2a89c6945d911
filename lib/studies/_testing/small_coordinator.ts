/**
 * A process that runs a study of real, small trainings with a checkpoint after each step, or that of
 * remedies where it is given their name: to be killed. It tells at which step each run begins. Its project
 * is found from its working directory; it prints the study's digest.
 */
import { runStudyWith } from "../_study_course.ts";
import { tellingParts } from "./first_steps.ts";
import { remediesStudy } from "./remedies_study.ts";
import { smallStudy } from "./small_study.ts";

const optionsOf = Deno.args[0] === "remedies" ? remediesStudy : smallStudy;
const study = await runStudyWith(
  tellingParts,
  optionsOf(undefined, { checkpointEvery: { steps: 1 } }, { steps: 300, evaluateEvery: 100 }),
);
Deno.stdout.writeSync(new TextEncoder().encode(study.digest()));
