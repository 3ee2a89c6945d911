import { checkNumber } from "../core/check.ts";
import { quantileSearch } from "./_quantile_search.ts";
import { incompleteBeta } from "./special_functions.ts";

/** Degrees of freedom of an F, of the numerator and of the denominator; both above 0. */
export type FFreedom = readonly [numerator: number, denominator: number];

/** P(F ≤ x) for Fisher's F: I_y(ν₁/2, ν₂/2) with y = ν₁x / (ν₁x + ν₂). */
export function fCumulative(x: number, [numerator, denominator]: FFreedom): number {
  checkNumber("fCumulative: numerator", numerator, { above: 0 });
  checkNumber("fCumulative: denominator", denominator, { above: 0 });
  checkNumber("fCumulative: x", x, { from: 0 });
  const sum = numerator * x + denominator;
  return incompleteBeta(numerator * x / sum, denominator / sum, numerator / 2, denominator / 2);
}

/**
 * The x with P(F ≤ x) = probability, by bisection.
 *
 * @param probability From 0 to 1, both excluded.
 *
 * @example
 * ```ts
 * import { fQuantile } from "./f_distribution.ts";
 * import assert from "node:assert/strict";
 * // With two and two degrees of freedom P(F ≤ x) = x / (1 + x).
 * assert.ok(Math.abs(fQuantile(0.975, [2, 2]) - 39) < 1e-10);
 * ```
 */
export function fQuantile(probability: number, freedom: FFreedom): number {
  checkNumber("fQuantile: probability", probability, { above: 0, below: 1 });
  return quantileSearch((x) => fCumulative(x, freedom), probability);
}
