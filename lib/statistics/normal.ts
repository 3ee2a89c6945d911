import { checkNumber } from "../core/check.ts";

/**
 * P(Z ≤ z) for a standard normal Z: ½ + φ(z) Σ z^(2k+1) / (1 · 3 · 5 ⋯ (2k + 1)), and below −1.5
 * the continued fraction of the tail.
 *
 * Paper: Marsaglia, Evaluating the Normal Distribution, Journal of Statistical Software 11, 2004.
 *
 * @example
 * ```ts
 * import { normalCumulative } from "./normal.ts";
 * import assert from "node:assert/strict";
 * assert.equal(normalCumulative(0), 0.5);
 * assert.ok(Math.abs(normalCumulative(-1.959963984540054) - 0.025) < 1e-15);
 * ```
 */
export function normalCumulative(z: number): number {
  if (Number.isNaN(z)) return NaN;
  if (z > 0) return 1 - normalCumulative(-z);
  const density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  // Below −1.5 the series would lose digits to ½, and the continued fraction of the tail serves.
  if (z < -1.5) {
    let fraction = 0;
    for (let k = 400; k >= 1; k--) fraction = k / (-z + fraction);
    return density / (-z + fraction);
  }
  let term = z;
  let sum = z;
  for (let odd = 3; Math.abs(term) > 1e-18; odd += 2) {
    term *= z * z / odd;
    sum += term;
  }
  return 0.5 + density * sum;
}

/**
 * The z with P(Z ≤ z) = probability, by bisection of {@link normalCumulative}.
 *
 * @param probability From 0 to 1; 0 and 1 give the infinities.
 */
export function normalQuantile(probability: number): number {
  checkNumber("normalQuantile: probability", probability, { from: 0, to: 1 });
  if (probability === 0 || probability === 1) return probability === 0 ? -Infinity : Infinity;
  if (probability > 0.5) return -normalQuantile(1 - probability);
  let quantile = quantiles.get(probability);
  if (quantile === undefined) {
    if (quantiles.size >= 10_000) quantiles.clear();
    quantiles.set(probability, quantile = bisectQuantile(probability));
  }
  return quantile;
}

/** The bootstrap asks for the same few at every point of a study. */
const quantiles = new Map<number, number>();

function bisectQuantile(probability: number): number {
  let [lower, upper] = [-40, 0];
  for (let middle; (middle = (lower + upper) / 2) > lower && middle < upper;) {
    if (normalCumulative(middle) < probability) lower = middle;
    else upper = middle;
  }
  return upper;
}
