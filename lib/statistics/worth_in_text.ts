import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOptions, number, orAbsent, text } from "../core/options.ts";
import { type Estimate, estimateOverFolds, mean } from "./estimate.ts";
import {
  type LossAtAmount,
  scoreAmounts,
  sizesOfScored,
  type TrainedPoint,
  trainedPoints,
} from "./tuned_amounts.ts";
import { confidence, tunedView } from "./options.ts";
import { amountAt, powerLawAt } from "./power_law.ts";
import {
  amountInterval,
  type Ends,
  type FoldTest,
  foldTest,
  type OnLaw,
  type PowerLawOverFolds,
  powerLawOverFolds,
} from "./power_law_over_folds.ts";
import { type LossUnit, lossUnit } from "./study_loss.ts";
import type { StudyRecords } from "./study_records.ts";
import type { PointRuns, View } from "./summarize.ts";
import { amountOfText, heldFixed, type TextAxis, textAxisOf } from "./text_axis.ts";

/** Options of {@link worthInText}. */
export interface WorthOptions {
  /** Axis of amounts of training text; the one that there is when left out. */
  readonly axis?: string;
  /**
   * Where remedies are looked at: trained to the end, or with the step chosen too.
   *
   * @default {"bestStep"}
   */
  readonly view?: View;
  /** c, where it is known or assumed; it is fitted when left out. From 0, in the unit of the losses. */
  readonly asymptote?: number;
  /**
   * Of the intervals, from 0 to 1, both excluded.
   *
   * @default {0.95}
   */
  readonly confidence?: number;
}

const described = {
  axis: orAbsent(text()),
  view: tunedView,
  asymptote: orAbsent(number({ from: 0 })),
  confidence,
};

/** What a remedy is worth at an amount of text. */
export interface Worth extends LossAtAmount {
  /** The remedies that it has, in words, such as `decoupled weight decay`. */
  readonly remedy: string;
  /** Its loss minus that without remedy on the same folds. */
  readonly difference: Estimate;
  /**
   * n′/n, with n′ the amount at which the curve without remedy has the remedy's loss; `Infinity` where that is
   * not above the asymptote. Null without a curve.
   */
  readonly factor: number | null;
  /**
   * Of the factor. From 0 where the folds set no lower end, to `Infinity` where they set no upper one; both
   * `Infinity` where the loss is shown to lie below the asymptote. Null without a curve or with one fold.
   */
  readonly interval: Ends | null;
  /** Whether n′ lies outside of the amounts that were measured. */
  readonly extrapolated: boolean;
}

/** How the loss without remedy falls with text, and what remedies are worth on that curve. */
export interface TextCurve {
  /** What its points share besides: values of axes that are neither remedies nor ways of training. */
  readonly others: JsonObject;
  /** Without remedy, ascending by amount. */
  readonly amounts: readonly LossAtAmount[];
  /** Amounts without remedy at which a run is missing, or all diverged. */
  readonly leftOut: readonly number[];
  /** c + b · n^(−a) through them. */
  readonly fit: PowerLawOverFolds;
  /** In the order of the study's points, ascending by amount. */
  readonly worths: readonly Worth[];
}

/** What the remedies of a study are worth in text. */
export interface WorthInText extends TextAxis {
  /** Unit of the losses. */
  readonly unitOfLoss: LossUnit;
  /** Where in training the losses are looked at. */
  readonly view: View;
  /** Of the intervals. */
  readonly confidence: number;
  /** Number of folds. */
  readonly folds: number;
  /** One for each setting of the other axes that has two or more amounts. */
  readonly curves: readonly TextCurve[];
}

/**
 * What remedies are worth in text: a remedy that trains on n tokens and has the loss that the model without
 * remedy, stopped early, would have with n′ is worth n′/n times the text.
 *
 * The loss without remedy at n tokens is fitted by c + b · n^(−a). Both sides are tuned without reading the
 * text that scores them, as by `tuned`: the model without remedy over its steps and ways of training, each
 * remedy over its strengths too. n′ is where the curve lies below its own value at n by as much as the
 * remedy lies below the model without it, fold by fold. A remedy that changes nothing is so worth exactly 1,
 * whether or not the curve goes through that point.
 *
 * The interval holds the factors that a corrected resampled t-test over the folds does not refuse; see
 * `powerLawOverFolds`. It excludes 1 exactly where the paired test of the losses shows a difference.
 * Where the other folds chose anything, the test is widened as in `compareTuned`. Of 95 % intervals 94 to
 * 98 % held the worth in studies that were drawn (docs/simulations.md), whose loss does follow such a
 * law; further from the amounts that were measured nothing tells whether it does.
 *
 * @param study A study, or its records, with an axis of `trainingTokens` or `trainingBytes`.
 * @param options See {@link WorthOptions}.
 * @returns A curve for each setting of the other axes; none where no axis is an amount of text.
 * @throws {RangeError} If several axes are, or the one that is asked for is not.
 *
 * @example
 * ```ts
 * import { textStudy } from "./testing/text_study.ts";
 * import { worthInText } from "./worth_in_text.ts";
 * import assert from "node:assert/strict";
 * // Decay has the loss of 1.5 times the text.
 * const { curves: [{ worths: [worth] }] } = worthInText(textStudy({ factor: 1.5 }));
 * assert.equal(worth.remedy, "decoupled weight decay");
 * assert.ok(worth.interval![0] < 1.5 && worth.interval![1] > 1.5);
 * ```
 */
export function worthInText(study: StudyRecords, options: WorthOptions = {}): WorthInText {
  const checked = checkOptions("worthInText", options, described);
  const { record } = study;
  const text = textAxisOf(record, checked.axis);
  const result = {
    unitOfLoss: lossUnit(record),
    view: checked.view,
    confidence: checked.confidence,
    folds: record.folds.length,
  };
  if (text === null) return { axis: "", unit: "tokens", ...result, curves: [] };
  const fixed = heldFixed(record, text.axis);
  const trained = trainedPoints(
    study,
    (group, specification) => amountOfText(specification) ?? amountOfRuns(group),
  );
  const curves = Map.groupBy(trained, ({ group }) => canonicalJson(fixed(group.point)));
  return {
    ...text,
    ...result,
    curves: [...curves.values()]
      .filter((points) =>
        new Set(points.filter(({ remedy }) => remedy === "").map(({ amount }) => amount)).size > 1
      )
      .map((points) => curveOf(study, fixed(points[0].group.point), points, checked)),
  };
}

/** Training tokens of runs on all the text that their folds have; NaN without a run. */
function amountOfRuns({ folds }: PointRuns): number {
  return Math.round(mean(folds.flat().map(({ tokens }) => tokens.training)));
}

function curveOf(
  study: StudyRecords,
  others: JsonObject,
  points: readonly TrainedPoint[],
  options: { readonly view: View; readonly asymptote?: number; readonly confidence: number },
): TextCurve {
  const { view, asymptote, confidence } = options;
  const { scored, leftOut } = scoreAmounts(
    study,
    points,
    (remedy) => remedy === "" ? "bestStep" : view,
  );
  const amounts = scored.filter(({ remedy }) => remedy === "");
  const sizes = sizesOfScored(study, points, scored);
  const values = {
    amounts: amounts.map(({ amount }) => amount),
    folds: study.record.folds.map((_, fold) => amounts.map(({ loss }) => loss.foldMeans[fold])),
  };
  const fit = powerLawOverFolds(values, { ...(sizes && { sizes }), asymptote, confidence });
  const overlap = sizes === null ? 0 : sizes.test / sizes.training;
  const curve: FittedCurve = {
    fit,
    values,
    fixedAsymptote: asymptote !== undefined,
    test: foldTest(values.folds.length, overlap, confidence),
  };
  const worths = scored.filter(({ remedy }) => remedy !== "").flatMap((each): Worth[] => {
    const without = amounts.find(({ amount }) => amount === each.amount);
    return without === undefined ? [] : [worthOn(curve, each, without.loss)];
  });
  return {
    others,
    amounts: amounts.map(({ amount, loss, tuning }) => ({ amount, loss, tuning })),
    leftOut: leftOut.filter(({ remedy }) => remedy === "").map(({ amount }) => amount),
    fit,
    worths: inOrder(points, worths),
  };
}

/** The curve without remedy, and how it is tested. */
interface FittedCurve extends Pick<OnLaw, "fit" | "values" | "fixedAsymptote"> {
  readonly fit: PowerLawOverFolds;
  readonly test: FoldTest | null;
}

function worthOn(
  { test, ...curve }: FittedCurve,
  measured: LossAtAmount & { readonly remedy: string },
  without: Estimate,
): Worth {
  const { amount, loss } = measured;
  const { fit, values: { amounts } } = curve;
  const difference = estimateOverFolds(
    loss.foldMeans.map((each, fold) => [each - without.foldMeans[fold]]),
  )!;
  if (fit.law === null) {
    return { ...measured, difference, factor: null, interval: null, extrapolated: false };
  }
  const found = amountAt(fit.law, powerLawAt(fit.law, amount) + difference.mean);
  const on = { ...curve, at: amount, differences: difference.foldMeans };
  // Where no amount is accepted, the loss is below the asymptote.
  const ends = test && (amountInterval(on, found, test) ?? [Infinity, Infinity] as const);
  return {
    ...measured,
    difference,
    factor: found / amount,
    interval: ends && [ends[0] / amount, ends[1] / amount],
    extrapolated: found > amounts.at(-1)! || found < amounts[0],
  };
}

/** Remedies in the order of the study's points, each ascending by amount. */
function inOrder(points: readonly TrainedPoint[], worths: readonly Worth[]): Worth[] {
  const order = [...new Set(points.map(({ remedy }) => remedy))];
  return worths.toSorted((a, b) => order.indexOf(a.remedy) - order.indexOf(b.remedy));
}
