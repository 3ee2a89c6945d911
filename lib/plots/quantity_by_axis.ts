import { checkKeys, checkOneOf, show } from "../core/check.ts";
import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import type { Estimate } from "../statistics/estimate.ts";
import { counted, formatAxis, formatPoint, formatSetting } from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import {
  type PointSummary,
  quantities,
  type Quantity,
  summarizeTrials,
  type View,
} from "../statistics/summarize.ts";
import { settingAxis, valueRange } from "./axes.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { capitalize, quantityWords, viewWords } from "./quantity_words.ts";
import { orderedColors, theme } from "./theme.ts";

/** A quantity against one axis, one series for each setting of the other axes. */
export interface QuantityByAxis {
  readonly axis: string;
  readonly quantity: Quantity;
  readonly view: View;
  readonly folds: number;
  readonly seeds: number;
  readonly series: readonly {
    /** The other axes' values; empty when there is one axis. */
    readonly others: JsonObject;
    /** Whether they are the baseline's. */
    readonly isBaseline: boolean;
    readonly points: readonly {
      readonly value: Json;
      readonly estimate: Estimate;
      /** Whether the training loss shows learning beyond counts. */
      readonly learned: boolean;
      readonly complete: boolean;
      readonly isBaseline: boolean;
    }[];
  }[];
}

/** Options of figures against an axis. */
export interface AxisOptions {
  /** The first axis when left out. */
  readonly axis?: string;
  readonly view?: View;
}

/**
 * Reads a quantity against one axis of the space, with standard errors over folds.
 *
 * @throws {RangeError} If the study has no such axis.
 */
export function quantityByAxis(
  source: StudyRecords,
  options: AxisOptions & { readonly quantity?: Quantity } = {},
): QuantityByAxis {
  checkKeys("quantityByAxis", options, ["axis", "view", "quantity"]);
  const { record } = source;
  const axes = axesOf(source);
  if (axes.length === 0) {
    throw new RangeError(`Study ${show(record.name)} has no axis to draw: its points are empty.`);
  }
  const axis = checkOneOf("axis", options.axis ?? axes[0], axes);
  const view = checkOneOf("view", options.view ?? "lastStep", ["lastStep", "bestStep"] as const);
  const quantity = checkOneOf("quantity", options.quantity ?? "generalizationGap", quantities);
  const baselineKey = record.baseline === null ? null : canonicalJson(record.baseline);
  const baselineOthers = record.baseline === null
    ? null
    : canonicalJson(without(record.baseline, axis));
  const series = new Map<string, { others: JsonObject; summaries: PointSummary[] }>();
  for (const summary of summarizeTrials(record, source.records)) {
    if (summary[view] === null || !(axis in summary.point)) continue;
    const others = without(summary.point, axis);
    const key = canonicalJson(others);
    if (!series.has(key)) series.set(key, { others, summaries: [] });
    series.get(key)!.summaries.push(summary);
  }
  return {
    axis,
    quantity,
    view,
    folds: record.folds.length,
    seeds: record.seeds.length,
    series: [...series].map(([key, { others, summaries }]) => ({
      others,
      isBaseline: key === baselineOthers,
      points: summaries.map((summary) => ({
        value: summary.point[axis],
        estimate: summary[view]!.estimates[quantity],
        learned: summary[view]!.learned,
        complete: summary.complete,
        isBaseline: summary.key === baselineKey,
      })),
    })),
  };
}

/** Names of the axes of a study's points, in their order. */
export function axesOf({ record }: StudyRecords): string[] {
  return [...new Set(record.space.points.flatMap((point) => Object.keys(point)))];
}

function without(point: JsonObject, axis: string): JsonObject {
  return Object.fromEntries(Object.entries(point).filter(([name]) => name !== axis));
}

/** Draws a quantity against an axis. */
export function quantityByAxisChart(data: QuantityByAxis): Chart {
  const words = quantityWords[data.quantity];
  const x = settingAxis(data.axis, data.series.flatMap(({ points }) => points.map((p) => p.value)));
  const colors = orderedColors(data.series.length);
  const width = x.axis.range[1] - x.axis.range[0];
  const ends: number[] = [];
  const layers = data.series.flatMap((series, index): Layer[] => {
    const name = Object.keys(series.others).length === 0 ? words.name : formatPoint(series.others);
    // Series are set apart a little, so that their error bars do not hide each other.
    const shift = (index - (data.series.length - 1) / 2) *
      Math.min(0.012, 0.06 / data.series.length) *
      width;
    const points = series.points.map((point) => ({
      ...point,
      at: x.position(point.value)! + shift,
    }))
      .sort((a, b) => a.at - b.at);
    for (const { estimate } of points) {
      const error = estimate.standardError ?? 0;
      ends.push(estimate.mean - error, estimate.mean + error);
    }
    const line = (part: typeof points, legend: boolean): Layer => ({
      kind: "line",
      name,
      color: colors[index],
      x: part.map(({ at }) => at),
      y: part.map(({ estimate }) => estimate.mean),
      errors: part.map(({ estimate }) => estimate.standardError),
      marks: true,
      hollow: part.map(({ learned, complete }) => !learned || !complete),
      hover: part.map(({ value, estimate, learned, complete }) =>
        `${formatAxis(data.axis)} = ${formatSetting(value)}${
          name === words.name ? "" : `, ${name}`
        }: ${words.show(estimate.mean)}${
          estimate.standardError === null ? "" : ` ± ${words.show(estimate.standardError)}`
        }${learned ? "" : ", little learned"}${complete ? "" : ", runs are missing"}`
      ),
      legend,
    });
    const apart = x.zeroApart && points.length > 1 && points[0].value === 0;
    if (!apart) return [line(points, true)];
    const bridge: Layer = {
      kind: "line",
      name,
      color: colors[index],
      x: [points[0].at, points[1].at],
      y: [points[0].estimate.mean, points[1].estimate.mean],
      dash: true,
      legend: false,
    };
    return [bridge, line(points.slice(0, 1), false), line(points.slice(1), true)];
  });
  // A gap and a share are read from 0; a loss has no zero worth showing.
  const isLoss = data.quantity === "validationLoss" || data.quantity === "trainingLoss";
  const hollow = data.series.some(({ points }) => points.some((p) => !p.learned || !p.complete));
  const subtitle =
    `${capitalize(words.name)} ${viewWords[data.view]}: mean over ${counted(data.folds, "fold")} ` +
    `(${
      data.seeds === 1 ? "1 seed" : `${data.seeds} seeds averaged in each`
    }), bars are one standard error.` +
    (hollow
      ? " Hollow: training loss less than 0.5 nats below the unigram entropy, or runs missing."
      : "") +
    (x.zeroApart ? ` ${formatAxis(data.axis)} = 0 stands apart from the logarithmic axis.` : "");
  return {
    title: finding(data),
    subtitle,
    alt: describe(data),
    panels: [{
      x: x.axis,
      y: { title: words.axis, range: valueRange(ends, { fromZero: !isLoss }) },
      layers: [
        ...(ends.some((end) => end < 0)
          ? [{ kind: "rule", y: 0, label: "", color: theme.axis } as const]
          : []),
        ...layers,
      ],
    }],
    width: 760,
    height: 430,
    legend: data.series.length > 1 ? "right" : "none",
  };
}

function mainSeries(data: QuantityByAxis) {
  return data.series.find(({ isBaseline }) => isBaseline) ?? data.series[0];
}

function finding(data: QuantityByAxis): string {
  const words = quantityWords[data.quantity];
  const axis = formatAxis(data.axis);
  const main = mainSeries(data);
  if (main === undefined) return `No completed run shows the ${words.name} against ${axis}`;
  const others = Object.keys(main.others).length === 0 ? "" : ` (${formatPoint(main.others)})`;
  const usable = main.points.filter(({ complete }) => complete);
  const base = usable.find(({ isBaseline }) => isBaseline);
  const rest = usable.filter((point) => !point.isBaseline && point.learned);
  if (base === undefined || rest.length === 0) {
    return `${capitalize(words.name)} against ${axis}${others}`;
  }
  if (data.quantity === "exactZeroShare" || data.quantity === "nearZeroShare") {
    // Another axis may be the one that makes zeros, so all series count.
    const all = data.series.flatMap(({ others, points }) =>
      points.filter(({ complete, learned }) => complete && learned)
        .map((point) => ({ ...point, at: { ...others, [data.axis]: point.value } }))
    );
    const most = all.reduce((a, b) => (b.estimate.mean > a.estimate.mean ? b : a));
    return most.estimate.mean === 0
      ? `No point has ${words.name}`
      : `Up to ${words.show(most.estimate.mean)} ${words.name}, at ${formatPoint(most.at)}`;
  }
  const lowest = rest.reduce((a, b) => (b.estimate.mean < a.estimate.mean ? b : a));
  const from = words.show(base.estimate.mean);
  return lowest.estimate.mean < base.estimate.mean
    ? `${axis} = ${formatSetting(lowest.value)} lowers the ${words.name} from ${from} to ${
      words.show(lowest.estimate.mean)
    }${words.unit}${others}`
    : `No ${axis} lowers the ${words.name} of ${from}${words.unit}${others}`;
}

function describe(data: QuantityByAxis): string {
  const words = quantityWords[data.quantity];
  const rows = data.series.map(({ others, points }) => {
    const name = Object.keys(others).length === 0 ? "" : `${formatPoint(others)}: `;
    return name +
      points.map(({ value, estimate }) => `${words.show(estimate.mean)} at ${formatSetting(value)}`)
        .join(", ");
  });
  return `Line chart of ${words.name} ${viewWords[data.view]} against ${formatAxis(data.axis)}. ${
    rows.join("; ")
  }.`;
}

/**
 * Draws the generalization gap (held-out minus training cross-entropy, nats per token) against one
 * axis, with standard errors over folds and one line for each setting of the other axes.
 *
 * @param study A study, or its records.
 * @param options.axis Axis to draw against; the first of the space.
 * @param options.view At the last step, or at each point's best step.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If the study has no such axis.
 */
export function plotGeneralizationGap(study: StudyRecords, options: AxisOptions = {}): Figure {
  checkKeys("plotGeneralizationGap", options, ["axis", "view"]);
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
  checkKeys("plotQuantity", options, ["axis", "view", "quantity"]);
  const { quantity = "validationLoss" } = options;
  return figureOf(quantityByAxisChart(quantityByAxis(study, { ...options, quantity })));
}
