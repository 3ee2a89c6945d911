import {
  type BestStrength,
  type BestStrengthLaw,
  bestStrengthLaw,
  type BestStrengthOptions,
} from "../statistics/best_strength_law.ts";
import { describeBestStrength } from "../statistics/describe_strength.ts";
import { endsInWords } from "../statistics/describe_worth.ts";
import { counted, formatAxis, formatNumber, formatSetting } from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { placeInTraining } from "./quantity_words.ts";
import type { Axis, Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors, theme } from "./theme.ts";

/** Draws the best strength at each value of an axis, both on logarithmic scales, and the law through them. */
export function bestStrengthChart(found: BestStrengthLaw, where: string): Chart {
  const { best, axis, strengthAxis, law } = found;
  const usable = best.filter(({ state }) => state === "found");
  const [along, name] = [formatAxis(axis), formatAxis(strengthAxis)];
  const ends = usable.flatMap(({ strength, interval }) => [
    strength!,
    ...(interval ?? []).filter((end) => end > 0 && end < Infinity),
  ]);
  const y = logAxis(`best ${name}`, ends);
  const x = logAxis(along, best.map(({ at }) => at), best.map(({ at }) => at));
  const places = usable.map(({ at }) => Math.log10(at));
  const color = categoricalColors[0];
  const lawLayer: Layer[] = law === null ? [] : [{
    kind: "line",
    name: `${along}^${formatNumber(law.exponent)}`,
    color: theme.muted,
    width: 1.5,
    x: [places[0], places.at(-1)!],
    y: [places[0], places.at(-1)!].map((place) => Math.log10(law.scale) + law.exponent * place),
    legend: true,
  }];
  return {
    title: titleOf(found),
    subtitle:
      `Lowest point of the parabola in log ${name} through the lowest mean and its neighbours, ${where}, ` +
      `over ${counted(found.folds, "fold")}; bars are ${
        Number((100 * found.confidence).toPrecision(4))
      } % intervals, cut at the border where they have no end.`,
    alt: `Best ${name} against ${along}. ${describeBestStrength(found).join(" ")}`,
    panels: [{
      x,
      y,
      layers: [
        ...lawLayer,
        ...usable.flatMap((each) => barOf(each, y.range, color)),
        {
          kind: "line",
          name: `best ${name}`,
          color,
          x: places,
          y: usable.map(({ strength }) => Math.log10(strength!)),
          joined: false,
          marks: true,
          hover: usable.map(({ at, strength, interval }) =>
            `${along} = ${formatSetting(at)}: ${formatSetting(strength!)}${
              interval === null ? "" : `, ${endsInWords(interval, 3)}`
            }`
          ),
          legend: true,
        },
      ],
    }],
    width: 760,
    height: 430,
    legend: "bottom",
  };
}

function barOf(
  { at, interval }: BestStrength,
  [low, high]: readonly [number, number],
  color: string,
): Layer[] {
  if (interval === null) return [];
  const cut = (end: number) => Math.min(high, Math.max(low, Math.log10(end)));
  const x = Math.log10(at);
  return [{
    kind: "line",
    name: "interval",
    color,
    width: 1.5,
    x: [x, x],
    y: interval.map(cut),
    legend: false,
  }];
}

/** A logarithmic axis around some values above 0, with ticks at given values or at round ones. */
export function logAxis(
  title: string,
  values: readonly number[],
  ticks?: readonly number[],
): Axis {
  if (values.length === 0) return { title, range: [0, 1] };
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.log10);
  const margin = 0.08 * (high - low) || 0.3;
  const range: [number, number] = [low - margin, high + margin];
  const powers = Array.from(
    { length: Math.ceil(range[1]) - Math.floor(range[0]) + 1 },
    (_, index) => Math.floor(range[0]) + index,
  );
  const mantissas = high - low > 3 ? [1] : high - low > 1.5 ? [1, 3] : [1, 2, 5];
  const round = powers.flatMap((power) => mantissas.map((each) => Number(`${each}e${power}`)));
  return {
    title,
    range,
    ticks: (ticks ?? round).map((value) => ({
      position: Math.log10(value),
      label: formatSetting(value),
    })).filter(({ position }) => position >= low - margin / 2 && position <= high + margin / 2),
  };
}

function titleOf(
  { axis, strengthAxis, law, exponentInterval, confidence }: BestStrengthLaw,
): string {
  const [along, name] = [formatAxis(axis), formatAxis(strengthAxis)];
  if (law === null) return `The best ${name} is not known at two values of ${along}`;
  const interval = exponentInterval === null
    ? ""
    : ` (${Number((100 * confidence).toPrecision(4))} % interval ${
      exponentInterval.map((each) => formatNumber(each)).join(" to ")
    })`;
  return `The best ${name} goes as ${along}^${formatNumber(law.exponent)}${interval}`;
}

/**
 * Draws how the best strength of a remedy moves along an axis, with the power law through it.
 *
 * @param study A study, or its records.
 * @param options As of `bestStrengthLaw`.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} As `bestStrengthLaw`.
 *
 * @example
 * ```ts
 * import { plotBestStrength } from "./best_strength.ts";
 * import { textStudy } from "../statistics/testing/text_study.ts";
 * import assert from "node:assert/strict";
 * const study = textStudy({ strengths: [0.03, 0.1, 0.3, 1, 3], best: { scale: 10, exponent: -0.4 } });
 * assert.match(
 *   plotBestStrength(study, { axis: "tokens" }).chart.title,
 *   /^The best α goes as tokens\^−0\.\d{3}/,
 * );
 * ```
 */
export function plotBestStrength(study: StudyRecords, options: BestStrengthOptions): Figure {
  const found = bestStrengthLaw(study, options);
  return figureOf(bestStrengthChart(found, placeInTraining(study.record, found.view)));
}
