import {
  counted,
  formatPValue,
  formatSigned,
  listInWords,
  wrapWords,
} from "../statistics/format.ts";
import type {
  LinearContrastResult,
  LinearContrastResults,
} from "../statistics/linear_contrasts.ts";
import { mean } from "../statistics/estimate.ts";
import { significanceLevel, verdictOn } from "../statistics/verdict.ts";
import { valueRange } from "./axes.ts";
import type { Axis, Chart, Layer, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { quantityWords, viewWords } from "./quantity_words.ts";
import { regionEnds, regionLayers, regionNote } from "./_region.ts";
import { categoricalColors, theme } from "./theme.ts";

/** Draws contrasts with the values of their folds and their intervals, a panel for each group. */
export function contrastsChart(all: readonly LinearContrastResults[]): Chart {
  const count = all.reduce((sum, { contrasts }) => sum + contrasts.length, 0);
  const width = Math.min(1080, Math.max(760, 120 + 100 * count));
  const groups = all.map(groupsOf);
  const panelWidth = (width - 66 * (groups.flat().length + 1)) / groups.flat().length;
  const panels = all.flatMap((data, at) => panelsOf(data, groups[at], panelWidth, at === 0));
  const what = listInWords(all.map(differencesOf));
  const sizes = new Set(
    all.map(({ contrasts, family }) =>
      family === contrasts.length
        ? `all ${family}`
        : family > contrasts.length
        ? String(family)
        : `the ${family} of ${contrasts.length} that have a test or were pruned`
    ),
  );
  const family = `${listInWords([...sizes])}${all.length === 1 ? "" : " of each quantity"}`;
  return {
    title: all.map(finding).join("; ").replaceAll("; Of", "; of"),
    subtitle: `Differences of ${what}; below 0 is lower. Dots are folds, ` +
      `seeds averaged; bars are 95 % intervals of the corrected resampled t-test, filled where p after ` +
      `Holm over ${family} is below ${significanceLevel}.${
        regionNote(all.find(({ region }) => region)?.region)
      }`,
    alt: all.map((data) =>
      `Intervals of ${counted(data.contrasts.length, "contrast")} of ${differencesOf(data)}. ${
        data.contrasts.map(describe).join("; ")
      }.`
    ).join(" "),
    panels,
    width,
    height: 430,
    legend: "bottom",
  };
}

function groupsOf({ contrasts }: LinearContrastResults): string[] {
  return [...new Set(contrasts.map(({ group }) => group))];
}

function differencesOf({ quantity, view }: LinearContrastResults): string {
  return `the ${quantityWords(quantity).name} ${viewWords[view]}`;
}

/** Panels of contrasts that were asked together, which share an axis. */
function panelsOf(
  { contrasts, quantity, unit: own, region }: LinearContrastResults,
  groups: readonly string[],
  width: number,
  legend: boolean,
): Panel[] {
  const range = valueRange([
    ...regionEnds(region),
    ...contrasts.flatMap(({ folds, test }) => [
      0,
      ...folds.map(({ value }) => value),
      ...(test?.interval ?? []),
    ]),
  ]);
  const { unit } = quantityWords(quantity, own);
  const title = `difference${unit === "" ? "" : ` (${unit.trim()})`}`;
  return groups.map((group, index) => {
    const own = contrasts.filter((each) => each.group === group);
    return {
      ...(group === "" ? {} : { title: group }),
      x: nameAxis(own, width / own.length),
      y: { title: index === 0 ? title : "", range },
      layers: [
        ...regionLayers(region, [-0.5, own.length - 0.5]),
        { kind: "rule", y: 0, label: "", color: theme.axis },
        ...own.flatMap((contrast, at) =>
          differenceLayers(contrast, at, {
            filled: isBeyondNoise(contrast),
            legend: legend && index === 0 && at === 0,
          })
        ),
      ],
    };
  });
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
    hover: folds.map(({ fold, value }) => `${name}, fold ${fold}: ${formatSigned(value)}`),
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
    hover: [`${name}: mean ${formatSigned(centre)}`],
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
      // A setting is not broken.
      label: wrapWords(
        name.replaceAll(" = ", "\u00a0=\u00a0"),
        (line) => 6.5 * line.length <= width - 6,
      ).join("\n").replaceAll("\u00a0", " "),
    })),
  };
}

function isBeyondNoise({ adjustedPValue }: Pick<LinearContrastResult, "adjustedPValue">): boolean {
  return adjustedPValue !== null && adjustedPValue < significanceLevel;
}

function finding({ contrasts, quantity }: LinearContrastResults): string {
  const { name: what } = quantityWords(quantity);
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
  const equivalent = verdictOn(contrast) === "equivalent" ? ", equivalent" : "";
  const start = titleOf(contrast);
  if (test === null) return `${start}: not tested, runs are missing`;
  if (test.interval === null) return `${start}: ${formatSigned(test.mean)}, no interval`;
  return `${start}: ${formatSigned(test.mean)}, ${formatSigned(test.interval[0])} to ${
    formatSigned(test.interval[1])
  }, p after Holm ${formatPValue(adjustedPValue)}${equivalent}`;
}

/**
 * Draws what `linearContrasts` found: for each contrast the value of every fold, its mean, and the
 * interval of the corrected resampled t-test.
 *
 * @param results What `linearContrasts` returned, or several of these side by side.
 * @returns A figure that a notebook shows, with a panel for each group of contrasts.
 */
export function plotLinearContrasts(
  results: LinearContrastResults | readonly LinearContrastResults[],
): Figure {
  return figureOf(contrastsChart("contrasts" in results ? [results] : results));
}
