import { mean, standardDeviation } from "../statistics/estimate.ts";
import { studentQuantile } from "../statistics/student_t.ts";

/** What a published number is to ours. */
export type Verdict = "reproduced" | "not reproduced" | "inconclusive" | "nothing published";

/** Ours beside a published number. */
export interface Judgement {
  /** Ours, one a seed. */
  readonly values: readonly number[];
  /** Their mean; null without values. */
  readonly mean: number | null;
  /** 95 % prediction interval of one more run; null of fewer than two values. */
  readonly interval: readonly [number, number] | null;
  /** Half the interval's width over the mean; null without an interval. */
  readonly relativeHalfWidth: number | null;
  readonly verdict: Verdict;
}

/** Seeds below which nothing is concluded. */
export const leastSeeds = 3;

/** Half-width over mean above which nothing is concluded. */
export const largestHalfWidth = 0.03;

/**
 * The 95 % prediction interval of one more value: x̄ ± t s √(1 + 1/n), with t the 97.5 % quantile of
 * Student's t with n − 1 degrees of freedom.
 *
 * @param values At least two.
 *
 * @example
 * ```ts
 * import { predictionInterval } from "./verdict.ts";
 * import assert from "node:assert/strict";
 * const [low, high] = predictionInterval([1, 2, 3]);
 * assert.ok(Math.abs(high - 2 - 4.30265273 * Math.sqrt(4 / 3)) < 1e-8);
 * assert.ok(Math.abs(low + high - 4) < 1e-12);
 * ```
 */
export function predictionInterval(values: readonly number[]): [number, number] {
  const centre = mean(values);
  const half = studentQuantile(0.975, values.length - 1) * standardDeviation(values) *
    Math.sqrt(1 + 1 / values.length);
  return [centre - half, centre + half];
}

/**
 * Whether ours reproduce a published number: inconclusive with fewer than 3 values, or when the
 * prediction interval's half-width is above 3 % of the mean; else reproduced when the number lies in the
 * interval, ends included.
 *
 * @param published The number; null when there is none to compare with.
 * @param values Ours, one a seed, finite.
 */
export function judge(published: number | null, values: readonly number[]): Judgement {
  const centre = values.length === 0 ? null : mean(values);
  const interval = values.length < 2 ? null : predictionInterval(values);
  const relativeHalfWidth = interval === null
    ? null
    : (interval[1] - interval[0]) / 2 / Math.abs(centre!);
  return {
    values,
    mean: centre,
    interval,
    relativeHalfWidth,
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
