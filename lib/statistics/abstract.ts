import { formatAxisMeaning } from "./axis_meaning.ts";
import { describeDifference } from "./describe.ts";
import {
  type Findings,
  gapStandardErrors,
  type GapVerdict,
  significanceLevel,
} from "./findings.ts";
import { counted, formatEstimate, formatNumber, formatPoint, formatShare } from "./format.ts";
import type { PointSummary } from "./summarize.ts";

/**
 * The abstract of a study in words: what was compared, what the selected penalties do on text that no
 * selection read, whether there was a gap to close, what closed
 * it and by how much, beyond noise or not, whether early stopping does as well, and what it cost in
 * loss and bought in zeros. Every number and verdict comes from the records.
 *
 * @param findings What `findings` returned.
 * @returns Sentences, in their order.
 */
export function describeAbstract(findings: Findings): string[] {
  return [
    whatWasDone(findings),
    ...(findings.counts.completed === 0 ? ["No run completed, so nothing can be concluded."] : [
      onUnseenText(findings),
      whetherThereIsAGap(findings),
      whatClosedIt(findings),
      theRival(findings),
      whatItCost(findings),
    ]),
  ].filter((sentence) => sentence !== null);
}

function whatWasDone({ study, counts, complete }: Findings): string {
  const { folds, seeds, space, corpus } = study;
  const axes = [...new Set(space.points.flatMap((point) => Object.keys(point)))]
    .map((axis) => formatAxisMeaning(study, axis));
  const varied = axes.length < 2
    ? axes.join()
    : `${axes.slice(0, -1).join(", ")} and ${axes.at(-1)}`;
  const plan = `${counted(space.points.length, "setting")}${
    varied === "" ? "" : ` of ${varied}`
  } on ${corpus.name}, each with ${counted(folds.length, "fold")} and ${
    counted(seeds.length, "seed")
  }`;
  if (complete) return `We compared ${plan}.`;
  const expected = space.points.length * folds.length * seeds.length;
  return `We set out to compare ${plan}; ${counts.completed} of ${
    counted(expected, "run")
  } completed, and only settings with all their runs are compared.`;
}

function whetherThereIsAGap({ baseline, baselineGapRatio }: Findings): string | null {
  if (baseline === null) {
    return "No setting is declared as unpenalized, so none is compared with it.";
  }
  if (!baseline.complete || baseline.lastStep === null) {
    return "The unpenalized model lacks runs, so the gap to be closed is not known.";
  }
  const { generalizationGap } = baseline.lastStep.estimates;
  const gap = `a generalization gap of ${formatEstimate(generalizationGap)} nats per token`;
  if (baselineGapRatio === null) return `Without penalty the model has ${gap}.`;
  return baselineGapRatio > gapStandardErrors
    ? `Without penalty the model over-fits, with ${gap}.`
    : `Without penalty the model shows no over-fitting beyond noise, with ${gap}.`;
}

function whatClosedIt(findings: Findings): string | null {
  const { gap, gapAtLastStep, baseline, baselineGapRatio } = findings;
  if (gap === null || baseline === null) return null;
  if (baselineGapRatio !== null && baselineGapRatio <= gapStandardErrors) {
    return "There is no gap worth closing, so no penalty is credited with closing one.";
  }
  if (gap.smallest === null || gap.closedShare === null || gap.closedShare <= 0) {
    return "No penalty made that gap smaller without the model learning little.";
  }
  const { point, key } = gap.smallest;
  const compared = gapAtLastStep?.points.find((each) => each.key === key);
  const verdict = compared === undefined || compared.adjustedPValue === null
    ? "which no test can judge here"
    : compared.adjustedPValue < significanceLevel
    ? "beyond noise"
    : "which is within noise";
  const interval = compared?.test?.interval
    ? ` (difference ${formatNumber(compared.test.mean)}, 95 % interval ${
      formatNumber(compared.test.interval[0])
    } to ${formatNumber(compared.test.interval[1])})`
    : "";
  const loss = gap.smallest.lastStep!.estimates.validationLoss.mean -
    baseline.lastStep!.estimates.validationLoss.mean;
  return `${formatPoint(point)} closed ${
    formatShare(gap.closedShare)
  } of it${interval}, ${verdict}, ` +
    `with a validation loss ${formatNumber(Math.abs(loss))} ${loss < 0 ? "below" : "above"} that ` +
    `without penalty; ${freeOfCharge(gap)}${
      gap.beyond.length === 0 ? "no setting" : counted(gap.beyond.length, "setting")
    } made the gap smaller beyond noise after Holm's adjustment.`;
}

/** The most that is closed without a higher validation loss, where the smallest gap costs one. */
function freeOfCharge({ smallest, free }: GapVerdict): string {
  if (free?.point.key === smallest?.key) return "";
  return free === null || free.closedShare <= 0
    ? "no setting closes any of it without a higher validation loss; "
    : `of the settings without a higher validation loss ${
      formatPoint(free.point.point)
    } closed most, ${formatShare(free.closedShare)}; `;
}

function theRival({ earlyStopping, baseline }: Findings): string | null {
  if (earlyStopping === null || !baseline?.bestStep) return null;
  const { step: stopped } = baseline.bestStep;
  const step = `early stopping without penalty (${
    stopped === null ? "each run at its own step" : `step ${stopped}`
  })`;
  const { best, kind } = earlyStopping;
  if (best === null) return `No penalized setting can be compared with ${step}.`;
  const winner = `${formatPoint(best.point)}: ${describeDifference(best)}`;
  return {
    none:
      `Held against ${step}, each at its own best step, no penalty has a lower loss; the closest ` +
      `is ${winner}.`,
    withinNoise:
      `Held against ${step}, each at its own best step, no penalty is better beyond noise; ` +
      `the lowest loss has ${winner}.`,
    beyondNoise:
      `Held against ${step}, each at its own best step, ${
        counted(earlyStopping.beyond.length, "setting")
      } ${
        earlyStopping.beyond.length === 1 ? "is" : "are"
      } better beyond noise; the lowest loss has ` +
      `${winner}.`,
  }[kind];
}

function whatItCost({ selections, baseline, study }: Findings): string | null {
  const selected = selections.lastStep[study.select.kind].selected;
  if (!selected?.lastStep) return null;
  const rule = study.select.kind === "mean" ? "the lowest mean" : "one standard error";
  const { exactZeroShare, validationLoss } = selected.lastStep.estimates;
  const zeros = exactZeroShare.mean === 0
    ? "no weight exactly 0"
    : `${formatShare(exactZeroShare.mean)} of the penalized weights exactly 0`;
  const little = selected.lastStep.learned ? "" : " It learned little beyond counts.";
  const start = `At the last step ${rule} selects ${
    formatPoint(selected.point)
  }, with a validation loss of ${formatEstimate(validationLoss)} and ${zeros}`;
  const cost = trainingCost(selected, baseline);
  return cost === null
    ? `${start}.${little}`
    : `${start}, at a training loss ${cost} that without penalty.${little}`;
}

function trainingCost(selected: PointSummary, baseline: PointSummary | null): string | null {
  if (!baseline?.complete || !baseline.lastStep || baseline.key === selected.key) return null;
  const difference = selected.lastStep!.estimates.trainingLoss.mean -
    baseline.lastStep.estimates.trainingLoss.mean;
  return `${formatNumber(Math.abs(difference))} ${difference >= 0 ? "above" : "below"}`;
}

function onUnseenText({ study, final, selections }: Findings): string | null {
  const selected = selections.lastStep[study.select.kind].selected;
  const own = final.find(({ key, lastStep }) => key === selected?.key && lastStep !== null);
  const baseline = final.find(({ isBaseline, lastStep }) => isBaseline && lastStep !== null);
  if (!own || !baseline || own === baseline) return null;
  const rule = study.select.kind === "mean" ? "the lowest mean" : "one standard error";
  const early = baseline.chosenStep === null
    ? ""
    : baseline.chosenStep.step === baseline.lastStep!.step
    ? ", which is also where early stopping stops"
    : `, and ${formatNumber(baseline.chosenStep.loss)} with early stopping`;
  return `On a final block that no selection read, ${
    formatPoint(own.point)
  }, which ${rule} selects, has a loss of ${
    formatNumber(own.lastStep!.loss)
  } nats per token at the last step; without penalty it is ${
    formatNumber(baseline.lastStep!.loss)
  }${early}.`;
}
