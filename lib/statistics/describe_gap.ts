import type { StudyRecord } from "../records/study_record.ts";
import { kindOfPoint } from "./baseline_words.ts";
import { detectableWords } from "./detectable_words.ts";
import { lossCost } from "./describe_loss_cost.ts";
import { describeQuestion } from "./describe_question.ts";
import type { Findings } from "./findings.ts";
import {
  capitalize,
  counted,
  formatCount,
  formatEstimate,
  formatLimit,
  formatNumber,
  formatPoint,
  formatSetting,
  formatShare,
} from "./format.ts";
import { lossUnit } from "./study_loss.ts";
import type { PointSummary, ViewSummary } from "./summarize.ts";
import { lastStepWords } from "./view_words.ts";
import { significanceLevel } from "./verdict.ts";

/** Whether the baseline over-fits; null where the study has none. */
export function describeOverfitting(findings: Findings): string | null {
  const { baseline, baselineGap, words, study } = findings;
  if (study.baseline === null) return null;
  const point = formatPoint(study.baseline);
  if (!baseline?.complete || baseline.lastStep === null || baselineGap === null) {
    return `Not all runs ${words.at} (${point}) completed, so the gap to be closed is not known.`;
  }
  const gap = baseline.lastStep.estimates.generalizationGap;
  const where = words.unpenalized
    ? `${capitalize(words.at)} (${point})`
    : `At ${words.name === `the baseline (${point})` ? words.name : `${words.name}, ${point},`}`;
  const unit = lossUnit(study);
  const start = `${where} the generalization gap at ${lastStep(study, baseline.lastStep)} is ${
    formatEstimate(gap)
  } ${unit.words}`;
  const { test: { interval }, verdict, negligible, detectable } = baselineGap;
  if (interval === null) {
    return `${start}; ${
      study.folds.length < 2 ? "one fold gives" : "folds without spread give"
    } no interval, so over-fitting is neither shown nor excluded.`;
  }
  const range = `${start} (95 % interval ${formatNumber(interval[0])} to ${
    formatNumber(interval[1])
  })`;
  const small = `it is below ${formatLimit(unit.negligibleGap, "negligibleGap")}, ${
    baseline.lastStep.learned
      ? "so there is no gap worth closing"
      : "but little was learned, and a small gap there says nothing"
  }`;
  const power = detectableWords(detectable, { what: "gap", holm: false });
  return {
    overFits: `${range}: the model over-fits${negligible ? `, but little: ${small}` : ""}.`,
    negative: `${range}, below 0: the held-out text is easier than the training text here, and ` +
      `over-fitting is not shown (${power}).`,
    notShown: negligible
      ? `${range}: over-fitting is not shown (${power}), and ${small}.`
      : `${range}: the interval holds 0, so over-fitting is not shown; that there is none is not ` +
        `shown either (${power}).`,
    notTested: "",
  }[verdict];
}

/** What closes the gap, or what the study asks where no point has stronger remedies than the baseline. */
export function describeGap(findings: Findings): string | null {
  const { gap, baseline, words, study, summaries } = findings;
  if (gap === null || baseline === null) return describeQuestion(findings);
  const view = lastStepWords(study);
  const unit = lossUnit(study);
  const sentences: string[] = [];
  const { beyond, closing, compared, notLearned } = gap;
  const count = compared.length - notLearned.length;
  const by = `(corrected resampled t-test, Holm, p < ${significanceLevel})`;
  const than = `a smaller mean gap than ${words.model} at ${view}`;
  const others =
    summaries.filter(({ point, complete }) => complete && kindOfPoint(study, point) === "other")
      .length;
  const which = whichCount(count, notLearned.length, others);
  const one = `The ${words.strongerPoint}${which}`;
  const all = `${words.stronger(count)}${which}`;
  if (closing.length > 0) {
    const have = count === 1
      ? `${one} has`
      : `${formatCount(closing.length, "point")} of ${all} ${
        closing.length === 1 ? "has" : "have"
      }`;
    sentences.push(
      `${have} ${than}; ${shownOf(beyond.length, closing.length)} ${by}${unshownGaps(findings)}.`,
    );
    sentences.push(...describeClosing(findings));
  } else if (count > 0) {
    sentences.push(count === 1 ? `${one} does not have ${than}.` : `None of ${all} has ${than}.`);
  }
  if (notLearned.length > 0) {
    const left = notLearned.length === 1
      ? count === 0 ? `The ${words.strongerPoint} is` : "1 point is"
      : `${
        count === 0 ? `The ${words.stronger(notLearned.length)}` : `${notLearned.length} points`
      } are`;
    sentences.push(
      `${left} not counted: a training loss less than ${
        formatLimit(unit.learnedMargin, "learnedMargin")
      } ${unit.short} below the unigram entropy (${
        formatNumber(baseline.unigramEntropy)
      }) means that little was learned, and a small gap there closes nothing.`,
    );
  }
  if (others > 0) {
    sentences.push(
      `${counted(others, "other setting")} ${
        others === 1 ? "differs" : "differ"
      } from it in more than stronger remedies, so that no gap is credited to a remedy there.`,
    );
  }
  return sentences.join(" ");
}

/** Which points are counted, where a study has more of them that one could take for them. */
function whichCount(count: number, notLearned: number, others: number): string {
  const conditions = [
    ...(notLearned > 0 ? ["learned"] : []),
    ...(others > 0 ? [`${count === 1 ? "differs" : "differ"} in nothing else`] : []),
  ];
  return conditions.length === 0 ? "" : ` that ${conditions.join(" and ")}`;
}

/** The most that is closed without a higher validation loss, then the smallest gap where that costs one. */
function describeClosing(findings: Findings): string[] {
  const { gap, baseline, words } = findings;
  const { smallest, free, closedShare } = gap!;
  const { estimates: base } = baseline!.lastStep!;
  const closed = (point: PointSummary, share: number) => {
    const { estimates } = point.lastStep!;
    const cost = estimates.trainingLoss.mean - base.trainingLoss.mean;
    return `${formatPoint(point.point)}: ${formatEstimate(estimates.generalizationGap)}, ${
      formatShare(share)
    } less, with a training loss ${formatNumber(Math.abs(cost))} ${cost >= 0 ? "higher" : "lower"}`;
  };
  const sentences: string[] = [];
  if (free !== null && free.closedShare > 0) {
    sentences.push(
      `Of those whose validation loss is not above that ${words.at} the smallest gap is at ${
        closed(free.point, free.closedShare)
      }.`,
    );
  }
  if (smallest && closedShare !== null && closedShare > 0 && smallest.key !== free?.point.key) {
    const { size, higher, shown, tested } = lossCost(findings, smallest);
    sentences.push(
      `The smallest gap of all, at ${
        closed(smallest, closedShare)
      }, comes with a mean validation loss ${size} above that ${words.at}${tested}${
        shown === true && higher ? ": a smaller gap, and a worse model of held-out text" : ""
      }.`,
    );
  }
  return sentences;
}

/** Of closed gaps of which none is shown, which would have been; nothing where one is, or none has a test. */
export function unshownGaps({ gap, gapAtLastStep }: Findings): string {
  if (gap === null || gap.beyond.length > 0) return "";
  const keys = new Set(gap.closing.map(({ key }) => key));
  const tested = (gapAtLastStep?.points ?? []).filter(({ key, test }) =>
    keys.has(key) && test?.state === "tested"
  );
  return tested.length === 0
    ? ""
    : `: ${detectableWords(tested.map(({ detectable }) => detectable))}`;
}

/** How many of some points are shown to do what they do in the mean. */
function shownOf(shown: number, all: number): string {
  if (shown === all) return all === 1 ? "it is shown to" : "all are shown to";
  if (shown === 0) return all === 1 ? "it is not shown to" : "none is shown to";
  return `${shown} ${shown === 1 ? "is" : "are"} shown to`;
}

function lastStep(study: StudyRecord, { step }: ViewSummary): string {
  const words = lastStepWords(study);
  return step === null || words !== "the last step" ? words : `${words} (${formatSetting(step)})`;
}
