import { penaltyNames, specificationOf } from "./axis_roles.ts";
import { countedWeights } from "./counted_weights.ts";
import { describeDifference } from "./describe_difference.ts";
import { detectableWords } from "./detectable_words.ts";
import { describeDeclared } from "./describe_equivalence.ts";
import { describeEdges } from "./edges.ts";
import { describeFinal } from "./describe_final.ts";
import { describeGap, describeOverfitting } from "./describe_gap.ts";
import { describeStudents } from "./describe_teachers.ts";
import type { Findings } from "./findings.ts";
import {
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
import { intervalWords } from "./interval_notes.ts";
import { lossUnit } from "./study_loss.ts";
import type { PointSummary } from "./summarize.ts";
import { type TrainedApart, trainedApart } from "./trained_apart.ts";
import { earlyStoppingOf, lastStepWords } from "./view_words.ts";

/** One thing a study shows, in words. */
export interface Statement {
  readonly topic:
    | "completeness"
    | "text"
    | "finalBlock"
    | "overfitting"
    | "gap"
    | "distillation"
    | "selection"
    | "earlyStopping"
    | "equivalence"
    | "sparsity"
    | "intervals";
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
    say("text", findings.warnings.length === 0 ? null : findings.warnings.join(" ")),
    say("finalBlock", describeFinal(findings)),
    say("overfitting", describeOverfitting(findings)),
    say("gap", describeGap(findings)),
    say("distillation", describeStudents(findings)),
    say("selection", describeSelection(findings)),
    say("earlyStopping", describeEarlyStopping(findings)),
    say("equivalence", describeDeclared(findings)),
    say("sparsity", describeSparsity(findings)),
    say("intervals", describeIntervals(findings)),
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
  ).map(([status, number]) => `${formatCount(number, status)} ${status}`).join(", ");
  const usable = summaries.filter((summary) => summary.complete).length;
  const consequence = usable === 0
    ? "No point has all its runs, so nothing is selected and nothing can be concluded."
    : `${formatCount(usable, "point")} of ${counted(points, "point")} ${
      usable === 1 ? "has all its" : "have all their"
    } runs; only those are compared and selected.`;
  const done = counts.completed + counts.pruned === expected;
  return `${done ? "Of" : "This study is incomplete: of"} ${counted(expected, "run")} (${plan}), ${
    formatCount(counts.completed, "completed")
  } completed, ${others}${done ? " by the search" : ""}. ${consequence}`;
}

function describeSelection(findings: Findings): string | null {
  const { selections, baseline, lossAtLastStep, words, rule, study, gap, summaries } = findings;
  const { mean, oneStandardError } = selections.lastStep;
  // Points of several arms are not selected from each other.
  if (mean.selected === null || findings.arms !== null) return null;
  const lossOf = (summary: PointSummary) =>
    formatEstimate(summary.lastStep!.estimates.validationLoss);
  const compared = summaries.filter(({ complete }) => complete).length;
  const sentences = [
    `At ${lastStepWords(study)} the lowest mean validation loss${
      compared > 2 ? ` of ${formatCount(compared, "point")} points` : ""
    } is ${lossOf(mean.selected)} at ${formatPoint(mean.selected.point)}.`,
  ];
  if (mean.selected.key === baseline?.key) {
    sentences.push(
      gap === null ? "That is the baseline." : `No ${words.strongerPoint} has a lower one.`,
    );
  } else {
    const difference = lossAtLastStep?.points.find(({ key }) => key === mean.selected!.key);
    if (difference) {
      sentences.push(
        difference.test === null
          ? `It is not compared with ${words.name}, because runs are missing.`
          : `Against ${words.name} that is ${describeDifference(difference, lossUnit(study))}${
            difference.test.interval === null || compared < 3 ? "" : chosenCaution(compared)
          }.`,
      );
    }
  }
  const apart = trainedApart(findings, mean.selected.point);
  if (apart !== null) sentences.push(describeApart(findings, apart));
  const edge = describeEdges({ record: study }, mean.selected.point, "The lowest mean");
  if (edge !== null) sentences.push(edge);
  if (rule.axes.length > 0 && oneStandardError.selected !== null) {
    const band = counted(oneStandardError.band.length, "point");
    sentences.push(
      oneStandardError.selected.key === mean.selected.key
        ? `The one-standard-error rule (${band} in the band) selects the same point.`
        : `The one-standard-error rule (${band} in the band) selects ${
          formatPoint(oneStandardError.selected.point)
        } with ${lossOf(oneStandardError.selected)}.`,
    );
  }
  return sentences.join(" ");
}

/** What of the difference from the baseline is there without the remedy. */
function describeApart({ baseline, words }: Findings, { axes, alike }: TrainedApart): string {
  const named = listInWords(axes.map(formatAxis));
  if (alike === null || baseline?.lastStep == null) {
    return `No point ${words.at} is trained like it, so what of that difference comes from ${named} ` +
      `cannot be told.`;
  }
  const loss = ({ lastStep }: PointSummary) => lastStep!.estimates.validationLoss.mean;
  return `Of that ${formatSigned(loss(alike) - loss(baseline))} is the difference of ${
    formatPoint(alike.point)
  } from ${formatPoint(baseline.point)}, both ${words.at}, and comes from ${named} alone.`;
}

/** That an interval of the lowest of several means does not cover as it says. */
function chosenCaution(compared: number): string {
  return `; the point was taken because its mean is the lowest of ${
    formatCount(compared, "point")
  }, so the difference is ` +
    `too favourable and its interval covers less than 95 %`;
}

function describeEarlyStopping(findings: Findings): string | null {
  const { earlyStopping, baseline, lastStepAgainstEarlyStopping, selections, words } = findings;
  if (earlyStopping === null || !baseline?.bestStep) return null;
  const unit = lossUnit(findings.study);
  if (earlyStoppingOf(findings.study) === "all") {
    return `Every run stopped early and kept the weights of its best evaluation, those of ` +
      `${words.model} too: the losses above are already those of early stopping.`;
  }
  const { step, estimates } = baseline.bestStep;
  const sentences = [
    `The natural rival is early stopping: ${words.model}, stopped ${
      step === null
        ? "where each run's own loss was lowest"
        : `at step ${step}, the best in the fold mean`
    }, has a validation loss of ${formatEstimate(estimates.validationLoss)}.`,
  ];
  const best = earlyStopping.best;
  if (best === null) {
    sentences.push(
      `No point with more ${words.remedy} is complete and has a training loss at least ` +
        `${
          formatLimit(unit.learnedMargin, "learnedMargin")
        } ${unit.short} below the unigram entropy, so none can be compared with it.`,
    );
    return sentences.join(" ");
  }
  const of = earlyStopping.compared;
  const winner = `${formatPoint(best.point)}, at its own best step${
    best.test?.interval && of > 1 ? ` and the best of ${formatCount(of, "point")}` : ""
  }: ${describeDifference(best, unit)}`;
  const rival = `early stopping of ${words.model}`;
  sentences.push(
    {
      none: `No ${words.strongerPoint} beats ${rival}. The closest is ${winner}.`,
      withinNoise: `No ${words.strongerPoint} is shown to beat ${rival} (${
        detectableWords(best.detectable)
      }). The lowest loss is at ${winner}.`,
      beyondNoise: `${counted(earlyStopping.beyond.length, "point")} ${
        earlyStopping.beyond.length === 1 ? "beats" : "beat"
      } it beyond noise. The lowest loss is at ${winner}.`,
    }[earlyStopping.kind],
  );
  const selected = selections.lastStep.mean.selected;
  const late = lastStepAgainstEarlyStopping?.points.find(({ key }) => key === selected?.key);
  // Said already where the best step of the best point is the last one.
  const repeated = selected?.key === best.key && selected.bestStep?.step !== null &&
    selected.bestStep?.step === selected.lastStep?.step;
  if (late?.test && !repeated) {
    sentences.push(
      `Trained to the last step, ${
        formatPoint(late.point)
      }, which has the lowest mean there, has a loss ${formatNumber(Math.abs(late.test.mean))} ${
        late.test.mean > 0 ? "above" : "below"
      } that of early stopping.`,
    );
  }
  return sentences.join(" ");
}

function describeSparsity({ summaries, selections, study, rule, arms }: Findings): string | null {
  if (arms !== null) return null;
  const complete = summaries.filter((each) => each.complete && each.lastStep);
  if (complete.length === 0) return null;
  const penalized = study.specifications.some((each) => penaltyNames(each).length > 0);
  const zeros = (each: PointSummary) => each.lastStep!.estimates.exactZeroShare.mean;
  const most = Math.max(...complete.map(zeros));
  const view = lastStepWords(study);
  if (most === 0) {
    return penalized ? `No point has a weight that is exactly 0 at ${view}.` : null;
  }
  const { mean, oneStandardError } = selections.lastStep;
  const byError = rule.axes.length > 0 && oneStandardError.selected !== null;
  const selected = (byError ? oneStandardError.selected : mean.selected) ?? complete[0];
  const learned = complete.filter((each) => each.lastStep!.learned);
  const sparsest = [...learned].sort((a, b) => zeros(b) - zeros(a))[0];
  const weights = ({ point }: PointSummary) => countedWeights(specificationOf(study, point) ?? {});
  const start = `At ${view} ${formatShare(zeros(selected))} of the ${
    weights(selected)
  } are exactly 0 at ${formatPoint(selected.point)}, the point that ${
    byError ? "the one-standard-error rule" : "the lowest mean"
  } selects`;
  if (sparsest === undefined || zeros(sparsest) <= zeros(selected)) return `${start}.`;
  const others = weights(sparsest) === weights(selected) ? "" : ` of the ${weights(sparsest)}`;
  return `${start}; the most among points that learned is ${
    formatShare(zeros(sparsest))
  }${others} at ${formatPoint(sparsest.point)}.`;
}

/** What the intervals of a study cover, once for all of its sentences; null where there are none. */
function describeIntervals({ study, counts, arms }: Findings): string | null {
  const notes = intervalWords(study, ["covered", "texts", "training"]);
  if (notes === null || counts.completed === 0) return null;
  return study.space.points.length > 2 && arms === null
    ? `${notes} Those of a point that was taken as the best of several cover less than 95 %.`
    : notes;
}
