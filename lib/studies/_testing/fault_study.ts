import type { StudyOptions } from "../options.ts";
import { smallStudy } from "./small_study.ts";

/** The study that is disturbed: 8 runs and their refits, with a checkpoint every 8 steps. */
export function faultStudy(
  project: string | undefined,
  changes: Partial<StudyOptions> = {},
): StudyOptions {
  return smallStudy(project, { checkpointEvery: { steps: 8 }, ...changes }, {
    steps: 40,
    evaluateEvery: 20,
  });
}
