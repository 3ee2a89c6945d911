import type { JsonObject } from "../core/json.ts";
import { checkOptions, oneOf, orNotGiven } from "../core/options.ts";
import type { Estimate } from "../statistics/estimate.ts";
import { counted, formatNumber, formatPoint, formatShare } from "../statistics/format.ts";
import { view } from "../statistics/options.ts";
import { type LossUnit, lossUnit } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { summarizeTrials, type View } from "../statistics/summarize.ts";
import { canonicalJson } from "../core/json.ts";
import { baselineWords } from "../statistics/baseline_words.ts";
import { countedWeightsOfAll } from "../statistics/counted_weights.ts";
import { onParetoFront, staircase } from "./_pareto.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { capitalize, placeInTraining, quantityWords } from "./quantity_words.ts";
import { categoricalColors, markColors, theme } from "./theme.ts";

/** Options of {@link plotSparsityAgainstLoss}. */
export interface SparsityOptions {
  /**
   * At the last step, or at each point's best step.
   *
   * @default {"lastStep"}
   */
  readonly view?: View;
  /**
   * Which zeros are counted: exact ones, or all with |w| < 0.001.
   *
   * @default {"exactZeroShare"}
   */
  readonly quantity?: "exactZeroShare" | "nearZeroShare";
}

const described = {
  view,
  quantity: orNotGiven(oneOf(["exactZeroShare", "nearZeroShare"], "exactZeroShare")),
};

/** What each point costs in loss for the zeros that it has. */
export interface SparsityAgainstLoss {
  /** That of the study's losses; nats per token when left out. */
  readonly unit?: LossUnit;
  readonly view: View;
  readonly quantity: "exactZeroShare" | "nearZeroShare";
  /** Where in training points are looked at, in words. */
  readonly where: string;
  /** Among which weights zeros are counted, in words. */
  readonly counted: string;
  readonly folds: number;
  /** What the baseline is called. */
  readonly baseline: string;
  /** Complete points, from the least to the most zeros. */
  readonly points: readonly {
    readonly point: JsonObject;
    readonly zeros: Estimate;
    readonly loss: Estimate;
    readonly isBaseline: boolean;
    /** Whether no other point has at least as many zeros and at most the loss, one of them strictly. */
    readonly onFront: boolean;
  }[];
}

/** Reads zeros and validation loss of the complete points, and which of them are on the Pareto front. */
export function sparsityAgainstLoss(
  { record, records }: StudyRecords,
  options: SparsityOptions = {},
): SparsityAgainstLoss {
  const { view, quantity } = checkOptions("plotSparsityAgainstLoss", options, described);
  const baselineKey = record.baseline === null ? null : canonicalJson(record.baseline);
  const points = summarizeTrials(record, records).flatMap((summary) => {
    const estimates = summary[view]?.estimates;
    if (!summary.complete || !estimates) return [];
    return [{
      point: summary.point,
      zeros: estimates[quantity],
      loss: estimates.validationLoss,
      isBaseline: summary.key === baselineKey,
    }];
  });
  const front = onParetoFront(points.map(({ zeros, loss }) => [-zeros.mean, loss.mean]));
  return {
    unit: lossUnit(record),
    view,
    where: placeInTraining(record, view),
    counted: countedWeightsOfAll(record.specifications),
    quantity,
    folds: record.folds.length,
    baseline: baselineWords(record).short,
    points: points
      .map((each, index) => ({ ...each, onFront: front[index] }))
      .sort((a, b) => a.zeros.mean - b.zeros.mean || a.loss.mean - b.loss.mean),
  };
}

/** Draws zeros against loss. */
export function sparsityAgainstLossChart(data: SparsityAgainstLoss): Chart {
  const front = data.points.filter(({ onFront }) => onFront);
  const zeros = (each: typeof data.points[number]) => 100 * each.zeros.mean;
  const hover = (each: typeof data.points[number]) =>
    `${formatPoint(each.point)}: ${formatShare(each.zeros.mean)} zeros, loss ${
      formatNumber(each.loss.mean)
    }${each.onFront ? ", on the front" : ""}`;
  const dots = (name: string, color: string, part: typeof data.points, hollow: boolean): Layer => ({
    kind: "line",
    name,
    color,
    x: part.map(zeros),
    y: part.map(({ loss }) => loss.mean),
    errors: part.map(({ loss }) => loss.standardError),
    joined: false,
    marks: true,
    hollow: part.map(() => hollow),
    hover: part.map(hover),
    legend: part.length > 0,
  });
  const baseline = data.points.filter(({ isBaseline }) => isBaseline);
  const ends = data.points.flatMap(({ loss }) => {
    const error = loss.standardError ?? 0;
    return [loss.mean - error, loss.mean + error];
  });
  const words = quantityWords(data.quantity, data.unit);
  return {
    title: finding(data),
    subtitle:
      `${capitalize(data.where)}; means over ${counted(data.folds, "fold")}, bars are one ` +
      `standard error of the loss. Pareto front: no other point has as many zeros at as low a loss.`,
    alt: `Scatter plot of ${words.name} against validation loss. ${
      front.length === 0 ? finding(data) : `Pareto front: ${front.map(hover).join("; ")}`
    }.`,
    panels: [{
      x: {
        title: `${words.name} (% of ${data.counted})`,
        range: valueRange(data.points.map(zeros)),
      },
      y: { title: quantityWords("validationLoss", data.unit).axis, range: valueRange(ends) },
      layers: [
        {
          kind: "line",
          name: "steps of the front",
          color: categoricalColors[0],
          ...staircase(front.map((each) => [zeros(each), each.loss.mean])),
          width: 1.2,
          dash: true,
          legend: false,
        },
        dots("other points", theme.muted, data.points.filter(({ onFront }) => !onFront), true),
        dots("Pareto front", categoricalColors[0], front, false),
        {
          kind: "marks",
          name: data.baseline,
          symbol: "ring",
          color: markColors.mean,
          x: baseline.map(zeros),
          y: baseline.map(({ loss }) => loss.mean),
          hover: baseline.map(hover),
        },
      ],
    }],
    width: 760,
    height: 430,
    legend: "bottom",
  };
}

function finding({ points, quantity }: SparsityAgainstLoss): string {
  const words = quantityWords(quantity);
  if (points.length === 0) return `No complete point shows ${words.name} against loss`;
  const best = points.reduce((a, b) => (b.loss.mean < a.loss.mean ? b : a));
  const limit = best.loss.mean + (best.loss.standardError ?? 0);
  const sparsest = points.filter(({ loss, onFront }) => onFront && loss.mean <= limit).at(-1)!;
  if (sparsest.zeros.mean === 0) {
    return points.at(-1)!.zeros.mean === 0
      ? `No point has ${words.name}`
      : `${capitalize(words.name)} cost more than one standard error of the loss`;
  }
  return `${formatShare(sparsest.zeros.mean)} ${words.name} at ${
    formatPoint(sparsest.point)
  }, with a loss within one standard error of the lowest`;
}

/**
 * Draws the share of zero weights of every complete point against its validation loss, with the Pareto
 * front: the points for which no other has at least as many zeros at no higher a loss.
 *
 * @param study A study, or its records.
 * @param options See {@link SparsityOptions}.
 * @returns A figure that a notebook shows.
 */
export function plotSparsityAgainstLoss(
  study: StudyRecords,
  options: SparsityOptions = {},
): Figure {
  return figureOf(sparsityAgainstLossChart(sparsityAgainstLoss(study, options)));
}
