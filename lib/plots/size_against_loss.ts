import { counted, formatNumber, formatShare, formatSigned } from "../statistics/format.ts";
import { type Estimate, estimateOverFolds } from "../statistics/estimate.ts";
import { frontLayer, onParetoFront } from "./_pareto.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors, markColors, theme } from "./theme.ts";

/** A model at one setting, measured on each fold. */
export interface SizedModel {
  /** What tells it from the others of its series, such as `λ = 1e-4` or `half pruned`. */
  readonly name: string;
  /** Bytes of its file, one a fold. */
  readonly bytes: readonly number[];
  /** Its loss on held-out text, nats per token, one a fold in the same order. */
  readonly losses: readonly number[];
}

/** A way of making models smaller, from weak to strong. */
export interface SizeSeries {
  /** Such as `L1` or `pruning by magnitude`. */
  readonly name: string;
  /** In the order in which they are joined. */
  readonly models: readonly SizedModel[];
}

/** What each model costs in bytes and in loss. */
export interface SizeAgainstLoss {
  /** The model that losses are compared with. */
  readonly reference: { readonly name: string; readonly bytes: number };
  readonly folds: number;
  readonly series: readonly {
    readonly name: string;
    readonly models: readonly {
      readonly name: string;
      /** Mean over the folds. */
      readonly bytes: number;
      /** Loss minus the reference's on the same fold. */
      readonly difference: Estimate;
      /** Whether no other model has at most the bytes and at most the loss, one of them strictly. */
      readonly onFront: boolean;
    }[];
  }[];
}

/**
 * Pairs the losses of models with those of a reference, fold by fold, and finds the Pareto front.
 *
 * @throws {RangeError} If there is no model, or one has another number of folds than the reference.
 */
export function sizeAgainstLoss(
  reference: SizedModel,
  series: readonly SizeSeries[],
): SizeAgainstLoss {
  const { length } = reference.losses;
  for (const { name, bytes, losses } of [reference, ...series.flatMap(({ models }) => models)]) {
    if (length === 0 || bytes.length !== length || losses.length !== length) {
      throw new RangeError(
        `plotSizeAgainstLoss: ${name} must have bytes and losses of ${
          Math.max(1, length)
        } folds, ` +
          `found ${bytes.length} and ${losses.length}.`,
      );
    }
  }
  const mean = (values: readonly number[]) => estimateOverFolds(values.map((each) => [each]))!.mean;
  const models = series.flatMap(({ models }, place) =>
    models.map((model) => ({
      place,
      name: model.name,
      bytes: mean(model.bytes),
      difference: estimateOverFolds(
        model.losses.map((loss, fold) => [loss - reference.losses[fold]]),
      )!,
    }))
  );
  if (models.length === 0) throw new RangeError("plotSizeAgainstLoss: there must be a model.");
  const front = onParetoFront(models.map(({ bytes, difference }) => [bytes, difference.mean]));
  return {
    reference: { name: reference.name, bytes: mean(reference.bytes) },
    folds: length,
    series: series.map(({ name }, at) => ({
      name,
      models: models.flatMap(({ place, ...model }, index) =>
        place === at ? [{ ...model, onFront: front[index] }] : []
      ),
    })),
  };
}

/** Draws sizes against differences of the loss, a line for each series, and the Pareto front. */
export function sizeAgainstLossChart(data: SizeAgainstLoss): Chart {
  const all = data.series.flatMap(({ name, models }) =>
    models.map((model) => ({ ...model, series: name }))
  );
  const front = all.filter(({ onFront }) => onFront)
    .sort((a, b) => a.difference.mean - b.difference.mean || a.bytes - b.bytes);
  const layers = data.series.map(({ name, models }, index): Layer => ({
    kind: "line",
    name,
    color: categoricalColors[index % categoricalColors.length],
    x: models.map(({ bytes }) => bytes / 1000),
    y: models.map(({ difference }) => difference.mean),
    errors: models.map(({ difference }) => difference.standardError),
    marks: true,
    hollow: models.map(({ onFront }) => !onFront),
    hover: models.map((model) => `${name}, ${words(model, data)}`),
    legend: true,
  }));
  const ends = all.flatMap(({ difference: { mean, standardError } }) => [
    mean - (standardError ?? 0),
    mean + (standardError ?? 0),
  ]);
  const { name, bytes } = data.reference;
  return {
    title: finding(data),
    subtitle:
      `Means over ${
        counted(data.folds, "fold")
      }; the loss is that on held-out text minus ${name}'s on the ` +
      `same fold, bars are one standard error of that difference. Filled, and the dashed border: no ` +
      `other model is as small at as low a loss.`,
    alt: `Size of the file against loss, ${name} has ${kilobytes(bytes)}. ${
      data.series.map((each) =>
        `${each.name}: ${each.models.map((model) => words(model, data)).join("; ")}`
      ).join(". ")
    }.`,
    panels: [{
      x: {
        title: "size of the file (kB)",
        range: valueRange([bytes, ...all.map((each) => each.bytes)].map((each) => each / 1000), {
          fromZero: true,
        }),
      },
      y: {
        title: `loss minus ${name}'s (nats per token)`,
        range: valueRange([0, ...ends]),
      },
      layers: [
        { kind: "rule", y: 0, label: "", color: theme.axis },
        frontLayer(front.map((each) => [each.bytes / 1000, each.difference.mean])),
        ...layers,
        {
          kind: "marks",
          name,
          symbol: "ring",
          color: markColors.mean,
          x: [bytes / 1000],
          y: [0],
          hover: [`${name}: ${kilobytes(bytes)}`],
        },
      ],
    }],
    width: 860,
    height: 480,
    legend: "bottom",
  };
}

type Model = SizeAgainstLoss["series"][number]["models"][number];

function words({ name, bytes, difference, onFront }: Model, data: SizeAgainstLoss): string {
  return `${name}: ${kilobytes(bytes)} (${formatShare(bytes / data.reference.bytes)}), loss ${
    formatSigned(difference.mean)
  }${onFront ? ", on the front" : ""}`;
}

function kilobytes(bytes: number): string {
  return `${formatNumber(bytes / 1000, 1)} kB`;
}

function finding(data: SizeAgainstLoss): string {
  const all = data.series.flatMap(({ name, models }) =>
    models.map((model) => ({ ...model, series: name }))
  );
  const { reference } = data;
  const asGood = all.filter(({ difference }) => difference.mean <= 0)
    .sort((a, b) => a.bytes - b.bytes);
  if (asGood.length === 0 || asGood[0].bytes >= reference.bytes) {
    return `No smaller file has a loss as low as ${reference.name}'s`;
  }
  const [{ series, name, bytes }] = asGood;
  return `The smallest file with no higher a loss than ${reference.name}'s: ${
    kilobytes(bytes)
  } of ${kilobytes(reference.bytes)}, by ${series} (${name})`;
}

/**
 * Draws the size of models' files against their loss, a line for each way of making them smaller, with
 * the Pareto front over all.
 *
 * Losses of one fold are compared with the reference's on that fold, so that what folds differ in is not
 * taken for noise of the difference.
 *
 * @param reference What losses are compared with, such as the unpenalized model in its dense file.
 * @param series Ways of making models smaller, each with its models.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If there is no model, or one has another number of folds than the reference.
 *
 * @example
 * ```ts
 * import { plotSizeAgainstLoss } from "./size_against_loss.ts";
 * import assert from "node:assert/strict";
 * const { chart } = plotSizeAgainstLoss(
 *   { name: "no penalty", bytes: [10_000, 10_000], losses: [2, 3] },
 *   [{
 *     name: "L1",
 *     models: [
 *       { name: "λ = 1e-4", bytes: [6_000, 4_000], losses: [1.9, 2.8] },
 *       { name: "λ = 1e-3", bytes: [1_000, 1_000], losses: [2.5, 3.5] },
 *     ],
 *   }],
 * );
 * assert.match(chart.title, /: 5\.0 kB of 10\.0 kB, by L1 \(λ = 1e-4\)$/);
 * ```
 */
export function plotSizeAgainstLoss(
  reference: SizedModel,
  series: readonly SizeSeries[],
): Figure {
  return figureOf(sizeAgainstLossChart(sizeAgainstLoss(reference, series)));
}
