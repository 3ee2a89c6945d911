import { checkOptions, integer, orNotGiven } from "../../core/options.ts";
import { detectableDifference } from "../../statistics/detectable_difference.ts";
import { mean, standardDeviation } from "../../statistics/estimate.ts";
import { predictionInterval } from "../../statistics/prediction_interval.ts";

/** What a published number is to ours. */
export type Verdict = "reproduced" | "not reproduced" | "inconclusive" | "nothing published";

/** Ours beside a published number. */
export interface Judgement {
  /** Ours, one a seed. */
  readonly values: readonly number[];
  /** Their mean; null without values. */
  readonly mean: number | null;
  /** 95 % prediction interval of what was published, one run or a mean; null of fewer than two values. */
  readonly interval: readonly [number, number] | null;
  /** Half the interval's width over the mean; null without an interval. */
  readonly relativeHalfWidth: number | null;
  /**
   * Smallest difference from the published number that 80 % of such comparisons would call not
   * reproduced, if runs vary as ours do; null without an interval or where ours are all equal.
   */
  readonly detectable: number | null;
  readonly verdict: Verdict;
}

/** Seeds below which nothing is concluded. */
export const leastSeeds = 3;

/** Half-width over mean above which nothing is concluded. */
export const largestHalfWidth = 0.03;

/**
 * Whether ours reproduce a published number: inconclusive with fewer than 3 values, or when the
 * prediction interval's half-width is above 3 % of the mean; else reproduced when the number lies in the
 * interval, ends included.
 *
 * The interval is x̄ ± t s √(1/m + 1/n) of the mean of m published runs from n of ours. "Reproduced"
 * says that no difference was shown; `detectable` says how large one would have been seen.
 *
 * @param published The number; null when there is none to compare with.
 * @param values Ours, one a seed; one that is not finite leaves nothing to conclude.
 * @param options.publishedSeeds Runs whose mean was published; 1.
 *
 * @example
 * ```ts
 * import { judge } from "./verdict.ts";
 * import assert from "node:assert/strict";
 * assert.equal(judge(10.04, [9.99, 10, 10.01]).verdict, "reproduced");
 * assert.equal(judge(10.04, [9.99, 10, 10.01], { publishedSeeds: 3 }).verdict, "not reproduced");
 * ```
 */
export function judge(
  published: number | null,
  values: readonly number[],
  options: { readonly publishedSeeds?: number } = {},
): Judgement {
  const { publishedSeeds: count } = checkOptions("judge", options, {
    publishedSeeds: orNotGiven(integer({ from: 1 }, 1)),
  });
  const centre = values.length === 0 ? null : mean(values);
  const usable = values.length >= 2 && values.every(Number.isFinite);
  const interval = usable ? predictionInterval(values, { count }) : null;
  const relativeHalfWidth = interval === null
    ? null
    : (interval[1] - interval[0]) / 2 / Math.abs(centre!);
  const spread = usable ? standardDeviation(values) : 0;
  return {
    values,
    mean: centre,
    interval,
    relativeHalfWidth,
    detectable: spread > 0
      ? detectableDifference({
        standardError: spread * Math.sqrt(1 / count + 1 / values.length),
        degreesOfFreedom: values.length - 1,
      })
      : null,
    verdict: published === null
      ? "nothing published"
      : verdictOf(published, values, interval, relativeHalfWidth),
  };
}

function verdictOf(
  published: number,
  values: readonly number[],
  interval: readonly [number, number] | null,
  relativeHalfWidth: number | null,
): Verdict {
  // Written so that NaN concludes nothing.
  const narrow = relativeHalfWidth !== null && relativeHalfWidth <= largestHalfWidth;
  if (interval === null || values.length < leastSeeds || !narrow) return "inconclusive";
  return interval[0] <= published && published <= interval[1] ? "reproduced" : "not reproduced";
}
