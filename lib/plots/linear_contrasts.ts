import { counted, formatNumber, formatPValue, wrapWords } from "../statistics/format.ts";
import type {
  LinearContrastResult,
  LinearContrastResults,
} from "../statistics/linear_contrasts.ts";
import { mean } from "../statistics/estimate.ts";
import { significanceLevel } from "../statistics/findings.ts";
import { valueRange } from "./axes.ts";
import type { Axis, Chart, Layer, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { quantityWords, viewWords } from "./quantity_words.ts";
import { categoricalColors, theme } from "./theme.ts";

/** Draws contrasts with the values of their folds and their intervals, a panel for each group. */
export function contrastsChart(data: LinearContrastResults): Chart {
  const words = quantityWords[data.quantity];
  const groups = [...new Set(data.contrasts.map(({ group }) => group))];
  const ends = data.contrasts.flatMap(({ folds, test }) => [
    0,
    ...folds.map(({ value }) => value),
    ...(test?.interval ?? []),
  ]);
  const range = valueRange(ends);
  const title = `difference${words.unit === "" ? "" : ` (${words.unit.trim()})`}`;
  const width = Math.min(1080, Math.max(760, 120 + 100 * data.contrasts.length));
  const panels = groups.map((group, index): Panel => {
    const own = data.contrasts.filter((each) => each.group === group);
    return {
      ...(group === "" ? {} : { title: group }),
      x: nameAxis(own, (width - 66 * (groups.length + 1)) / groups.length / own.length),
      // All panels share the axis.
      y: { title: index === 0 ? title : "", range },
      layers: [
        { kind: "rule", y: 0, label: "", color: theme.axis },
        ...own.flatMap((contrast, at) =>
          differenceLayers(contrast, at, {
            filled: isBeyondNoise(contrast),
            legend: index === 0 && at === 0,
          })
        ),
      ],
    };
  });
  return {
    title: finding(data),
    subtitle:
      `Differences of the ${words.name} ${
        viewWords[data.view]
      }; below 0 is lower. Dots are folds, ` +
      `seeds averaged; bars are 95 % intervals of the corrected resampled t-test, filled where p after ` +
      `Holm over all ${data.contrasts.length} is below ${significanceLevel}.`,
    alt: `Intervals of ${counted(data.contrasts.length, "contrast")} of the ${words.name} ` +
      `${viewWords[data.view]}. ${data.contrasts.map((each) => describe(each)).join("; ")}.`,
    panels,
    width,
    height: 430,
    legend: "bottom",
  };
}

/** A difference with what it is called. */
export type NamedDifference = Pick<LinearContrastResult, "name" | "folds" | "test">;

/**
 * A difference at a place of the axis: a dot for each fold, and its mean with the interval.
 *
 * @param options.filled Whether the mean is a full dot: the difference is beyond noise.
 * @param options.legend Whether the legend names it.
 */
export function differenceLayers(
  { name, folds, test }: NamedDifference,
  x: number,
  { filled, legend }: { readonly filled: boolean; readonly legend: boolean },
): Layer[] {
  const half = test?.interval ? test.interval[1] - test.mean : null;
  const dots: Layer = {
    kind: "marks",
    name: "fold",
    symbol: "dot",
    color: theme.muted,
    x: folds.map((_, index) => x - 0.16 + 0.05 * (index - (folds.length - 1) / 2)),
    y: folds.map(({ value }) => value),
    hover: folds.map(({ fold, value }) => `${name}, fold ${fold}: ${signed(value)}`),
  };
  if (folds.length === 0) return [dots];
  const centre = mean(folds.map(({ value }) => value));
  const summary: Layer = {
    kind: "line",
    name: "mean and 95 % interval",
    color: categoricalColors[0],
    x: [x + 0.14],
    y: [centre],
    errors: [half],
    marks: true,
    hollow: [!filled],
    hover: [`${name}: mean ${signed(centre)}`],
    legend,
  };
  return [dots, summary];
}

/** Names side by side, on as many lines as they need. */
export function nameAxis(contrasts: readonly NamedDifference[], width: number): Axis {
  return {
    title: "",
    range: [-0.5, contrasts.length - 0.5],
    ticks: contrasts.map(({ name }, position) => ({
      position,
      label: wrapWords(name, (line) => 6.5 * line.length <= width - 6).join("\n"),
    })),
  };
}

function isBeyondNoise({ adjustedPValue }: Pick<LinearContrastResult, "adjustedPValue">): boolean {
  return adjustedPValue !== null && adjustedPValue < significanceLevel;
}

function finding({ contrasts, quantity }: LinearContrastResults): string {
  const { name: what } = quantityWords[quantity];
  const tested = contrasts.filter(({ test }) => test?.pValue != null);
  if (tested.length === 0) return `No contrast of the ${what} can be tested`;
  const beyond = tested.filter(isBeyondNoise);
  const below = beyond.filter(({ test }) => test!.mean < 0).length;
  const above = beyond.length - below;
  const verb = (count: number) => count === 1 ? "lies" : "lie";
  const verdict = beyond.length === 0
    ? "none lies beyond noise"
    : below === 0
    ? `${above} ${verb(above)} above 0 beyond noise`
    : `${below} ${verb(below)} below 0 beyond noise${above === 0 ? "" : ` and ${above} above`}`;
  return `Of ${counted(tested.length, "difference")} of the ${what}, ${verdict}`;
}

function titleOf({ name, group }: LinearContrastResult): string {
  return group === "" ? name : `${group}, ${name}`;
}

function describe(contrast: LinearContrastResult): string {
  const { test, adjustedPValue } = contrast;
  const start = titleOf(contrast);
  if (test === null) return `${start}: not tested, runs are missing`;
  if (test.interval === null) return `${start}: ${signed(test.mean)}, no interval`;
  return `${start}: ${signed(test.mean)}, ${signed(test.interval[0])} to ${
    signed(test.interval[1])
  }, p after Holm ${formatPValue(adjustedPValue)}`;
}

function signed(value: number): string {
  return value > 0 ? `+${formatNumber(value)}` : formatNumber(value);
}

/**
 * Draws what `linearContrasts` found: for each contrast the value of every fold, its mean, and the
 * interval of the corrected resampled t-test.
 *
 * @param results What `linearContrasts` returned.
 * @returns A figure that a notebook shows, with a panel for each group of contrasts.
 */
export function plotLinearContrasts(results: LinearContrastResults): Figure {
  return figureOf(contrastsChart(results));
}
