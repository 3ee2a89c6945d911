import { checkKeys, checkOneOf, show } from "../core/check.ts";
import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import { axisMeaning } from "../statistics/axis_meaning.ts";
import type { Estimate } from "../statistics/estimate.ts";
import { formatAxis, formatPoint, formatSetting } from "../statistics/format.ts";
import { ruleOfStudy, select } from "../statistics/select.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import {
  type PointSummary,
  quantities as allQuantities,
  type Quantity,
  summarizeTrials,
  type View,
} from "../statistics/summarize.ts";
import { cellAxis } from "./axes.ts";
import type { Chart, Layer, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { axesOf } from "./axis_data.ts";
import { capitalize, quantityWords, viewWords } from "./quantity_words.ts";
import { markColors } from "./theme.ts";

/** Quantities over two axes, with what was selected. */
export interface HeatMaps {
  readonly x: string;
  readonly y: string;
  /** What the axes set, in words. */
  readonly meanings: { readonly x: string | null; readonly y: string | null };
  readonly view: View;
  readonly quantities: readonly Quantity[];
  /** Values of the axes that are not drawn. */
  readonly fixed: JsonObject;
  readonly cells: readonly {
    readonly x: Json;
    readonly y: Json;
    readonly estimates: { readonly [quantity in Quantity]: Estimate } | null;
    readonly complete: boolean;
    readonly learned: boolean;
    readonly inBand: boolean;
  }[];
  readonly selectedByMean: JsonObject | null;
  readonly selectedByOneStandardError: JsonObject | null;
}

/** Options of {@link plotHeatMaps}. */
export interface HeatMapOptions {
  /** Horizontal axis; the first of the space. */
  readonly x?: string;
  /** Vertical axis; the second of the space. */
  readonly y?: string;
  readonly view?: View;
  /** What to draw, one panel each. */
  readonly quantities?: readonly Quantity[];
}

/**
 * Reads quantities over two axes of the space; other axes are fixed at the values of the point that
 * one standard error selects.
 *
 * @throws {RangeError} If the study has fewer than two axes, or not the ones asked for.
 */
export function heatMaps(source: StudyRecords, options: HeatMapOptions = {}): HeatMaps {
  checkKeys("plotHeatMaps", options, ["x", "y", "view", "quantities"]);
  const axes = axesOf(source);
  if (axes.length < 2) {
    throw new RangeError(
      `plotHeatMaps: a study must have two axes, found ${axes.map(show).join(", ")} in study ` +
        `${show(source.record.name)}; plotGeneralizationGap draws one.`,
    );
  }
  const x = checkOneOf("plotHeatMaps: x", options.x ?? axes[0], axes);
  const left = axes.filter((axis) => axis !== x);
  const y = checkOneOf("plotHeatMaps: y", options.y ?? left[0], left);
  const view = checkOneOf("plotHeatMaps: view", options.view ?? "lastStep", [
    "lastStep",
    "bestStep",
  ]);
  const quantities = options.quantities ??
    ["validationLoss", "generalizationGap", "exactZeroShare"];
  for (const quantity of quantities) {
    checkOneOf("plotHeatMaps: quantities", quantity, allQuantities);
  }
  const { record } = source;
  const summaries = summarizeTrials(record, source.records);
  const byMean = select(summaries, { ...ruleOfStudy(record), kind: "mean" }, view);
  const byError = select(summaries, { ...ruleOfStudy(record), kind: "oneStandardError" }, view);
  const anchor = byError.selected?.point ?? record.baseline ?? record.space.points[0];
  const othersOf = (point: JsonObject) =>
    Object.fromEntries(Object.entries(point).filter(([axis]) => axis !== x && axis !== y));
  const fixed = othersOf(anchor);
  const drawn = (point: JsonObject) => canonicalJson(othersOf(point)) === canonicalJson(fixed);
  const inPlane = (summary: PointSummary | null) =>
    summary !== null && drawn(summary.point) ? summary.point : null;
  return {
    x,
    y,
    meanings: { x: axisMeaning(record, x), y: axisMeaning(record, y) },
    view,
    quantities,
    fixed,
    cells: summaries.filter(({ point }) => drawn(point)).map((summary) => ({
      x: summary.point[x],
      y: summary.point[y],
      estimates: summary[view]?.estimates ?? null,
      complete: summary.complete,
      learned: summary[view]?.learned ?? false,
      inBand: byError.band.includes(summary),
    })),
    selectedByMean: inPlane(byMean.selected),
    selectedByOneStandardError: inPlane(byError.selected),
  };
}

/** Draws heat maps side by side. */
export function heatMapsChart(data: HeatMaps): Chart {
  const x = cellAxis(data.x, data.cells.map((cell) => cell.x), data.meanings.x ?? "");
  const y = cellAxis(data.y, data.cells.map((cell) => cell.y), data.meanings.y ?? "");
  const at = (point: JsonObject) =>
    [x.position(point[data.x])!, y.position(point[data.y])!] as const;
  const marks: Layer[] = [
    {
      kind: "frames",
      name: "within one standard error of the best",
      color: markColors.band,
      cells: data.cells.filter(({ inBand }) => inBand)
        .map((cell) => at({ [data.x]: cell.x, [data.y]: cell.y })),
    },
    mark("lowest mean validation loss", "star", markColors.mean, data.selectedByMean, -0.3, at),
    mark(
      "selected by one standard error",
      "diamond",
      markColors.oneStandardError,
      data.selectedByOneStandardError,
      0.3,
      at,
    ),
  ];
  const grid = <T>(value: (cell: HeatMaps["cells"][number] | undefined) => T) =>
    y.values.map((row) =>
      x.values.map((column) =>
        value(data.cells.find((cell) =>
          canonicalJson(cell.x) === canonicalJson(column) &&
          canonicalJson(cell.y) === canonicalJson(row)
        ))
      )
    );
  const panels = data.quantities.map((quantity): Panel => {
    const words = quantityWords[quantity];
    const usable = (cell: HeatMaps["cells"][number] | undefined) =>
      cell?.complete ? cell.estimates?.[quantity] : undefined;
    return {
      title: capitalize(words.axis.replace(/ \(%.*/, "")),
      x: x.axis,
      y: y.axis,
      layers: [
        {
          kind: "cells",
          values: grid((cell) => usable(cell)?.mean ?? null),
          text: grid((cell) => {
            const estimate = usable(cell);
            return estimate ? words.short(estimate.mean) : "–";
          }),
          hover: grid((cell) => {
            if (cell === undefined) return "not in the study";
            const estimate = usable(cell);
            const name = formatPoint({ [data.x]: cell.x, [data.y]: cell.y });
            if (!estimate) return `${name}: not all runs completed`;
            const error = estimate.standardError === null
              ? ""
              : ` ± ${words.show(estimate.standardError)}`;
            return `${name}: ${words.show(estimate.mean)}${error}`;
          }),
        },
        ...marks,
      ],
    };
  });
  const fixed = Object.keys(data.fixed).length === 0 ? "" : ` at ${formatPoint(data.fixed)}`;
  return {
    title: finding(data),
    subtitle:
      `${capitalize(viewWords[data.view])}${fixed}; means over folds, dark is high. A dash ` +
      `is a point whose runs have not all completed.`,
    alt: describe(data),
    panels,
    width: Math.max(560, 60 + 300 * panels.length),
    height: 420,
    legend: "bottom",
  };
}

function mark(
  name: string,
  symbol: "star" | "diamond",
  color: string,
  point: JsonObject | null,
  shift: number,
  at: (point: JsonObject) => readonly [number, number],
): Layer {
  const places = point === null ? [] : [at(point)];
  // In the upper corners of the cell, beside its number.
  return {
    kind: "marks",
    name,
    symbol,
    color,
    x: places.map(([x]) => x + shift),
    y: places.map(([, y]) => y + 0.3),
    hover: point === null ? [] : [`${name}: ${formatPoint(point)}`],
  };
}

function finding(data: HeatMaps): string {
  const { selectedByMean: best, selectedByOneStandardError: strong } = data;
  if (best === null && strong === null) return "No point can be selected yet";
  const parts: string[] = [];
  if (best) parts.push(`Lowest validation loss at ${formatPoint(best)}`);
  if (strong && canonicalJson(strong) !== canonicalJson(best)) {
    parts.push(`one standard error allows ${formatPoint(strong)}`);
  } else if (strong) parts.push("one standard error selects the same");
  return capitalize(parts.join("; "));
}

function describe(data: HeatMaps): string {
  const rows = data.quantities.map((quantity) => {
    const words = quantityWords[quantity];
    const cells = data.cells.filter(({ complete, estimates }) => complete && estimates)
      .map((cell) =>
        `${formatSetting(cell.x)}, ${formatSetting(cell.y)}: ${
          words.show(cell.estimates![quantity].mean)
        }`
      );
    return `${words.name} (${formatAxis(data.x)}, ${formatAxis(data.y)}): ${
      cells.join("; ") || "no point has all its runs"
    }`;
  });
  return `Heat maps over ${formatAxis(data.x)} and ${formatAxis(data.y)} ${viewWords[data.view]}. ${
    rows.join(". ")
  }.`;
}

/**
 * Draws heat maps over two axes of the space, one panel a quantity: validation loss, generalization
 * gap and share of exact zeros by default. The point with the lowest mean, the point that one
 * standard error selects and the band it selects from are marked.
 *
 * @param study A study, or its records.
 * @param options.x Horizontal axis; the first of the space.
 * @param options.y Vertical axis; the second.
 * @param options.view At the last step, or at each point's best step.
 * @param options.quantities What to draw.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If the study has fewer than two axes.
 */
export function plotHeatMaps(study: StudyRecords, options: HeatMapOptions = {}): Figure {
  return figureOf(heatMapsChart(heatMaps(study, options)));
}
