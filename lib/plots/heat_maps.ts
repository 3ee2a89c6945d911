import { checkOneOf, show } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOptions, oneOf, option, orAbsent, orNull } from "../core/options.ts";
import type { AxisRole } from "../records/study_record.ts";
import { axesOfStudy } from "../statistics/axis_roles.ts";
import { axisMeaning } from "../statistics/axis_meaning.ts";
import type { Estimate } from "../statistics/estimate.ts";
import { formatAxis, formatPoint } from "../statistics/format.ts";
import { view as viewOption } from "../statistics/options.ts";
import { ruleOfStudy, select } from "../statistics/select.ts";
import { type LossUnit, lossUnit } from "../statistics/study_loss.ts";
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
import { growsByFactors } from "./_axis_words.ts";
import { capitalize, placeInTraining, quantityWords } from "./quantity_words.ts";
import { type Setting, settingKey, settingLabel, without } from "./settings.ts";
import { markColors } from "./theme.ts";

/** Quantities over two axes, with what was selected. */
export interface HeatMaps {
  readonly x: string;
  readonly y: string;
  /** What the axes set, in words. */
  readonly meanings: { readonly x: string | null; readonly y: string | null };
  readonly roles: { readonly x: AxisRole; readonly y: AxisRole };
  /** That of the study's losses; nats per token when left out. */
  readonly unit?: LossUnit;
  readonly view: View;
  /** Where in training points are looked at, in words. */
  readonly where: string;
  readonly quantities: readonly Quantity[];
  /** Values of the axes that are not drawn. */
  readonly fixed: JsonObject;
  readonly cells: readonly {
    readonly x: Setting;
    readonly y: Setting;
    readonly point: JsonObject;
    readonly estimates: { readonly [quantity in Quantity]: Estimate } | null;
    readonly complete: boolean;
    readonly learned: boolean;
    readonly inBand: boolean;
  }[];
  /** The selected points; null where none is, or where it lies on no cell. */
  readonly selectedByMean: JsonObject | null;
  readonly selectedByOneStandardError: JsonObject | null;
  /** The point with the lowest mean, wherever it lies. */
  readonly lowest: JsonObject | null;
}

/** Options of {@link plotHeatMaps}. */
export interface HeatMapOptions {
  /** Horizontal axis; the first of the two over which most points lie. */
  readonly x?: string;
  /** Vertical axis; the second. */
  readonly y?: string;
  /**
   * At the last step, or at each point's best step.
   *
   * @default {"lastStep"}
   */
  readonly view?: View;
  /** What to draw, one panel each; loss and gap, and zeros where their share differs, when left out. */
  readonly quantities?: readonly Quantity[];
}

/** Two axes, and the values of the others at which most points lie over them. */
export interface Plane {
  readonly x: string;
  readonly y: string;
  readonly fixed: JsonObject;
  readonly points: readonly JsonObject[];
}

/**
 * The planes of a space: first those through a point in which points differ on both axes, then any other;
 * of these the one with the most points first.
 *
 * @param through A point.
 * @param asked Axes that are asked for.
 */
export function planesOf(
  points: readonly JsonObject[],
  through: JsonObject,
  asked: { readonly x?: string; readonly y?: string } = {},
): Plane[] {
  const axes = [...new Set(points.flatMap((point) => Object.keys(point)))];
  const ordered = (name: string | undefined) => name === undefined ? axes : [name];
  const pairs = ordered(asked.x).flatMap((x) =>
    ordered(asked.y).filter((y) =>
      y !== x &&
      (asked.x !== undefined || asked.y !== undefined || axes.indexOf(y) > axes.indexOf(x))
    ).map((y) => [x, y] as const)
  );
  const planes = pairs.flatMap(([x, y]) => {
    const keyOf = (point: JsonObject) => canonicalJson(without(point, [x, y]));
    const count = (own: readonly JsonObject[], axis: string) =>
      new Set(own.map((point) => settingKey(point[axis]))).size;
    return [...Map.groupBy(points, keyOf)].map(([key, own]) => ({
      plane: { x, y, fixed: without(own[0], [x, y]), points: own },
      rank: Math.min(count(own, x), count(own, y)) < 2 ? 2 : key === keyOf(through) ? 0 : 1,
    }));
  });
  return planes.sort((a, b) => a.rank - b.rank || b.plane.points.length - a.plane.points.length)
    .map(({ plane }) => plane);
}

/**
 * Reads quantities over two axes of the space; other axes are fixed at the values of the point that one
 * standard error selects, as far as points there differ on both axes.
 *
 * @throws {RangeError} If the study has fewer than two axes, or not the ones asked for.
 */
export function heatMaps(source: StudyRecords, options: HeatMapOptions = {}): HeatMaps {
  const axes = axesOf(source);
  if (axes.length < 2) {
    throw new RangeError(
      `plotHeatMaps: a study must have two axes, found ${axes.map(show).join(", ")} in study ` +
        `${show(source.record.name)}; plotGeneralizationGap draws one.`,
    );
  }
  const { view, quantities } = checkOptions("plotHeatMaps", options, {
    x: orAbsent(oneOf(axes)),
    y: orAbsent(oneOf(axes.filter((axis) => axis !== options.x))),
    view: viewOption,
    quantities: orNull(option((name, given) =>
      [...given as Quantity[]].map(
        (each) => checkOneOf(name, each, allQuantities),
      )
    )),
  });
  const { record } = source;
  const summaries = summarizeTrials(record, source.records);
  const byMean = select(summaries, { ...ruleOfStudy(record), kind: "mean" }, view);
  const byError = select(summaries, { ...ruleOfStudy(record), kind: "oneStandardError" }, view);
  const anchor = byError.selected?.point ?? record.baseline ?? record.space.points[0];
  const [{ x, y, fixed, points }] = planesOf(record.space.points, anchor, options);
  const keys = new Set(points.map((point) => canonicalJson(point)));
  const inPlane = (summary: PointSummary | null) =>
    summary !== null && keys.has(summary.key) ? summary.point : null;
  const cells = summaries.filter(({ key }) => keys.has(key)).map((summary) => ({
    x: summary.point[x],
    y: summary.point[y],
    point: summary.point,
    estimates: summary[view]?.estimates ?? null,
    complete: summary.complete,
    learned: summary[view]?.learned ?? false,
    inBand: byError.band.includes(summary),
  }));
  const roles = new Map(axesOfStudy(record).map(({ name, role }) => [name, role]));
  return {
    x,
    y,
    meanings: { x: axisMeaning(record, x), y: axisMeaning(record, y) },
    roles: { x: roles.get(x)!, y: roles.get(y)! },
    unit: lossUnit(record),
    view,
    where: placeInTraining(record, view),
    quantities: quantities ?? defaultQuantities(cells),
    fixed,
    cells,
    selectedByMean: inPlane(byMean.selected),
    selectedByOneStandardError: inPlane(byError.selected),
    lowest: byMean.selected?.point ?? null,
  };
}

/** Loss and gap, and zeros where their share differs. */
function defaultQuantities(cells: HeatMaps["cells"]): Quantity[] {
  const shares = new Set(cells.flatMap(({ estimates }) => estimates?.exactZeroShare.mean ?? []));
  return [
    "validationLoss",
    "generalizationGap",
    ...(shares.size > 1 ? ["exactZeroShare" as const] : []),
  ];
}

/** Draws heat maps side by side. */
export function heatMapsChart(data: HeatMaps): Chart {
  const axisOf = (place: "x" | "y") =>
    cellAxis(data[place], data.cells.map((cell) => cell[place]), {
      unit: data.meanings[place] ?? "",
      byFactors: growsByFactors(data.roles[place]),
    });
  const [x, y] = [axisOf("x"), axisOf("y")];
  const at = (point: JsonObject) =>
    [x.position(point[data.x])!, y.position(point[data.y])!] as const;
  const marks: Layer[] = [
    {
      kind: "frames",
      name: "within one standard error of the best",
      color: markColors.band,
      cells: data.cells.filter(({ inBand }) => inBand)
        .map(({ point }) => at(point)),
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
  const placeOf = (column: Setting, row: Setting) => `${settingKey(column)} ${settingKey(row)}`;
  const cells = new Map(data.cells.map((cell) => [placeOf(cell.x, cell.y), cell]));
  const grid = <T>(value: (cell: HeatMaps["cells"][number] | undefined) => T) =>
    y.values.map((row) => x.values.map((column) => value(cells.get(placeOf(column, row)))));
  const panels = data.quantities.map((quantity): Panel => {
    const words = quantityWords(quantity, data.unit);
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
            return estimate ? words.short(estimate.mean) : cell === undefined ? "" : "–";
          }),
          hover: grid((cell) => {
            if (cell === undefined) return "not in the study";
            const estimate = usable(cell);
            const name = formatPoint(cell.point);
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
    subtitle: `${capitalize(data.where)}${fixed}; means over folds, dark is high. A dash ` +
      `is a point whose runs have not all completed.` +
      (data.cells.length < x.values.length * y.values.length
        ? " Empty: no such point in the study."
        : "") +
      [[data.x, x] as const, [data.y, y] as const].map(([name, { values }]) =>
        values.includes(undefined) ? ` Not set: the points that have no ${formatAxis(name)}.` : ""
      ).join(""),
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
  if (best === null && strong === null) {
    return data.lowest === null
      ? "No point can be selected yet"
      : `Lowest validation loss at ${formatPoint(data.lowest)}, which is not on this map`;
  }
  const parts: string[] = [];
  if (best) parts.push(`Lowest validation loss at ${formatPoint(best)}`);
  if (strong && canonicalJson(strong) !== canonicalJson(best)) {
    parts.push(`one standard error allows ${formatPoint(strong)}`);
  } else if (strong) parts.push("one standard error selects the same");
  return capitalize(parts.join("; "));
}

function describe(data: HeatMaps): string {
  const rows = data.quantities.map((quantity) => {
    const words = quantityWords(quantity, data.unit);
    const cells = data.cells.filter(({ complete, estimates }) => complete && estimates)
      .map((cell) =>
        `${settingLabel(cell.x)}, ${settingLabel(cell.y)}: ${
          words.show(cell.estimates![quantity].mean)
        }`
      );
    return `${words.name} (${formatAxis(data.x)}, ${formatAxis(data.y)}): ${
      cells.join("; ") || "no point has all its runs"
    }`;
  });
  return `Heat maps over ${formatAxis(data.x)} and ${formatAxis(data.y)} ${data.where}. ${
    rows.join(". ")
  }.`;
}

/**
 * Draws heat maps over two axes of the space, one panel a quantity: validation loss, generalization
 * gap and, where it differs, share of exact zeros by default. The point with the lowest mean, the point that one
 * standard error selects and the band it selects from are marked.
 *
 * @param study A study, or its records.
 * @param options See {@link HeatMapOptions}.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If the study has fewer than two axes.
 */
export function plotHeatMaps(study: StudyRecords, options: HeatMapOptions = {}): Figure {
  return figureOf(heatMapsChart(heatMaps(study, options)));
}
