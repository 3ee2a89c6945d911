import { checkKeys } from "../core/check.ts";
import { isArmsStudy } from "../statistics/arms_study.ts";
import {
  type ExpectedBest,
  expectedBest,
  type ExpectedBestOptions,
  expectedBestOptions,
} from "../statistics/expected_best.ts";
import { counted, formatNumber } from "../statistics/format.ts";
import { type LossUnit, lossUnit, natsPerToken } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors } from "./theme.ts";

/** Expected loss of one arm, or of a random search, for each number of points. */
export interface NamedExpectedBest {
  /** Name of the arm, or of the study. */
  readonly name: string;
  readonly expected: readonly ExpectedBest[];
}

/** Draws expected losses against the number of points that are tried. */
export function expectedBestChart(
  lines: readonly NamedExpectedBest[],
  estimator: NonNullable<ExpectedBestOptions["estimator"]>,
  unit: LossUnit = natsPerToken,
): Chart {
  const known = lines.map(({ name, expected }) => ({
    name,
    points: expected.flatMap(({ points, loss }) => loss === null ? [] : [{ points, loss }]),
  }));
  const longest = Math.max(...lines.map(({ expected }) => expected.length));
  const last = known.flatMap(({ name, points }) =>
    points.length === 0 ? [] : [`${name} ${formatNumber(points.at(-1)!.loss)}`]
  );
  const layers = known.map(({ name, points }, index): Layer => ({
    kind: "line",
    name,
    color: categoricalColors[index % categoricalColors.length],
    x: points.map(({ points }) => points),
    y: points.map(({ loss }) => loss),
    marks: true,
    hover: points.map(({ points, loss }) =>
      `${name}, best of ${counted(points, "point")}: ${formatNumber(loss)}`
    ),
    legend: true,
  }));
  return {
    title: last.length === 0
      ? "Points that diverged leave no expectation"
      : `Expected loss of the best of ${counted(longest, "point")}: ${last.join(", ")}`,
    subtitle:
      "Validation loss of the point with the lowest choosing loss among n independent random points, mean " +
      `over the folds (Dodge et al., ${
        estimator === "unbiased" ? "2021, without replacement" : "2019, with replacement"
      }).`,
    alt: `Expected validation loss against the number of points. ${
      known.map(({ name, points }) =>
        points.length === 0
          ? `${name}: none, because points diverged`
          : `${name}: from ${formatNumber(points[0].loss)} with ${
            counted(points[0].points, "point")
          } to ${formatNumber(points.at(-1)!.loss)} with ${points.at(-1)!.points}`
      ).join("; ")
    }.`,
    panels: [{
      x: { title: "points tried", range: [0.5, longest + 0.5] },
      y: {
        title: `expected validation loss (${unit.words})`,
        range: valueRange(known.flatMap(({ points }) => points.map(({ loss }) => loss))),
      },
      layers,
    }],
    width: 760,
    height: 430,
    legend: "right",
  };
}

/**
 * Draws what tuning with n points is expected to give, for every arm that was drawn at random or for a
 * random search.
 *
 * @param source A study, or its records.
 * @param options As of `expectedBest`; without `arm` all arms of two points and more.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If points are not independent random ones, or runs are missing.
 *
 * @example
 * ```ts
 * import { armsHandStudy } from "../statistics/testing/arms_hand_study.ts";
 * import { plotExpectedBest } from "./expected_best.ts";
 * import assert from "node:assert/strict";
 * const source = armsHandStudy({
 *   none: { points: [{}], dimensions: {}, losses: [[[1, 2]]] },
 *   decay: { draw: "random", points: [{ x: 1 }, { x: 2 }], losses: [[[1, 1.5]], [[2, 1.9]]] },
 * });
 * const { alt } = plotExpectedBest(source, { estimator: "unbiased" });
 * assert.match(alt, /decay: from 1\.700 with 1 point to 1\.500 with 2/);
 * ```
 */
export function plotExpectedBest(
  source: StudyRecords,
  options: ExpectedBestOptions = {},
): Figure {
  checkKeys("plotExpectedBest", options, Object.keys(expectedBestOptions));
  const { record } = source;
  const { arm, estimator = "withReplacement" } = options;
  const names = !isArmsStudy(record)
    ? [undefined]
    : arm !== undefined
    ? [arm]
    : record.space.arms.filter(({ count }) => count > 1).map(({ name }) => name);
  const lines = names.map((name) => ({
    name: name ?? record.name,
    expected: expectedBest(source, { ...options, ...(name === undefined ? {} : { arm: name }) }),
  }));
  return figureOf(expectedBestChart(lines, estimator, lossUnit(record)));
}
