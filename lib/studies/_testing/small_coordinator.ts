/**
 * A process that runs a study of real, small trainings with a checkpoint after each step: to be
 * killed. Its project is found from its working directory; it prints the study's digest.
 */
import { runStudy } from "../run_study.ts";
import { smallStudy } from "./small_study.ts";

const study = await runStudy(
  smallStudy(undefined, { checkpointEvery: { steps: 1 } }, { steps: 300, evaluateEvery: 100 }),
);
Deno.stdout.writeSync(new TextEncoder().encode(study.digest()));
