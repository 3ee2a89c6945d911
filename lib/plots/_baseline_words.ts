import type { StudyRecord } from "../records/study_record.ts";
import { isWithoutRemedy, remediesOf, specificationOf } from "../statistics/axis_roles.ts";
import { formatPoint, formatSetting } from "../statistics/format.ts";

/** What figures call the baseline of a study. */
export interface BaselineWords {
  /** What others differ from: `no penalty`, or `the baseline (decoupled weight decay 0.5)`. */
  readonly name: string;
  /** The same in short: `no penalty` or `the baseline`. */
  readonly short: string;
  /** Where it is: `without penalty` or `at the baseline`. */
  readonly at: string;
}

/** What the baseline of a study is called: by what it has, never by what it has not. */
export function baselineWords(study: StudyRecord): BaselineWords {
  const baseline = study.baseline === null ? undefined : specificationOf(study, study.baseline);
  if (baseline !== undefined && isWithoutRemedy(baseline)) {
    return { name: "no penalty", short: "no penalty", at: "without penalty" };
  }
  const has = baseline === undefined ? "" : remediesOf(baseline)
    .filter(({ strength }) => strength > 0)
    .map(({ name, strength }) => `${name} ${formatSetting(strength)}`)
    .join(", ") || formatPoint(study.baseline!);
  return {
    name: `the baseline${has === "" ? "" : ` (${has})`}`,
    short: "the baseline",
    at: "at the baseline",
  };
}
