import { checkOptions } from "../core/options.ts";
import { counted, formatShare } from "../statistics/format.ts";
import {
  type StudyDifference,
  studyDifferences,
  type StudyDifferencesOptions,
  studyDifferencesOptions,
} from "../statistics/study_differences.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { type DifferenceVariances, varianceSplit } from "../statistics/variance_split.ts";
import type { Chart, Layer, MarkSymbol } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { nameAxis } from "./linear_contrasts.ts";
import { categoricalColors } from "./theme.ts";

/** Of more differences so many are drawn, those that vary most over folds. */
const mostDrawn = 10;

const parts: readonly {
  readonly part: keyof DifferenceVariances;
  readonly name: string;
  readonly symbol: MarkSymbol;
  readonly color: string;
}[] = [
  { part: "fold", name: "between folds", symbol: "circle", color: categoricalColors[0] },
  { part: "rest", name: "single runs", symbol: "diamond", color: categoricalColors[1] },
  {
    part: "seed",
    name: "seeds, alike in all folds",
    symbol: "square",
    color: categoricalColors[3],
  },
];

/** What the variance of each difference is made of. */
export interface SplitDifference {
  readonly name: string;
  /** Shares of σ²_fold + σ²_seed + σ²_rest, which sum to 1. */
  readonly shares: DifferenceVariances;
}

/** The differences that a study asks for whose variance can be split, and how many were left out as too many. */
export interface SplitDifferences {
  readonly differences: readonly SplitDifference[];
  readonly of: number;
}

/** Splits the variance of each difference that a study asks for; those that vary most over folds, where they are many. */
export function splitDifferences(differences: readonly StudyDifference[]): SplitDifferences {
  const all = differences.flatMap(({ shortName: name, pairs, test }) => {
    const { components, betweenFolds } = varianceSplit(pairs);
    if (components === null || test === null) return [];
    const total = components.fold + components.seed + components.rest;
    const shares = {
      fold: components.fold / total,
      seed: components.seed / total,
      rest: components.rest / total,
    };
    return [{ name, shares, betweenFolds: betweenFolds! }];
  });
  const least = all.map(({ betweenFolds }) => betweenFolds).sort((a, b) => b - a)
    .at(Math.min(mostDrawn, all.length) - 1);
  return {
    differences: all.filter(({ betweenFolds }) => betweenFolds >= (least ?? 0)).slice(0, mostDrawn)
      .map(({ name, shares }) => ({ name, shares })),
    of: all.length,
  };
}

/** Draws what the variance of differences is made of, a column each. */
export function varianceSplitChart({ differences, of }: SplitDifferences): Chart {
  const width = Math.min(1080, Math.max(620, 140 + 130 * differences.length));
  const layers = parts.map(({ part, name, symbol, color }): Layer => ({
    kind: "marks",
    name,
    symbol,
    color,
    x: differences.map((_, at) => at),
    y: differences.map(({ shares }) => shares[part]),
    hover: differences.map((each) => `${each.name}: ${name} ${formatShare(each.shares[part])}`),
  }));
  return {
    title: finding(differences),
    subtitle:
      "What the variance of a difference of two runs is made of, by mean squares. More seeds " +
      "lower the part of single runs alone, more folds and other texts that of folds too." +
      (of > differences.length ? ` Of ${of} differences those that vary most over folds.` : ""),
    alt: differences.length === 0
      ? "Shares of variance of differences: there is none that can be split."
      : `Shares of variance of ${counted(differences.length, "difference")}. ${
        differences.map(({ name, shares }) =>
          `${name}: ${
            parts.map(({ part, name }) => `${name} ${formatShare(shares[part])}`).join(", ")
          }`
        ).join("; ")
      }.`,
    panels: [{
      x: nameAxis(
        differences.map(({ name }) => ({ name, folds: [], test: null })),
        (width - 140) / Math.max(1, differences.length),
      ),
      y: {
        title: "share of the variance",
        range: [-0.03, 1.03],
        ticks: [0, 0.25, 0.5, 0.75, 1].map((position) => ({
          position,
          label: `${100 * position} %`,
        })),
      },
      layers: differences.length === 0 ? [] : layers,
    }],
    width,
    height: 430,
    legend: "bottom",
  };
}

function finding(differences: readonly SplitDifference[]): string {
  if (differences.length === 0) {
    return "No variance can be split: that takes two folds and two seeds";
  }
  const shares = differences.map(({ shares }) => shares.fold).sort((a, b) => a - b);
  const [low, high] = [shares[0], shares.at(-1)!].map(formatShare);
  return `Folds make up ${
    low === high ? low : `${low} to ${high}`
  } of the variance of a difference`;
}

/**
 * Draws what the variance of a study's paired differences is made of: folds, seeds and single runs.
 *
 * @param study A study of two folds and two seeds or more, or its records.
 * @param options Where points are looked at, or contrasts in place of what the study asks.
 * @returns A figure that a notebook shows.
 *
 * @example
 * ```ts
 * import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
 * import { plotVarianceSplit } from "./variance_split.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy({ axes: { lambda: [0, 0.001] } });
 * assert.match(plotVarianceSplit({ record, records }).chart.title, /^Folds make up \d+\.\d % of the variance/);
 * ```
 */
export function plotVarianceSplit(
  study: StudyRecords,
  options: StudyDifferencesOptions = {},
): Figure {
  const checked = checkOptions("plotVarianceSplit", options, studyDifferencesOptions);
  return figureOf(varianceSplitChart(splitDifferences(studyDifferences(study, checked))));
}
