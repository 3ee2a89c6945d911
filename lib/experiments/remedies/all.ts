import { quickEnding } from "../reproductions/kept_study.ts";
import { remediesComparison } from "./comparison.ts";
import type { RemedyStudy } from "./remedy_study.ts";
import { remediesSearch } from "./search.ts";

/** Both studies of the remedies, in the order in which they run. */
export const remedyStudies: readonly RemedyStudy[] = [remediesSearch, remediesComparison];

/** Name of a study of the remedies: `remedies/NAME`, a quick one beside it. */
export function remedyStudyName({ name }: RemedyStudy, quick = false): string {
  return `remedies/${name}${quick ? quickEnding : ""}`;
}

/** The study of the remedies of a name, or null. */
export function remedyStudyOf(study: string): RemedyStudy | null {
  return remedyStudies.find((each) =>
    study === remedyStudyName(each, false) || study === remedyStudyName(each, true)
  ) ?? null;
}
