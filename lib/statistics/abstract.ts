import { formatAxisMeaning } from "./axis_meaning.ts";
import { specificationOf } from "./axis_roles.ts";
import { corpusWords } from "./corpus_words.ts";
import { countedWeights } from "./counted_weights.ts";
import type { ArmsComparison } from "./compare_arms.ts";
import { type ArmStatement, describeArms } from "./describe_arms.ts";
import { describeDifference } from "./describe_difference.ts";
import { unshownGaps } from "./describe_gap.ts";
import { detectableWords } from "./detectable_words.ts";
import { describeDeclared } from "./describe_equivalence.ts";
import { describeStudents, describeTeachers } from "./describe_teachers.ts";
import { finalStepWords } from "./describe_final.ts";
import { lossCost } from "./describe_loss_cost.ts";
import { describeQuestion } from "./describe_question.ts";
import type { Findings } from "./findings.ts";
import {
  capitalize,
  counted,
  formatAxis,
  formatCount,
  formatEstimate,
  formatLimit,
  formatNumber,
  formatPoint,
  formatShare,
  formatSigned,
  listInWords,
} from "./format.ts";
import { learningRateWords } from "./learning_rate_words.ts";
import { lossUnit } from "./study_loss.ts";
import { learnedNotEvenCounts, type PointSummary } from "./summarize.ts";
import { apartWords, trainedApart, tunedAgainstTuned } from "./trained_apart.ts";
import { earlyStoppingOf, lastStepWords } from "./view_words.ts";
import { significanceLevel } from "./verdict.ts";

/**
 * The abstract of a study in words: what was compared, what the selected point does on text that no
 * selection read, whether there was a gap to close, what closed it and by how much, shown or not,
 * whether early stopping does as well, what it cost in loss and bought in zeros, and whether the
 * learning rate was tuned. Where no point has stronger remedies than another, what the study asks. Every number and verdict comes from the records.
 *
 * @param findings What `findings` returned.
 * @returns Sentences, in their order.
 */
export function describeAbstract(findings: Findings): string[] {
  if (findings.arms !== null) {
    return [...abstractOfArms(findings.arms), ...describeTeachers(findings.study)];
  }
  return [
    whatWasDone(findings),
    ...describeTeachers(findings.study),
    ...(findings.counts.completed === 0 ? ["No run completed, so nothing can be concluded."] : [
      describeDeclared(findings),
      onUnseenText(findings),
      whetherThereIsAGap(findings),
      whatClosedIt(findings),
      theRival(findings),
      describeStudents(findings),
      tunedAlike(findings),
      whatItCost(findings),
      learningRateWords(findings.study),
    ]),
  ].filter((sentence) => sentence !== null);
}

/** What a study of arms asks, how each arm was tuned, and the verdicts. */
function abstractOfArms(arms: ArmsComparison): string[] {
  const wanted: readonly ArmStatement["topic"][] = [
    "question",
    "tuning",
    "verdict",
    "region",
    "scope",
  ];
  return describeArms(arms).filter(({ topic }) => wanted.includes(topic)).map(({ text }) => text);
}

function whatWasDone({ study, counts, complete }: Findings): string {
  const { folds, seeds, space } = study;
  const axes = [...new Set(space.points.flatMap((point) => Object.keys(point)))]
    .map((axis) => formatAxisMeaning(study, axis));
  const varied = listInWords(axes);
  const plan = `${counted(space.points.length, "setting")}${
    varied === "" ? "" : ` of ${varied}`
  } on ${corpusWords(study)}, each with ${counted(folds.length, "fold")} and ${
    counted(seeds.length, "seed")
  }`;
  if (complete) return `We compared ${plan}.`;
  const expected = space.points.length * folds.length * seeds.length;
  return `We set out to compare ${plan}; ${formatCount(counts.completed, "completed")} of ${
    counted(expected, "run")
  } completed, and only settings with all their runs are compared.`;
}

function whetherThereIsAGap(findings: Findings): string | null {
  const { baseline, baselineGap, words, study } = findings;
  if (study.baseline === null) return describeQuestion(findings);
  if (!baseline?.complete || baseline.lastStep === null || baselineGap === null) {
    return `${capitalize(words.name)} lacks runs, so the gap to be closed is not known.`;
  }
  const { generalizationGap } = baseline.lastStep.estimates;
  const gap = `a generalization gap of ${formatEstimate(generalizationGap)} ${
    lossUnit(study).words
  }`;
  const model = words.unpenalized ? `${capitalize(words.at)} the model` : capitalize(words.name);
  const power = detectableWords(baselineGap.detectable, { what: "gap", holm: false });
  const notShown = `${model} is not shown to over-fit, with ${gap} (${power}).`;
  return {
    overFits: `${model} over-fits, with ${gap}.`,
    negative: notShown,
    notShown,
    notTested: `${model} has ${gap}, whose interval cannot be given.`,
  }[baselineGap.verdict];
}

function whatClosedIt(findings: Findings): string | null {
  const { gap, gapAtLastStep, baseline, baselineGap, words, study } = findings;
  if (study.baseline === null) return null;
  if (gap === null || baseline === null || baselineGap === null) return describeQuestion(findings);
  if (baselineGap.negligible) {
    const { negligibleGap, short } = lossUnit(study);
    if (baseline.lastStep?.learned === false) {
      return `With 95 % confidence the gap is below ${
        formatLimit(negligibleGap, "negligibleGap")
      } ${short}, but ${words.at} little was ` +
        `learned, and a small gap there says nothing.`;
    }
    return `There is no gap worth closing: with 95 % confidence it is below ${
      formatLimit(negligibleGap, "negligibleGap")
    } ${short}.`;
  }
  if (baselineGap.verdict === "notShown" || baselineGap.verdict === "negative") {
    return "Since no gap is shown, nothing is credited with closing one.";
  }
  const { free, smallest, closedShare } = gap;
  if (smallest === null || closedShare === null || closedShare <= 0) {
    return `No ${words.strongerPoint} made that gap smaller without the model learning little.`;
  }
  const made = `${gap.beyond.length === 0 ? "no setting" : counted(gap.beyond.length, "setting")} ${
    gap.beyond.length > 1 ? "are" : "is"
  } shown to make the gap smaller (Holm${unshownGaps(findings)}).`;
  if (free === null || free.closedShare <= 0) {
    return `No setting closed any of it without a higher validation loss; ${
      costly(findings)
    }; ${made}`;
  }
  const compared = gapAtLastStep?.points.find(({ key }) => key === free.point.key);
  const verdict = compared === undefined || compared.adjustedPValue === null
    ? "which no test can judge here"
    : compared.adjustedPValue < significanceLevel
    ? "beyond noise"
    : gap.beyond.length === 0
    ? "but is not shown to"
    : `but is not shown to (${detectableWords(compared.detectable)})`;
  const interval = compared?.test?.interval
    ? ` (difference ${formatNumber(compared.test.mean)}, 95 % interval ${
      formatNumber(compared.test.interval[0])
    } to ${formatNumber(compared.test.interval[1])})`
    : "";
  const loss = lossCost(findings, free.point);
  const cost = trainingCost(free.point, baseline);
  return `Of the settings whose validation loss is not above that ${words.at}, ${
    formatPoint(free.point.point)
  } closed most of it in the mean, ${
    formatShare(free.closedShare)
  }${interval}, ${verdict}, with a ` +
    `validation loss ${loss.size} below${loss.tested}${
      cost === null ? "" : ` and a training loss ${cost}`
    }; ${smallest.key === free.point.key ? "" : `${costly(findings)}; `}${made}`;
}

/** The smallest gap, where it costs a higher validation loss. */
function costly(findings: Findings): string {
  const smallest = findings.gap!.smallest!;
  const { size, tested } = lossCost(findings, smallest);
  return `the smallest gap of all, at ${
    formatPoint(smallest.point)
  }, comes with a mean validation loss ${size} higher${tested}`;
}

function theRival({ earlyStopping, baseline, words, study }: Findings): string | null {
  if (earlyStopping === null || !baseline?.bestStep) return null;
  if (earlyStoppingOf(study) === "all") return null;
  const { step: stopped } = baseline.bestStep;
  const step = `early stopping ${words.place} (${
    stopped === null ? "each run at its own step" : `step ${stopped}`
  })`;
  const { best, kind } = earlyStopping;
  if (best === null) return `No setting with more ${words.remedy} can be compared with ${step}.`;
  const difference = describeDifference(best, lossUnit(study));
  const winner = `${formatPoint(best.point)}: ${difference}`;
  const lowest = `${formatPoint(best.point)} has the lowest loss: ${difference}`;
  return {
    none:
      `Held against ${step}, each at its own best step, no ${words.strongerPoint} has a lower loss; the ` +
      `closest is ${winner}.`,
    withinNoise:
      `Held against ${step}, each at its own best step, no ${words.strongerPoint} is shown to be better ` +
      `(${detectableWords(best.detectable)}); ${lowest}.`,
    beyondNoise: `Held against ${step}, each at its own best step, ${
      counted(earlyStopping.beyond.length, "setting")
    } ${earlyStopping.beyond.length === 1 ? "is" : "are"} better beyond noise; ${lowest}.`,
  }[kind];
}

/** The best of stronger remedies against the best of the baseline's, over the rates tried of each. */
function tunedAlike(findings: Findings): string | null {
  const tuned = tunedAgainstTuned(findings);
  if (tuned === null) return null;
  const { words } = findings;
  const axes = listInWords(tuned.axes.map(formatAxis));
  const { tried, without, best } = tuned;
  if (tried === 1) {
    return `${capitalize(words.at)} no other ${axes} was tried than that of ${
      formatPoint(without.point)
    }, so a difference from points at another may be that of ${axes} and is credited to no remedy.`;
  }
  if (best === null) return null;
  const [own, other] = [best, without].map((each) => each.bestStep!.estimates.validationLoss.mean);
  return `Each at its own best ${axes} of those tried and at its own best step, ${
    formatPoint(best.point)
  } has a validation loss of ${formatNumber(own)} and, ${words.at}, ${
    formatPoint(without.point)
  } one of ${formatNumber(other)} (${tried} tried), a difference of ${
    formatSigned(own - other)
  }; both were chosen on the text that reports them, so this is no test.`;
}

function whatItCost(findings: Findings): string | null {
  const { selections, baseline, study, rule, words } = findings;
  const selected = selections.lastStep[rule.kind].selected;
  if (!selected?.lastStep) return null;
  const by = rule.kind === "mean" ? "the lowest mean" : "the one-standard-error rule";
  const { exactZeroShare, validationLoss } = selected.lastStep.estimates;
  const zeros = exactZeroShare.mean === 0
    ? "no weight exactly 0"
    : `${formatShare(exactZeroShare.mean)} of the ${
      countedWeights(specificationOf(study, selected.point) ?? {})
    } exactly 0`;
  const { learnedMargin, short } = lossUnit(study);
  const little = selected.lastStep.learned
    ? ""
    : learnedNotEvenCounts(selected)
    ? ` Its training loss is not below the entropy of single tokens (${
      formatNumber(selected.unigramEntropy)
    }): it has not even learned how often each token occurs.`
    : ` Its training loss is less than ${
      formatLimit(learnedMargin, "learnedMargin")
    } ${short} below the entropy of single tokens (${
      formatNumber(selected.unigramEntropy)
    }): it learned little more than how often each token occurs.`;
  const start = `At ${lastStepWords(study)} ${by} selects ${
    formatPoint(selected.point)
  }, with a validation loss of ${formatEstimate(validationLoss)} and ${zeros}`;
  const cost = trainingCost(selected, baseline);
  return cost === null
    ? `${start}.${little}`
    : `${start}, at a training loss ${cost} that ${
      trainedApart(findings, selected.point) === null ? words.at : words.place
    }.${little}`;
}

function trainingCost(selected: PointSummary, baseline: PointSummary | null): string | null {
  if (!baseline?.complete || !baseline.lastStep || baseline.key === selected.key) return null;
  const difference = selected.lastStep!.estimates.trainingLoss.mean -
    baseline.lastStep.estimates.trainingLoss.mean;
  return `${formatNumber(Math.abs(difference))} ${difference >= 0 ? "above" : "below"}`;
}

function onUnseenText(findings: Findings): string | null {
  const { study, final, selections, rule, words } = findings;
  const selected = selections.lastStep[rule.kind].selected;
  const own = final.find(({ key, lastStep }) => key === selected?.key && lastStep !== null);
  const baseline = final.find(({ isBaseline, lastStep }) => isBaseline && lastStep !== null);
  if (!own || !baseline || own === baseline) return null;
  const by = rule.kind === "mean" ? "the lowest mean" : "the one-standard-error rule";
  const early = baseline.chosenStep === null || earlyStoppingOf(study) === "all"
    ? ""
    : baseline.chosenStep.step === baseline.lastStep!.step
    ? ", which is also where early stopping stops"
    : `, and ${formatNumber(baseline.chosenStep.loss)} with early stopping`;
  const apart = trainedApart(findings, own.point);
  return `On a final block that no selection read, ${
    formatPoint(own.point)
  }, which ${by} selects, has a loss of ${formatNumber(own.lastStep!.loss)} ${
    lossUnit(study).words
  } at ${finalStepWords(own)}; ${apart === null ? words.at : words.place} it is ${
    formatNumber(baseline.lastStep!.loss)
  }${early} (one block of text, no test${apart === null ? "" : apartWords(apart)}).`;
}
