import { checkKeys } from "../core/check.ts";
import { formatPoint } from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import type { Quantity } from "../statistics/summarize.ts";
import { axisOfSeries, describe, finding, subtitleOf } from "./_axis_words.ts";
import {
  legendOf,
  type Series,
  seriesEnds,
  seriesLayers,
  type SeriesStyles,
  seriesStyles,
} from "./_series.ts";
import {
  type AxisOptions,
  axisOptions,
  type QuantityByAxis,
  quantityByAxis,
  quantityOptions,
} from "./axis_data.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { capitalize, quantityWords } from "./quantity_words.ts";
import { theme } from "./theme.ts";

/** Draws a quantity against an axis. */
export function quantityByAxisChart(data: QuantityByAxis): Chart {
  const words = quantityWords(data.quantity, data.unit);
  return {
    title: finding(data),
    subtitle: `${capitalize(words.name)} ${data.where}: ${subtitleOf(data)}`,
    alt: describe(data),
    panels: [panelOf(data)],
    width: 760,
    ...legendOf(data.series),
  };
}

/**
 * The panel of a quantity against an axis.
 *
 * @param options.range Range of the vertical axis; around the bars when left out.
 * @param options.styles Names and colours of the series; chosen by this quantity when left out.
 */
export function panelOf(
  data: QuantityByAxis,
  options: {
    readonly title?: string;
    readonly range?: readonly [number, number];
    readonly styles?: SeriesStyles;
  } = {},
): Panel {
  const words = quantityWords(data.quantity, data.unit);
  const x = axisOfSeries(data);
  const series = seriesOf(data);
  const ends = seriesEnds(series);
  return {
    title: options.title,
    x: x.axis,
    y: {
      title: words.axis.replace("(%)", `(% of ${data.counted})`),
      // A gap and a share are read from 0; a loss has no zero worth showing.
      range: options.range ?? valueRange(ends, { fromZero: !isLoss(data.quantity) }),
    },
    layers: [
      ...(ends.some((end) => end < 0)
        ? [{ kind: "rule", y: 0, label: "", color: theme.axis } as const]
        : []),
      ...seriesLayers(x, series, {
        styles: options.styles ?? seriesStyles(series, words.name),
        scattered: data.scattered,
      }),
    ],
  };
}

/** What a figure draws of a quantity against an axis. */
export function seriesOf(data: QuantityByAxis): Series[] {
  const words = quantityWords(data.quantity, data.unit);
  return data.series.map(({ others, isBaseline, points }) => ({
    others,
    isBaseline,
    points: points.map(({ value, point, estimate, interval, learned, complete }) => {
      const half = data.bars === "standardError"
        ? estimate.standardError
        : interval && interval[1] - estimate.mean;
      const bar = half === null ? "" : ` ± ${words.show(half)}`;
      return {
        value,
        y: words.scale * estimate.mean,
        error: half === null ? null : words.scale * half,
        hollow: !learned || !complete,
        hover: `${formatPoint(point)}: ${words.show(estimate.mean)}${bar}${
          learned ? "" : ", little learned"
        }${complete ? "" : ", runs are missing"}`,
      };
    }),
  }));
}

function isLoss(quantity: Quantity): boolean {
  return quantity === "validationLoss" || quantity === "trainingLoss";
}

/**
 * Draws the generalization gap (held-out minus training cross-entropy, nats per token) against one
 * axis, with standard errors over folds and one line for each setting of the other axes.
 *
 * Where the study varies how a model is trained (a learning rate), each setting of anything else stands at
 * its own best value of that. Points that lack the axis have a place at the left; where no two points
 * differ in the axis alone, they are drawn as they lie.
 *
 * @param study A study, or its records.
 * @param options See {@link AxisOptions}.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If the study has no such axis.
 */
export function plotGeneralizationGap(study: StudyRecords, options: AxisOptions = {}): Figure {
  checkKeys("plotGeneralizationGap", options, axisOptions);
  return plotQuantity(study, { ...options, quantity: "generalizationGap" });
}

/**
 * Draws any quantity (validation loss by default) against one axis, as
 * {@link plotGeneralizationGap} does the gap.
 */
export function plotQuantity(
  study: StudyRecords,
  options: AxisOptions & { readonly quantity?: Quantity } = {},
): Figure {
  checkKeys("plotQuantity", options, quantityOptions);
  const { quantity = "validationLoss" } = options;
  return figureOf(quantityByAxisChart(quantityByAxis(study, { ...options, quantity })));
}
