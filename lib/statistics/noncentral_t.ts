import { checkNumber } from "../core/check.ts";
import { normalCumulative } from "./normal.ts";
import { incompleteBeta, logGamma } from "./special_functions.ts";

/**
 * P(T ≤ t) for the noncentral t distribution: T = (Z + δ) / √(χ²_ν / ν).
 *
 * @param t Any finite number.
 * @param degreesOfFreedom ν, above 0.
 * @param noncentrality δ, at most 37 away from 0, beyond which e^(−δ²/2) is no normal double.
 *
 * Paper: Lenth, Algorithm AS 243, Applied Statistics 38, 1989: a sum over Poisson weights of
 * incomplete beta functions, here each computed anew, since few terms are needed.
 */
export function noncentralTCumulative(
  t: number,
  degreesOfFreedom: number,
  noncentrality: number,
): number {
  const freedom = checkNumber("noncentralTCumulative: degreesOfFreedom", degreesOfFreedom, {
    above: 0,
  });
  const delta = checkNumber("noncentralTCumulative: noncentrality", noncentrality, {
    from: -37,
    to: 37,
  });
  if (t < 0) return 1 - noncentralTCumulative(-t, freedom, -delta);
  const square = t * t;
  const x = square / (freedom + square);
  const complement = freedom / (freedom + square);
  const half = delta * delta / 2;
  let sum = 0;
  for (let j = 0; j < 5000; j++) {
    const p = Math.exp(-half + (j === 0 ? 0 : j * Math.log(half)) - logGamma(j + 1));
    const q = delta / Math.SQRT2 *
      Math.exp(-half + (j === 0 ? 0 : j * Math.log(half)) - logGamma(j + 1.5));
    sum += p * incompleteBeta(x, complement, j + 0.5, freedom / 2) +
      q * incompleteBeta(x, complement, j + 1, freedom / 2);
    if (j > half && p + Math.abs(q) < 1e-17) break;
    if (half === 0) break;
  }
  return normalCumulative(-delta) + sum / 2;
}

/**
 * The noncentrality δ at which P(T ≤ t) is the given probability, by bisection.
 *
 * @returns δ, or null where it is more than 37 away from 0.
 */
export function noncentralityAt(
  t: number,
  degreesOfFreedom: number,
  probability: number,
): number | null {
  let [lower, upper] = [-37, 37];
  const above = (delta: number) => noncentralTCumulative(t, degreesOfFreedom, delta) > probability;
  if (!above(lower) || above(upper)) return null;
  for (let middle; (middle = (lower + upper) / 2) > lower && middle < upper;) {
    if (above(middle)) lower = middle;
    else upper = middle;
    if (upper - lower < 1e-12 * Math.max(1, Math.abs(middle))) break;
  }
  return (lower + upper) / 2;
}
