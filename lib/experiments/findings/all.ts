import { articleOneCode } from "./article_one_code.ts";
import { articleTwoCode } from "./article_two_code.ts";
import { closingTheGap } from "./closing_the_gap.ts";
import { coupledOrDecoupled } from "./coupled_or_decoupled.ts";
import type { Finding } from "./finding.ts";
import { quickEnding } from "../reproductions/kept_study.ts";
import { l1Zeros } from "./l1_zeros.ts";
import { otherPages } from "./other_pages.ts";
import { rulesOfThumb } from "./rules_of_thumb.ts";
import { underFitting } from "./under_fitting.ts";

/** All findings, in the order of the page. */
export const allFindings: readonly Finding[] = [
  l1Zeros,
  closingTheGap,
  otherPages,
  coupledOrDecoupled,
  articleOneCode,
  articleTwoCode,
  rulesOfThumb,
  underFitting,
];

/** Name of the study of a finding: `findings/NAME`, a quick one beside it. */
export function findingStudyName({ name }: Finding, quick = false): string {
  return `findings/${name}${quick ? quickEnding : ""}`;
}

/** The finding that a study is of, or null. */
export function findingOf(study: string): Finding | null {
  return allFindings.find((each) =>
    study === findingStudyName(each, false) || study === findingStudyName(each, true)
  ) ?? null;
}
