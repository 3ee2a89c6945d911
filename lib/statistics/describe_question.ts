import { canonicalJson } from "../core/json.ts";
import type { AxisRole, StudyRecord } from "../records/study_record.ts";
import { axisMeaning } from "./axis_meaning.ts";
import { axesOfStudy, isWithoutRemedy } from "./axis_roles.ts";
import type { LinearContrastResult } from "./linear_contrasts.ts";
import { detectableWords } from "./detectable_words.ts";
import { describeDifference } from "./describe_difference.ts";
import type { Findings } from "./findings.ts";
import { counted, formatAxis, formatPoint, listInWords } from "./format.ts";
import { lastStepWords } from "./view_words.ts";
import { lossUnit } from "./study_loss.ts";
import { significanceLevel } from "./verdict.ts";

/** What a study asks where no point is the baseline with stronger remedies. */
export function describeQuestion({ study, matched, baseline, summaries }: Findings): string | null {
  const { arms } = study.space;
  if (arms !== undefined) {
    return `The points are those of ${counted(arms.length, "arm")} (${
      listInWords(arms.map(({ name }) => name))
    }), each tuned with its own points: what is compared are the arms, each at the point chosen for it.`;
  }
  if (matched.length > 0) return describeMatched(matched, study);
  if (study.baseline !== null && (baseline === null || !baseline.complete)) return null;
  if (summaries.length < 2) return null;
  const axes = axesOfStudy(study).filter(({ name }) =>
    new Set(study.space.points.map((point) => canonicalJson(point[name] ?? null))).size > 1
  );
  const named = listInWords(
    axes.map(({ name, role }) => {
      const about = [axisMeaning(study, name), roleWords[role]].filter(Boolean).join(", ");
      return about === "" ? formatAxis(name) : `${formatAxis(name)} (${about})`;
    }),
  );
  if (baseline !== null) {
    return `No point is the baseline with stronger remedies and nothing else changed, so no gap is ` +
      `credited to a remedy: the study compares settings of ${named} with the baseline.`;
  }
  if (!axes.some(({ role }) => role === "strength")) {
    return `No point has a remedy that another lacks, so the question whether one helps does not ` +
      `arise: the study asks which setting of ${named} has the lowest validation loss.`;
  }
  return study.specifications.some(isWithoutRemedy)
    ? `No point with a remedy is trained like one without, so what a remedy does cannot be told from ` +
      `what goes along with it: the study compares settings of ${named}.`
    : `Every point has a remedy, so the question whether one helps does not arise: the study asks ` +
      `which setting of ${named} has the lowest validation loss.`;
}

const roleWords: { readonly [role in AxisRole]: string } = {
  strength: "a strength",
  training: "a setting of training",
  size: "a size",
  data: "an amount of data",
  choice: "a choice",
  own: "",
};

/** Points with a remedy against those without that are trained alike. */
function describeMatched(matched: readonly LinearContrastResult[], study: StudyRecord): string {
  const lower = matched.filter(({ test }) => test !== null && test.mean < 0);
  const shown = lower.filter(({ adjustedPValue }) =>
    adjustedPValue !== null && adjustedPValue < significanceLevel
  );
  const tested = matched.filter(({ test }) => test !== null)
    .sort((a, b) => a.test!.mean - b.test!.mean);
  const without = new Set(matched.map(({ terms: [, from] }) => canonicalJson(from.point))).size;
  const start = `${
    without === 1
      ? "No point is declared as the baseline"
      : `There are ${without} points without a remedy, so none of them is the baseline`
  }: each of ${
    counted(matched.length, "point")
  } with a remedy is compared with the one without that is trained alike. At ${
    lastStepWords(study)
  } ${
    lower.length === 0 ? "none has" : `${lower.length} ${lower.length === 1 ? "has" : "have"}`
  } a lower validation loss`;
  const verdict = lower.length === 0
    ? "."
    : `, ${
      shown.length === 0 ? "none is" : `${shown.length} ${shown.length === 1 ? "is" : "are"}`
    } ` +
      `shown to (corrected resampled t-test, Holm over ${tested.length}, p < ${significanceLevel})${
        shown.length > 0 ? "" : `: ${detectableWords(lower.map(({ detectable }) => detectable))}`
      }.`;
  const [best] = tested;
  const example = best === undefined
    ? ""
    : ` ${lower.length === 0 ? "The closest" : "The largest drop"} is from ${
      formatPoint(best.terms[1].point)
    } to ${formatPoint(best.terms[0].point)}, ${describeDifference(best, lossUnit(study))}.`;
  return start + verdict + example;
}
