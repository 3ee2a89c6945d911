import { formatAxis, formatNumber, formatSetting, formatShare } from "../statistics/format.ts";
import { type SettingAxis, settingAxis, valueRange } from "./axes.ts";
import type { Chart, Layer, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { capitalize } from "./quantity_words.ts";
import { categoricalColors, orderedColors, theme } from "./theme.ts";
import {
  type PathOptions,
  type RegularizationPath,
  regularizationPath,
  type WeightsAtStrength,
} from "./weights_along_path.ts";

/** Draws weights, zeros and group norms side by side against the strength. */
export function regularizationPathChart(data: RegularizationPath): Chart {
  const axis = settingAxis(data.axis, data.strengths, { unit: data.meaning ?? "" });
  // A path has many strengths, whose labels would hide each other.
  const every = Math.ceil(axis.axis.ticks!.length / 6);
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
  const asShare = (value: number) => `${formatNumber(value, 1)} %`;
  const zeros = [
    ...course(
      data,
      x,
      "|w| < 0.001",
      categoricalColors[1],
      percent(data.nearZeroShares),
      asShare,
      { width: 2, legend: true },
    ),
    ...course(
      data,
      x,
      "exactly 0",
      categoricalColors[0],
      percent(data.exactZeroShares),
      asShare,
      { width: 2, legend: true },
    ),
  ];
  if (data.groups !== "tensor") {
    const shares = percent(data.zeroGroupShares);
    zeros.push(
      ...course(data, x, `${data.groups}s exactly 0`, categoricalColors[2], shares, asShare, {
        width: 2,
        legend: true,
      }),
    );
  }
  const groupColors = orderedColors(data.groupNorms.length);
  const norms = data.groupNorms.flatMap(({ name, values }, index) =>
    data.groups === "tensor"
      ? course(
        data,
        x,
        name,
        categoricalColors[(index + 2) % categoricalColors.length],
        values,
        formatNumber,
        { width: 2, legend: data.groupNorms.length > 1 },
      )
      : course(data, x, name, groupColors[index], values, formatNumber, {
        width: 1.2,
        legend: false,
      })
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
      `${normsInWords(data)}.` +
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

function normsInWords({ groups, groupCount, groupNorms }: RegularizationPath): string {
  if (groups === "tensor") return "each parameter";
  return groupNorms.length < groupCount
    ? `the ${groupNorms.length} of ${groupCount} ${groups}s that become largest`
    : `each of ${groupCount} ${groups}s`;
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

function describe(data: RegularizationPath): string {
  const { axis, strengths, exactZeroShares, groupNorms, groups, zeroGroupShares } = data;
  const zeros = strengths.map((strength, at) =>
    `${formatShare(exactZeroShares[at])} at ${formatSetting(strength)}`
  );
  const norms = groupNorms.map(({ name, values }) =>
    `${name} from ${formatNumber(values[0])} to ${formatNumber(values.at(-1)!)}`
  );
  return `Regularization path over ${formatAxis(axis)}. Weights exactly 0: ${zeros.join(", ")}. ` +
    (groups === "tensor"
      ? ""
      : `${capitalize(groups)}s exactly 0: ${
        strengths.map((strength, at) =>
          `${formatShare(zeroGroupShares[at])} at ${formatSetting(strength)}`
        ).join(", ")
      }. `) +
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
 * @param options.meaning Which penalty it is the strength of, such as `proximal L1`.
 * @param options.parameters Names of the parameters to look at; all when left out.
 * @param options.lines How many single weights, and rows or columns, are drawn.
 * @param options.groups Whose norms are drawn: `tensor`, `row` or `column`.
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
