import { checkNumber } from "../core/check.ts";
import { normalCumulative } from "./normal.ts";
import { incompleteBeta, logGamma } from "./special_functions.ts";

/** Of a noncentrality, on either side of 0. */
export const largestNoncentrality = 300;

/**
 * P(T ≤ t) for the noncentral t distribution: T = (Z + δ) / √(χ²_ν / ν).
 *
 * @param t Any finite number.
 * @param degreesOfFreedom ν, above 0.
 * @param noncentrality δ, at most 300 away from 0; the terms of the sum grow with it.
 *
 * Paper: Lenth, Algorithm AS 243, Applied Statistics 38, 1989: a sum over Poisson weights of
 * incomplete beta functions. These follow from each other; we go down from the last, where Lenth goes up
 * from the first and loses digits by subtraction.
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
    from: -largestNoncentrality,
    to: largestNoncentrality,
  });
  if (t < 0) return 1 - noncentralTCumulative(-t, freedom, -delta);
  const square = t * t;
  const x = square / (freedom + square);
  const complement = freedom / (freedom + square);
  const half = delta * delta / 2;
  if (half === 0) return (1 + incompleteBeta(x, complement, 0.5, freedom / 2)) / 2;
  // Poisson weights further from their middle are below 1e-17.
  const reach = 9 * Math.sqrt(half) + 20;
  const from = Math.max(0, Math.floor(half - reach));
  const count = Math.ceil(half + reach) - from;
  const even = weighted(from, count, half, 0.5, { x, complement, b: freedom / 2 });
  const odd = weighted(from, count, half, 1, { x, complement, b: freedom / 2 });
  return normalCumulative(-delta) + (even + Math.sign(delta) * odd) / 2;
}

/**
 * Σ_j e^(−h) h^(j + s) / Γ(j + s + 1) · I_x(j + s + ½, b) for j from `from` on, s = shift − ½: Poisson
 * weights for a shift of ½, and between them for 1.
 */
function weighted(
  from: number,
  count: number,
  half: number,
  shift: number,
  { x, complement, b }: { readonly x: number; readonly complement: number; readonly b: number },
): number {
  const power = from + shift - 0.5;
  const weights = new Float64Array(count);
  // x^a (1 − x)^b / (a B(a, b)) for a = j + shift: by as much I_x(a + 1, b) is below I_x(a, b).
  const steps = new Float64Array(count);
  const a = from + shift;
  weights[0] = Math.exp(power * Math.log(half) - half - logGamma(power + 1));
  steps[0] = Math.exp(
    a * Math.log(x) + b * Math.log(complement) + logGamma(a + b) - logGamma(a + 1) - logGamma(b),
  );
  for (let j = 1; j < count; j++) {
    weights[j] = weights[j - 1] * half / (power + j);
    steps[j] = steps[j - 1] * x * (a + b + j - 1) / (a + j);
  }
  // Downwards only what is positive is added, so that nothing cancels.
  let beta = incompleteBeta(x, complement, a + count, b);
  let sum = 0;
  for (let j = count - 1; j >= 0; j--) {
    beta += steps[j];
    sum += weights[j] * beta;
  }
  return sum;
}

/** P(T ≤ t) minus a probability, at a noncentrality. */
interface Excess {
  readonly delta: number;
  readonly value: number;
}

/**
 * The noncentrality δ at which P(T ≤ t) is the given probability, by Ridders' method.
 *
 * @returns δ, or null where it is more than 300 away from 0.
 */
export function noncentralityAt(
  t: number,
  degreesOfFreedom: number,
  probability: number,
): number | null {
  const excess = (delta: number) => noncentralTCumulative(t, degreesOfFreedom, delta) - probability;
  // δ is near t, and far from 0 each value is a sum of thousands of terms: outwards from t, by doubling.
  const bound = (direction: -1 | 1): Excess | null => {
    for (let step = 1 + Math.abs(t);; step *= 2) {
      const delta = Math.max(
        -largestNoncentrality,
        Math.min(largestNoncentrality, t + direction * step),
      );
      const value = excess(delta);
      if (-direction * value > 0) return { delta, value };
      if (Math.abs(delta) === largestNoncentrality && Math.sign(delta) === direction) return null;
    }
  };
  const bounds = [bound(-1), bound(1)];
  if (bounds[0] === null || bounds[1] === null) return null;
  let [lower, upper] = bounds as [Excess, Excess];
  let last = Infinity;
  for (let iteration = 0; iteration < 100; iteration++) {
    const middle = (lower.delta + upper.delta) / 2;
    const value = excess(middle);
    const root = Math.sqrt(value * value - lower.value * upper.value);
    const delta = middle + (middle - lower.delta) * value / root;
    if (Math.abs(delta - last) <= 1e-13 * Math.max(1, Math.abs(delta))) return delta;
    last = delta;
    const found = { delta, value: excess(delta) };
    if (found.value === 0) return delta;
    const centre = { delta: middle, value };
    const inOrder = middle < delta ? [centre, found] : [found, centre];
    for (const each of inOrder) if (each.value > 0 && each.delta > lower.delta) lower = each;
    for (const each of inOrder.reverse()) {
      if (each.value <= 0 && each.delta < upper.delta) upper = each;
    }
  }
  return last;
}
