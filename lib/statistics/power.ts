import { checkOptions, integer, number, orNotGiven } from "../core/options.ts";
import { largestNoncentrality, noncentralTCumulative } from "./noncentral_t.ts";
import { studentQuantile } from "./student_t.ts";

/** Options of {@link powerOf}. */
export interface PowerOptions {
  /** The true difference, of either sign, in the unit of the differences. */
  readonly difference: number;
  /** Of the mean difference; above 0. */
  readonly standardError: number;
  /** Of the t-test; above 0. */
  readonly degreesOfFreedom: number;
  /**
   * Comparisons that are adjusted together; the level is divided by them.
   *
   * @default {1}
   */
  readonly comparisons?: number;
  /**
   * Two-sided, from 0 to 1, both excluded.
   *
   * @default {0.05}
   */
  readonly level?: number;
}

const described = {
  difference: number(),
  standardError: number({ above: 0 }),
  degreesOfFreedom: number({ above: 0 }),
  comparisons: orNotGiven(integer({ from: 1 }, 1)),
  level: orNotGiven(number({ above: 0, below: 1 }, 0.05)),
};

/**
 * Share of studies whose t-test shows a true difference: P(|T| > t) with T noncentral t, δ = difference /
 * standard error, and t the 1 − level / (2 · comparisons) quantile of Student's t. `detectableDifference` turns
 * it round.
 *
 * @param options See {@link PowerOptions}.
 * @returns From the level (no difference) to 1; 1 where δ is above 300.
 * @throws {RangeError} If an option is outside its range.
 *
 * @example
 * ```ts
 * import { powerOf } from "./power.ts";
 * import assert from "node:assert/strict";
 * // With many folds a difference of 1.960 + 0.842 standard errors is shown by 80 % of studies.
 * const power = powerOf({ difference: 2.8016, standardError: 1, degreesOfFreedom: 1e5 });
 * assert.ok(Math.abs(power - 0.8) < 1e-4);
 * ```
 */
export function powerOf(options: PowerOptions): number {
  const { difference, standardError, degreesOfFreedom, comparisons, level } = checkOptions(
    "powerOf",
    options,
    described,
  );
  const critical = studentQuantile(1 - level / comparisons / 2, degreesOfFreedom);
  return beyond(critical, degreesOfFreedom, Math.abs(difference) / standardError);
}

/** P(|T| > t) of a noncentral T. */
export function beyond(critical: number, freedom: number, delta: number): number {
  if (delta > largestNoncentrality) return 1;
  return 1 - noncentralTCumulative(critical, freedom, delta) +
    noncentralTCumulative(-critical, freedom, delta);
}
