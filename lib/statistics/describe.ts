import type { PointComparison } from "./compare.ts";
import { describeFinal } from "./describe_final.ts";
import { type Findings, gapStandardErrors, significanceLevel } from "./findings.ts";
import {
  counted,
  formatEstimate,
  formatNumber,
  formatPoint,
  formatPValue,
  formatSetting,
  formatShare,
} from "./format.ts";
import { learnedMargin, type PointSummary, type ViewSummary } from "./summarize.ts";

/** One thing a study shows, in words. */
export interface Statement {
  readonly topic:
    | "completeness"
    | "finalBlock"
    | "overfitting"
    | "gap"
    | "selection"
    | "earlyStopping"
    | "sparsity";
  /** Plain text, one or more sentences; losses in nats per token. */
  readonly text: string;
}

/**
 * Says in words what the findings of a study are. Every number and every verdict is computed from
 * the records; what cannot be concluded is said as such.
 *
 * @param findings What `findings` returned.
 * @returns Statements in the order of a report, the final block first.
 */
export function describeFindings(findings: Findings): Statement[] {
  const statements: (Statement | null)[] = [
    say("completeness", describeCompleteness(findings)),
    say("finalBlock", describeFinal(findings)),
    say("overfitting", describeOverfitting(findings)),
    say("gap", describeGap(findings)),
    say("selection", describeSelection(findings)),
    say("earlyStopping", describeEarlyStopping(findings)),
    say("sparsity", describeSparsity(findings)),
  ];
  return statements.filter((each) => each !== null);
}

function say(topic: Statement["topic"], text: string | null): Statement | null {
  return text === null ? null : { topic, text };
}

function describeCompleteness({ study, summaries, counts, complete }: Findings): string {
  const { length: points } = summaries;
  const plan = `${counted(points, "point")} × ${counted(study.folds.length, "fold")} × ${
    counted(study.seeds.length, "seed")
  }`;
  const expected = points * study.folds.length * study.seeds.length;
  if (complete) return `All ${counted(expected, "run")} of ${plan} completed.`;
  const others = Object.entries(counts).filter(([status, number]) =>
    status !== "completed" && number > 0
  ).map(([status, number]) => `${number} ${status}`).join(", ");
  const usable = summaries.filter((summary) => summary.complete).length;
  const consequence = usable === 0
    ? "No point has all its runs, so nothing is selected and nothing can be concluded."
    : `${usable} of ${counted(points, "point")} ${
      usable === 1 ? "has all its" : "have all their"
    } runs; only those are compared and selected.`;
  const done = counts.completed + counts.pruned === expected;
  return `${done ? "Of" : "This study is incomplete: of"} ${
    counted(expected, "run")
  } (${plan}), ${counts.completed} completed, ${others}${
    done ? " by the search" : ""
  }. ${consequence}`;
}

function describeOverfitting({ baseline, baselineGapRatio }: Findings): string {
  if (baseline === null) return "No point is declared as the unpenalized baseline.";
  const name = `Without penalty (${formatPoint(baseline.point)})`;
  if (!baseline.complete || baseline.lastStep === null) {
    return `Not all runs without penalty (${
      formatPoint(baseline.point)
    }) completed, so the gap to ` +
      `be closed is not known.`;
  }
  const gap = baseline.lastStep.estimates.generalizationGap;
  const start = `${name} the generalization gap at ${lastStep(baseline.lastStep)} is ${
    formatEstimate(gap)
  } nats per token`;
  if (baselineGapRatio === null) return `${start}; its standard error cannot be given.`;
  const ratio = `${formatNumber(baselineGapRatio, 1)} standard errors from 0`;
  return baselineGapRatio > gapStandardErrors
    ? `${start}, ${ratio}: the model over-fits.`
    : `${start}, ${ratio}: that is no more than ${gapStandardErrors}, so over-fitting is not ` +
      `shown and there is no gap worth closing.`;
}

function describeGap({ gap, baseline, summaries }: Findings): string | null {
  if (gap === null || baseline === null) return null;
  const others = summaries.filter((each) => each.complete && each.key !== baseline.key).length;
  if (others === 0) return null;
  const sentences: string[] = [];
  if (gap.closing.length === 0) {
    sentences.push(
      `None of ${counted(others, "penalized point")} closes the gap at the last step.`,
    );
  } else {
    sentences.push(
      `${gap.closing.length} of ${counted(others, "penalized point")} ${
        gap.closing.length === 1 ? "has" : "have"
      } a smaller gap at the last step than the unpenalized model, ${
        gap.beyond.length === 0 ? "none" : gap.beyond.length
      } of them beyond noise (corrected resampled t-test, Holm, p < ${significanceLevel}).`,
    );
    if (gap.smallest !== null && gap.closedShare !== null && gap.closedShare > 0) {
      const { estimates } = gap.smallest.lastStep!;
      const cost = estimates.trainingLoss.mean - baseline.lastStep!.estimates.trainingLoss.mean;
      sentences.push(
        `It is smallest at ${formatPoint(gap.smallest.point)}: ${
          formatEstimate(estimates.generalizationGap)
        }, ${formatShare(gap.closedShare)} less, with a training loss ${
          formatNumber(Math.abs(cost))
        } ${cost >= 0 ? "higher" : "lower"}.`,
      );
    }
  }
  if (gap.notLearned.length > 0) {
    sentences.push(
      `${counted(gap.notLearned.length, "point")} ${
        gap.notLearned.length === 1 ? "is" : "are"
      } not counted: a training loss less than ${learnedMargin} nats below the unigram entropy (${
        formatNumber(baseline.unigramEntropy)
      }) means that little was learned, and a small gap there closes nothing.`,
    );
  }
  return sentences.join(" ");
}

function describeSelection({ selections, baseline, lossAtLastStep }: Findings): string | null {
  const { mean, oneStandardError } = selections.lastStep;
  if (mean.selected === null || oneStandardError.selected === null) return null;
  const lossOf = (summary: PointSummary) =>
    formatEstimate(summary.lastStep!.estimates.validationLoss);
  const sentences = [
    `At the last step the lowest mean validation loss is ${lossOf(mean.selected)} at ${
      formatPoint(mean.selected.point)
    }.`,
  ];
  if (mean.selected.key === baseline?.key) {
    sentences.push("No penalty lowers it.");
  } else {
    const difference = lossAtLastStep?.points.find(({ key }) => key === mean.selected!.key);
    if (difference) {
      sentences.push(
        difference.test === null
          ? "It is not compared with no penalty, because runs are missing."
          : `Against no penalty that is ${describeDifference(difference)}.`,
      );
    }
  }
  const band = oneStandardError.band.length;
  sentences.push(
    oneStandardError.selected.key === mean.selected.key
      ? `One standard error (${counted(band, "point")} in the band) selects the same point.`
      : `One standard error (${counted(band, "point")} in the band) selects ${
        formatPoint(oneStandardError.selected.point)
      } with ${lossOf(oneStandardError.selected)}.`,
  );
  return sentences.join(" ");
}

/** A paired difference with its interval and p-value, or why there is none. */
export function describeDifference({ test, adjustedPValue }: PointComparison): string {
  if (test === null) return "not compared, because runs are missing";
  const size = `a difference of ${signed(test.mean)} nats per token`;
  switch (test.state) {
    case "tested":
      return `${size} (95 % interval ${signed(test.interval![0])} to ${
        signed(test.interval![1])
      }, ${equation("p", test.pValue)}${
        adjustedPValue === null ? "" : `, ${equation("after Holm p", adjustedPValue)}`
      })`;
    case "identical":
      return "no difference at all: every pair is identical, which gives no p-value";
    case "constant":
      return `${size}, the same in every fold, which gives no p-value`;
    case "tooFewFolds":
      return `${size}, from one fold, which gives no p-value`;
  }
}

function describeEarlyStopping(findings: Findings): string | null {
  const { earlyStopping, baseline, lastStepAgainstEarlyStopping, selections } = findings;
  if (earlyStopping === null || !baseline?.bestStep) return null;
  const { step, estimates } = baseline.bestStep;
  const sentences = [
    `Early stopping is the rival: the unpenalized model stopped ${
      step === null
        ? "where each run's own loss was lowest"
        : `at step ${step}, the best in the fold mean`
    }, has a validation loss of ${formatEstimate(estimates.validationLoss)}.`,
  ];
  const best = earlyStopping.best;
  if (best === null) {
    sentences.push(
      `No penalized point is complete and has a training loss at least ${learnedMargin} nats below ` +
        `the unigram entropy, so none can be compared with it.`,
    );
    return sentences.join(" ");
  }
  const winner = `${formatPoint(best.point)}, at its own best step: ${describeDifference(best)}`;
  sentences.push(
    {
      none: `No penalty beats early stopping of the unpenalized model. The closest is ${winner}.`,
      withinNoise: `No penalty beats early stopping of the unpenalized model beyond noise. The ` +
        `lowest loss is at ${winner}.`,
      beyondNoise: `${counted(earlyStopping.beyond.length, "point")} ${
        earlyStopping.beyond.length === 1 ? "beats" : "beat"
      } it beyond noise. The lowest loss is at ${winner}.`,
    }[earlyStopping.kind],
  );
  const selected = selections.lastStep.mean.selected;
  const late = lastStepAgainstEarlyStopping?.points.find(({ key }) => key === selected?.key);
  if (late?.test) {
    sentences.push(
      `Trained to the last step, the selected ${formatPoint(late.point)} has a loss ${
        formatNumber(Math.abs(late.test.mean))
      } ${late.test.mean > 0 ? "above" : "below"} that of early stopping.`,
    );
  }
  return sentences.join(" ");
}

function describeSparsity({ summaries, selections }: Findings): string | null {
  const complete = summaries.filter((each) => each.complete && each.lastStep);
  if (complete.length === 0) return null;
  const zeros = (each: PointSummary) => each.lastStep!.estimates.exactZeroShare.mean;
  const most = Math.max(...complete.map(zeros));
  if (most === 0) return "No point has a weight that is exactly 0 at the last step.";
  const selected = selections.lastStep.oneStandardError.selected ?? complete[0];
  const learned = complete.filter((each) => each.lastStep!.learned);
  const sparsest = [...learned].sort((a, b) => zeros(b) - zeros(a))[0];
  return `At the last step ${
    formatShare(zeros(selected))
  } of the penalized weights are exactly 0 ` +
    `at ${formatPoint(selected.point)}, the point that one standard error selects` +
    (sparsest === undefined || zeros(sparsest) <= zeros(selected)
      ? "."
      : `; the most among points ` +
        `that learned is ${formatShare(zeros(sparsest))} at ${formatPoint(sparsest.point)}.`);
}

function equation(name: string, value: number | null): string {
  const text = formatPValue(value);
  return text.startsWith("<") ? `${name} ${text}` : `${name} = ${text}`;
}

function lastStep(view: ViewSummary): string {
  return view.step === null ? "the last step" : `the last step (${formatSetting(view.step)})`;
}

function signed(value: number): string {
  const text = formatNumber(value);
  return value > 0 ? `+${text}` : text;
}
