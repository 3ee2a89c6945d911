import { checkOptions, integer, number, orNotGiven } from "../core/options.ts";
import { noncentralityAt } from "./noncentral_t.ts";
import { beyond } from "./power.ts";
import { studentQuantile } from "./student_t.ts";

/** Options of {@link detectableDifference}. */
export interface DetectableOptions {
  /** Of the mean difference, in the unit of the differences; above 0. */
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
   * Share of studies that would show it, from 0 to 1, both excluded.
   *
   * @default {0.8}
   */
  readonly power?: number;
  /**
   * Two-sided, from 0 to 1, both excluded.
   *
   * @default {0.05}
   */
  readonly level?: number;
}

const described = {
  standardError: number({ above: 0 }),
  degreesOfFreedom: number({ above: 0 }),
  comparisons: orNotGiven(integer({ from: 1 }, 1)),
  power: orNotGiven(number({ above: 0, below: 1 }, 0.8)),
  level: orNotGiven(number({ above: 0, below: 1 }, 0.05)),
};

/**
 * The smallest true difference that a t-test would show in a given share of studies: δ · standard error,
 * with δ the noncentrality at which P(|T| > t) is the power, T noncentral t with ν degrees of freedom and
 * t the 1 − level / (2 · comparisons) quantile of Student's t.
 *
 * With several comparisons this is Holm's first step, which is Bonferroni's: a difference that is shown
 * there needs no other one to be shown. The standard error is taken as if it were known; it is that of
 * one study and as noisy.
 *
 * @param options See {@link DetectableOptions}.
 * @returns The difference, above 0, for either sign; null where δ is above 300, as with two folds and
 * many comparisons.
 * @throws {RangeError} If an option is outside its range.
 *
 * @example
 * ```ts
 * import { detectableDifference } from "./detectable_difference.ts";
 * import assert from "node:assert/strict";
 * // With many folds z(0.975) + z(0.8) = 1.960 + 0.842 standard errors.
 * const found = detectableDifference({ standardError: 1, degreesOfFreedom: 1e5 })!;
 * assert.ok(Math.abs(found - 2.8016) < 1e-3);
 * ```
 */
export function detectableDifference(options: DetectableOptions): number | null {
  const { standardError, degreesOfFreedom, comparisons, power, level } = checkOptions(
    "detectableDifference",
    options,
    described,
  );
  const needed = neededNoncentrality(degreesOfFreedom, level / comparisons, power);
  return needed === null ? null : needed * standardError;
}

/** δ by (ν, level, power): a report asks for the same one again and again. */
const known = new Map<string, number | null>();

function neededNoncentrality(freedom: number, level: number, power: number): number | null {
  const key = `${freedom} ${level} ${power}`;
  if (!known.has(key)) known.set(key, solve(freedom, level, power));
  return known.get(key)!;
}

function solve(freedom: number, level: number, power: number): number | null {
  const critical = studentQuantile(1 - level / 2, freedom);
  // Without the other tail P(T > t) = power; that tail can only make δ smaller.
  const oneSided = noncentralityAt(critical, freedom, 1 - power);
  if (oneSided === null) return null;
  let [lower, upper] = [0, Math.max(0, oneSided)];
  for (let halving = 0; halving < 60 && upper - lower > 1e-12 * upper; halving++) {
    const middle = (lower + upper) / 2;
    if (beyond(critical, freedom, middle) > power) upper = middle;
    else lower = middle;
  }
  return (lower + upper) / 2;
}
