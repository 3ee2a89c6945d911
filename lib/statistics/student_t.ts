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

/** Regularized incomplete beta function I_x(a, b); complement is 1 − x. */
function incompleteBeta(x: number, complement: number, a: number, b: number): number {
  if (x === 0) return 0;
  if (complement === 0) return 1;
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  const front = Math.exp(a * Math.log(x) + b * Math.log(complement) - logBeta);
  // The continued fraction converges fast on this side of the mean (Numerical Recipes, 6.4).
  if (x < (a + 1) / (a + b + 2)) return front * betaFraction(x, a, b) / a;
  return 1 - front * betaFraction(complement, b, a) / b;
}

/** Continued fraction of I_x(a, b) by Lentz's method as modified by Thompson and Barnett. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - (a + b) * x / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const factor = d * c;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return fraction;
}

// Lanczos' approximation with g = 7 and nine terms, as computed by Godfrey.
const lanczos = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let sum = lanczos[0];
  for (let index = 1; index < lanczos.length; index++) sum += lanczos[index] / (shifted + index);
  const base = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}
