import { checkInteger, checkKeys, show } from "../core/check.ts";
import { formatAxis, formatNumber, formatSetting, formatShare } from "../statistics/format.ts";
import { type SettingAxis, settingAxis, valueRange } from "./axes.ts";
import type { Chart, Layer, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors, orderedColors, theme } from "./theme.ts";
import type { NamedWeights } from "./weight_histogram.ts";

/** The weights that one strength of a penalty gave. */
export interface WeightsAtStrength {
  /** The penalty's strength, from 0. */
  readonly strength: number;
  /** Weights by parameter name, as a trained model gives them, or one list. */
  readonly weights: NamedWeights["weights"];
}

/** Options of {@link plotRegularizationPath}. */
export interface PathOptions {
  /** Name of the strength's axis; `lambda`, shown as λ. */
  readonly axis?: string;
  /** Names of the parameters to look at; all when left out. */
  readonly parameters?: readonly string[];
  /** How many single weights are drawn: those that become largest; 40. */
  readonly lines?: number;
}

/** What becomes of weights as a penalty grows. */
export interface RegularizationPath {
  readonly axis: string;
  /** Ascending. */
  readonly strengths: readonly number[];
  /** Weights of all, and how many of them are drawn. */
  readonly count: number;
  /** The weights that become largest, each at every strength; the largest first. */
  readonly weights: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** Share of weights that are exactly 0 at each strength. */
  readonly exactZeroShares: readonly number[];
  /** Share of weights with |w| < 0.001 at each strength. */
  readonly nearZeroShares: readonly number[];
  /** √Σw² of each parameter at each strength. */
  readonly groupNorms: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** Follows weights over the strengths of a penalty. */
export function regularizationPath(
  path: readonly WeightsAtStrength[],
  options: PathOptions = {},
): RegularizationPath {
  checkKeys("plotRegularizationPath", options, ["axis", "parameters", "lines"]);
  const lines = checkInteger("plotRegularizationPath: lines", options.lines ?? 40, {
    from: 1,
    to: 500,
  });
  if (path.length === 0) throw new RangeError("plotRegularizationPath: path must not be empty.");
  const sorted = [...path].sort((a, b) => a.strength - b.strength)
    .map(({ strength, weights }) => ({ strength, groups: groupsOf(weights, options) }));
  const [first] = sorted;
  const shape = (groups: Groups) => groups.map(({ name, values }) => `${name} ${values.length}`);
  for (const { strength, groups } of sorted) {
    if (shape(groups).join() !== shape(first.groups).join()) {
      throw new RangeError(
        `plotRegularizationPath: all strengths must have the same weights; at ` +
          `${show(first.strength)} they are ${shape(first.groups).join(", ")}, found ` +
          `${shape(groups).join(", ")} at ${show(strength)}.`,
      );
    }
  }
  const sizes = first.groups.flatMap(({ name, values }, group) =>
    Array.from(values, (_, index) => ({
      name: values.length === 1 ? name : `${name}[${index}]`,
      group,
      index,
      largest: Math.max(
        ...sorted.map(({ groups }) => Math.abs(groups[group].values[index] as number)),
      ),
    }))
  );
  const strange = sizes.find(({ largest }) => !Number.isFinite(largest));
  if (sizes.length === 0 || strange) {
    throw new RangeError(
      `plotRegularizationPath: weights must be ${strange ? "finite" : "at least one"}.`,
    );
  }
  const share = (counts: (value: number) => boolean) =>
    sorted.map(({ groups }) => {
      let count = 0;
      for (const { values } of groups) {
        for (const value of Array.from(values)) if (counts(value)) count++;
      }
      return count / sizes.length;
    });
  return {
    axis: options.axis ?? "lambda",
    strengths: sorted.map(({ strength }) => strength),
    count: sizes.length,
    weights: sizes.toSorted((a, b) => b.largest - a.largest).slice(0, lines)
      .map(({ name, group, index }) => ({
        name,
        values: sorted.map(({ groups }) => groups[group].values[index]),
      })),
    exactZeroShares: share((value) => value === 0),
    nearZeroShares: share((value) => Math.abs(value) < 1e-3),
    groupNorms: first.groups.map(({ name }, group) => ({
      name,
      values: sorted.map(({ groups }) =>
        Math.sqrt(Array.from(groups[group].values).reduce((sum, value) => sum + value ** 2, 0))
      ),
    })),
  };
}

type Groups = readonly { readonly name: string; readonly values: ArrayLike<number> }[];

function groupsOf(weights: NamedWeights["weights"], { parameters }: PathOptions): Groups {
  if (!(weights instanceof Map)) return [{ name: "w", values: weights as ArrayLike<number> }];
  const names: readonly string[] = parameters ?? [...weights.keys()];
  return names.map((name) => {
    const found = weights.get(name);
    if (!found) {
      throw new RangeError(
        `plotRegularizationPath: parameters must be of ${[...weights.keys()].join(", ")}, found ` +
          `${show(name)}.`,
      );
    }
    return { name, values: found.values };
  });
}

/** Draws weights, zeros and group norms side by side against the strength. */
export function regularizationPathChart(data: RegularizationPath): Chart {
  const axis = settingAxis(data.axis, data.strengths);
  // A path has many strengths, whose labels would hide each other.
  const every = Math.ceil(data.strengths.length / 6);
  const shown = axis.zeroApart ? 1 : 0;
  const ticks = axis.axis.ticks!.filter((_, index) =>
    index < shown || (index - shown) % every === 0
  );
  const x = { ...axis, axis: { ...axis.axis, ticks } };
  const colors = orderedColors(data.weights.length);
  const weights = data.weights.flatMap(({ name, values }, index) =>
    course(data, x, name, colors[index], values, formatNumber, { width: 1.2, legend: false })
  );
  const percent = (shares: readonly number[]) => shares.map((share) => 100 * share);
  const zeros = [
    ...course(
      data,
      x,
      "|w| < 0.001",
      categoricalColors[1],
      percent(data.nearZeroShares),
      (v) => `${formatNumber(v, 1)} %`,
      { width: 2, legend: true },
    ),
    ...course(
      data,
      x,
      "exactly 0",
      categoricalColors[0],
      percent(data.exactZeroShares),
      (v) => `${formatNumber(v, 1)} %`,
      { width: 2, legend: true },
    ),
  ];
  const norms = data.groupNorms.flatMap(({ name, values }, index) =>
    course(
      data,
      x,
      name,
      categoricalColors[(index + 2) % categoricalColors.length],
      values,
      formatNumber,
      { width: 2, legend: data.groupNorms.length > 1 },
    )
  );
  const drawn = data.weights.length < data.count
    ? `the ${data.weights.length} of ${data.count} weights that become largest`
    : `all ${data.count} weights`;
  const panel = (
    title: string,
    unit: string,
    values: readonly number[],
    layers: Layer[],
  ): Panel => ({
    title,
    x: x.axis,
    y: { title: unit, range: valueRange(values, { fromZero: true }) },
    layers,
  });
  return {
    title: finding(data),
    subtitle:
      `Left: ${drawn}, the largest darkest. Middle: weights that are zero. Right: √Σw² of ` +
      `each parameter.` +
      (x.zeroApart ? ` ${formatAxis(data.axis)} = 0 stands apart from the logarithmic axis.` : ""),
    alt: describe(data),
    panels: [
      {
        ...panel("Weights", "weight", data.weights.flatMap(({ values }) => values), [
          { kind: "rule", y: 0, label: "", color: theme.axis },
          ...weights,
        ]),
      },
      {
        ...panel("Zeros", "% of weights", [0, 100], zeros),
      },
      panel("Norms", "√Σw²", [0, ...data.groupNorms.flatMap(({ values }) => values)], norms),
    ],
    width: 1080,
    height: 430,
    legend: "bottom",
  };
}

/** A line over the strengths; the step from 0 is dashed where 0 stands apart. */
function course(
  data: RegularizationPath,
  { position, zeroApart }: SettingAxis,
  name: string,
  color: string,
  values: readonly number[],
  words: (value: number) => string,
  style: { readonly width: number; readonly legend: boolean },
): Layer[] {
  const places = data.strengths.map((strength) => position(strength)!);
  const line = (from: number, to: number, dash: boolean, legend: boolean): Layer => ({
    kind: "line",
    name,
    color,
    x: places.slice(from, to),
    y: values.slice(from, to),
    width: style.width,
    dash,
    hover: data.strengths.slice(from, to).map((strength, at) =>
      `${name}, ${formatAxis(data.axis)} = ${formatSetting(strength)}: ${words(values[from + at])}`
    ),
    legend,
  });
  return zeroApart && places.length > 1
    ? [line(0, 2, true, false), line(1, places.length, false, style.legend)]
    : [line(0, places.length, false, style.legend)];
}

function finding({ axis, strengths, exactZeroShares, count }: RegularizationPath): string {
  const name = formatAxis(axis);
  const last = strengths.length - 1;
  const all = exactZeroShares.findIndex((share) => share === 1);
  if (all >= 0) {
    return `All ${count} weights are exactly 0 from ${name} = ${formatSetting(strengths[all])} on`;
  }
  if (exactZeroShares[last] === 0) return `No ${name} sets a weight exactly to 0`;
  return `${name} = ${formatSetting(strengths[last])} sets ${
    formatShare(exactZeroShares[last])
  } of ${count} weights exactly to 0`;
}

function describe({ axis, strengths, exactZeroShares, groupNorms }: RegularizationPath): string {
  const zeros = strengths.map((strength, at) =>
    `${formatShare(exactZeroShares[at])} at ${formatSetting(strength)}`
  );
  const norms = groupNorms.map(({ name, values }) =>
    `${name} from ${formatNumber(values[0])} to ${formatNumber(values.at(-1)!)}`
  );
  return `Regularization path over ${formatAxis(axis)}. Weights exactly 0: ${zeros.join(", ")}. ` +
    `Norms: ${norms.join(", ")}.`;
}

/**
 * Draws what becomes of weights as a penalty grows: single weights, the share of zeros, and the norm
 * √Σw² of each parameter, against the strength.
 *
 * @param path Weights at each strength, in any order: such as
 * `[0, 1e-4].map((strength) => ({ strength, weights: study.model({ point: { lambda: strength } }).weights() }))`,
 * or the fits of `linearRegressionPath`.
 * @param options.axis Name of the strength's axis.
 * @param options.parameters Names of the parameters to look at; all when left out.
 * @param options.lines How many single weights are drawn.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If there is no strength, the weights differ in shape, or one is not finite.
 *
 * @example
 * ```ts
 * import { plotRegularizationPath } from "./regularization_path.ts";
 * import assert from "node:assert/strict";
 * const figure = plotRegularizationPath([
 *   { strength: 0, weights: [2, -1] },
 *   { strength: 1, weights: [1, 0] },
 * ]);
 * assert.equal(figure.chart.title, "λ = 1 sets 50.0 % of 2 weights exactly to 0");
 * ```
 */
export function plotRegularizationPath(
  path: readonly WeightsAtStrength[],
  options: PathOptions = {},
): Figure {
  return figureOf(regularizationPathChart(regularizationPath(path, options)));
}
