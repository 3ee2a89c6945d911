import { checkNumber } from "../core/check.ts";
import { quantileSearch } from "./_quantile_search.ts";
import { incompleteGamma } from "./special_functions.ts";

/**
 * P(X ≤ x) for χ² with the given degrees of freedom: the incomplete gamma function P(ν/2, x/2).
 *
 * @param x At least 0.
 * @param degreesOfFreedom ν, above 0.
 */
export function chiSquareCumulative(x: number, degreesOfFreedom: number): number {
  const freedom = checkNumber("chiSquareCumulative: degreesOfFreedom", degreesOfFreedom, {
    above: 0,
  });
  return incompleteGamma(freedom / 2, checkNumber("chiSquareCumulative: x", x, { from: 0 }) / 2);
}

/**
 * The x with P(X ≤ x) = probability, by bisection.
 *
 * @param probability From 0 to 1, both excluded.
 * @param degreesOfFreedom ν, above 0.
 *
 * @example
 * ```ts
 * import { chiSquareQuantile } from "./chi_square.ts";
 * import assert from "node:assert/strict";
 * // With two degrees of freedom it is exponential: −2 ln(1 − p).
 * assert.ok(Math.abs(chiSquareQuantile(0.975, 2) - -2 * Math.log(0.025)) < 1e-12);
 * ```
 */
export function chiSquareQuantile(probability: number, degreesOfFreedom: number): number {
  checkNumber("chiSquareQuantile: probability", probability, { above: 0, below: 1 });
  return quantileSearch((x) => chiSquareCumulative(x, degreesOfFreedom), probability);
}
