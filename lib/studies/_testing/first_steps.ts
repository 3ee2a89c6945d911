/** At which step runs begin, told by the processes that train them: to see that they go on. */
import { libraryTrainings } from "../_library_trainings.ts";
import type { StudyTrainings } from "../_trainings.ts";
import { fileOf } from "./first_steps_executor.ts";

/** Real trainings that tell their first steps. */
export const tellingParts: StudyTrainings = {
  ...libraryTrainings,
  executor: new URL("./first_steps_executor.ts", import.meta.url).href,
};

/** The first step of each beginning of a run, in their order; of a study's folder. */
export function firstSteps(study: string): { readonly id: string; readonly step: number }[] {
  return Deno.readTextFileSync(`${study}/${fileOf}`).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
}
