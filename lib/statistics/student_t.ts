/**
 * Student's t distribution.
 *
 * Written here because the packages that were tried cost more than they give: @stdlib's two
 * functions bring about a hundred packages, and jstat's quantiles agree with SciPy to nine digits
 * only.
 *
 * @module
 */

import { checkNumber } from "../core/check.ts";
import { incompleteBeta } from "./special_functions.ts";

/**
 * P(T ≤ t) for Student's t with the given degrees of freedom:
 * ½ I_x(ν/2, ½) with x = ν / (ν + t²) below zero, one minus that above.
 *
 * @param t Any number; infinities give 0 and 1.
 * @param degreesOfFreedom ν, above 0.
 *
 * @example
 * ```ts
 * import { studentCumulative } from "./student_t.ts";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(studentCumulative(1, 1) - 0.75) < 1e-15);
 * ```
 */
export function studentCumulative(t: number, degreesOfFreedom: number): number {
  const freedom = checkNumber("studentCumulative: degreesOfFreedom", degreesOfFreedom, {
    above: 0,
  });
  if (Number.isNaN(t)) return NaN;
  const tail = tailProbability(Math.abs(t), freedom);
  return t < 0 ? tail : 1 - tail;
}

/** Probability of |T| ≥ |t|: the two-sided p-value. */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  return Number.isNaN(t) ? NaN : 2 * studentCumulative(-Math.abs(t), degreesOfFreedom);
}

/**
 * The t with P(T ≤ t) = probability, by bisection of {@link studentCumulative}.
 *
 * @param probability From 0 to 1, both excluded.
 * @param degreesOfFreedom ν, above 0.
 *
 * @example
 * ```ts
 * import { studentQuantile } from "./student_t.ts";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(studentQuantile(0.975, 4) - 2.7764451051977934) < 1e-13);
 * ```
 */
export function studentQuantile(probability: number, degreesOfFreedom: number): number {
  checkNumber("studentQuantile: probability", probability, { above: 0, below: 1 });
  const freedom = checkNumber("studentQuantile: degreesOfFreedom", degreesOfFreedom, { above: 0 });
  if (probability === 0.5) return 0;
  // Reports and simulations ask for the same few again and again.
  const key = `${probability} ${freedom}`;
  const found = quantiles.get(key) ?? quantileBySearch(probability, freedom);
  if (quantiles.size < 1000) quantiles.set(key, found);
  return found;
}

const quantiles = new Map<string, number>();

function quantileBySearch(probability: number, freedom: number): number {
  // 1 − p keeps all digits of a p above ½, since the subtraction is exact there.
  const tail = Math.min(probability, 1 - probability);
  let upper = 1;
  while (tailProbability(upper, freedom) > tail && upper < Number.MAX_VALUE / 2) upper *= 2;
  let lower = upper === 1 ? 0 : upper / 2;
  for (let middle; (middle = (lower + upper) / 2) > lower && middle < upper;) {
    if (tailProbability(middle, freedom) > tail) lower = middle;
    else upper = middle;
  }
  return probability < 0.5 ? -upper : upper;
}

/** P(T ≥ t) for t ≥ 0. */
function tailProbability(t: number, freedom: number): number {
  if (t === Infinity) return 0;
  // Both ratios are computed as they are, so that neither loses digits by a subtraction from 1.
  const square = t * t;
  const x = freedom / (freedom + square);
  const complement = square / (freedom + square);
  return incompleteBeta(x, complement, freedom / 2, 0.5) / 2;
}
