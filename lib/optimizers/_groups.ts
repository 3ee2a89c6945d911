/**
 * Groups in a step: group lasso's term of the gradient, its proximal map, and bounds of norms. All run in TypeScript on
 * every engine, on the engine's own memory where there is one, so all engines have the same bits.
 *
 * @module
 */
import { groupCounts, groupFactor, groupNorms, type Groups } from "../penalties/groups.ts";

const { fround, abs, sqrt, max } = Math;

/** Writes g + λ c · w/‖w‖ to `result`; g where all weights of a group are 0. */
export function addGroupTerm(
  result: Float32Array,
  gradient: Float32Array,
  weights: Float32Array,
  strength: number,
  groups: Groups,
  groupOf: Int32Array,
): void {
  const pull = strength * groupFactor(groups);
  const factors = groupNorms(groups, weights, groupOf)
    .map((norm) => norm === 0 ? 0 : fround(pull / norm));
  for (let i = 0; i < result.length; i++) {
    result[i] = fround(gradient[i] + fround(factors[groupOf[i]] * weights[i]));
  }
}

/** Bounds the norm of each group by 1/strength, in place; NaN stays NaN. */
export function boundNorms(
  weights: Float32Array,
  strength: number,
  groups: Groups,
  groupOf: Int32Array,
): void {
  const limit = 1 / strength;
  const factors = groupNorms(groups, weights, groupOf)
    .map((norm) => norm > limit ? limit / norm : 1);
  for (let i = 0; i < weights.length; i++) weights[i] *= factors[groupOf[i]];
}

/** Newton's method from below ends when ρ changes by less than this share; the next error is its square. */
const tolerance = 1e-6;
/** Far above what Newton's method needs; bisection alone would be done by then. */
const maximumPasses = 100;

/**
 * Maps the weights u of one parameter to argmin over x of ½ Σ (x − u)²/s + Λ Σ ‖x‖₂ over its groups,
 * Λ = λ c, in place.
 *
 * With h = Λ s: x = 0 iff Σ (u/h)² ≤ 1, else x = ρ u/(ρ + h), where ρ is the root of
 * f(ρ) = Σ (u/(ρ + h))² = 1. 1/√f is increasing and concave in ρ (as in trust-region methods, where it
 * is the secular equation; Conn, Gould and Toint 2000, section 7.3), so Newton's method on 1/√f = 1 from
 * the left stays on the left and converges. It begins at the larger of two bounds from below: its own
 * first step from 0, and (‖u/h‖ − 1) · min h, which is the root when all h are the same.
 *
 * @param sizes s, the step of each weight per unit of steady gradient; overwritten.
 */
export function mapGroups(
  weights: Float32Array,
  sizes: Float64Array,
  strength: number,
  groups: Groups,
  groupOf: Int32Array,
): void {
  const { count } = groupCounts(groups);
  const threshold = strength * groupFactor(groups);
  const h = sizes;
  const quotients = new Float64Array(count);
  const slopes = new Float64Array(count);
  const squares = new Float64Array(count);
  const smallest = new Float64Array(count).fill(Infinity);
  for (let i = 0; i < weights.length; i++) {
    const group = groupOf[i];
    const u = weights[i];
    h[i] *= threshold;
    const inverse = 1 / h[i];
    const square = u * inverse * (u * inverse);
    quotients[group] += square;
    slopes[group] += square * inverse;
    squares[group] += u * u;
    if (h[i] < smallest[group]) smallest[group] = h[i];
  }
  const norms = squares.map(sqrt);
  // −1 marks a group of zeros; a NaN is not ≤ 1 and stays a NaN. A threshold too small for double
  // precision leaves ‖u‖ as it is.
  const roots = quotients.map((sum, group) => {
    if (sum <= 1) return -1;
    if (sum === Infinity) return norms[group];
    return (sqrt(sum) - 1) * max(smallest[group], sum / slopes[group]);
  });
  findRoots(roots, norms, weights, h, groupOf);
  for (let i = 0; i < weights.length; i++) {
    const root = roots[groupOf[i]];
    weights[i] = root === -1 ? 0 : root * weights[i] / (root + h[i]);
  }
}

/** Moves each root that is not −1 from a lower bound to where f is 1; `high` are upper bounds, ‖u‖. */
function findRoots(
  roots: Float64Array,
  high: Float64Array,
  weights: Float32Array,
  h: Float64Array,
  groupOf: Int32Array,
): void {
  const low = Float64Array.from(roots);
  const open = Uint8Array.from(roots, (root) => root === -1 ? 0 : 1);
  const values = new Float64Array(roots.length);
  const slopes = new Float64Array(roots.length);
  for (let pass = 0; pass < maximumPasses && open.includes(1); pass++) {
    values.fill(0);
    slopes.fill(0);
    for (let i = 0; i < weights.length; i++) {
      const group = groupOf[i];
      if (open[group] === 0) continue;
      const inverse = 1 / (roots[group] + h[i]);
      const quotient = weights[i] * inverse;
      const square = quotient * quotient;
      values[group] += square;
      slopes[group] += square * inverse;
    }
    for (let group = 0; group < roots.length; group++) {
      if (open[group] === 0) continue;
      const root = roots[group];
      const value = values[group];
      if (value >= 1) low[group] = root;
      else high[group] = root;
      // f′ = −2 Σ u²/(ρ + h)³, and Newton's step for 1/√f = 1 is 2 f (1 − √f)/f′.
      let next = root + value * (sqrt(value) - 1) / slopes[group];
      if (next < low[group] || next > high[group]) next = (low[group] + high[group]) / 2;
      roots[group] = next;
      // Also true of a NaN.
      if (!(abs(next - root) > tolerance * next)) open[group] = 0;
    }
  }
}
