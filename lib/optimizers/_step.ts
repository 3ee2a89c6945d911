/**
 * What the updates of all optimizers share, in plain TypeScript: what the kernels of
 * `engine/assembly/optimizers.ts` are to compute to the bit, and what runs where there are no kernels.
 * Every product, sum, quotient and root is rounded to single precision, as are all scalars.
 *
 * @module
 */

/** What penalties and clipping do in a step of one parameter, learning rate multiplied in. */
export interface EffectCoefficients {
  /** λ of the loss term. */
  readonly l1: number;
  /** α of the loss term. */
  readonly l2: number;
  /** Factor of the gradient by clipping; 1 without. */
  readonly clipping: number;
  /** α of coupled decay. */
  readonly coupledDecay: number;
  /** η · α of decoupled decay. */
  readonly decoupledDecay: number;
  /** Whether it leaves alone the weights that the step moves away from 0. */
  readonly cautious: boolean;
  /** w₀, towards which it goes in place of 0; null for 0. */
  readonly decayStart: Float32Array | null;
  /** s · λ of the proximal map, with s the size of the step, or η before the division by √v̂ + ε. */
  readonly proximalL1: number;
  /** w₀, towards which the map goes in place of 0; null for 0. */
  readonly proximalStart: Float32Array | null;
  /** s · α, likewise. */
  readonly proximalL2: number;
  /** Whether proximalL1 and proximalL2 are to be divided by the denominator of each weight. */
  readonly perWeight: boolean;
  /** Where the update of each weight is kept, before decay; null for nowhere. */
  readonly updates: Float32Array | null;
}

const { fround, abs, max, min } = Math;

/**
 * Σ (g + l1 sign(w) + l2 w)² in double precision: four sums, of every fourth element, which are added
 * as (0 + 1) + (2 + 3).
 */
export function squaredNorm(
  gradient: Float32Array,
  weights: Float32Array,
  coefficients: { l1: number; l2: number },
): number {
  const l1 = fround(coefficients.l1);
  const l2 = fround(coefficients.l2);
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < gradient.length; i++) {
    const g = penalizedGradient(gradient[i], weights[i], l1, l2);
    sums[i % 4] += g * g;
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

function penalizedGradient(g: number, w: number, l1: number, l2: number): number {
  if (l1 !== 0) g = fround(g + (w > 0 ? l1 : w < 0 ? -l1 : 0));
  if (l2 !== 0) g = fround(g + fround(l2 * w));
  return g;
}

/** g after loss terms, clipping and coupled decay. */
export function finalGradient(g: number, w: number, c: EffectCoefficients): number {
  g = fround(penalizedGradient(g, w, c.l1, c.l2) * c.clipping);
  return c.coupledDecay === 0 ? g : fround(g + fround(c.coupledDecay * w));
}

/** w after decay, step and proximal map, of the weight at `index`; `inverse` is 1/(√v̂ + ε) or 1. */
export function finalWeight(
  w: number,
  step: number,
  inverse: number,
  c: EffectCoefficients,
  index: number,
): number {
  if (c.updates !== null) c.updates[index] = step;
  if (c.decoupledDecay !== 0) {
    const d = c.decayStart === null ? w : fround(w - c.decayStart[index]);
    // The step is taken from w: where their signs agree it moves w to where the decay does.
    if (!c.cautious || step * d >= 0) step = fround(step + fround(c.decoupledDecay * d));
  }
  let u = fround(w - step);
  if (c.proximalL1 !== 0) {
    const threshold = fround(c.proximalL1 * inverse);
    const start = c.proximalStart === null ? 0 : c.proximalStart[index];
    const d = fround(u - start);
    const rest = fround(abs(d) - threshold);
    // A NaN is not ≤ 0 and stays a NaN.
    u = rest <= 0 ? start : fround(start + (d < 0 ? -rest : rest));
  }
  if (c.proximalL2 !== 0) u = fround(u / fround(1 + fround(c.proximalL2 * inverse)));
  return u;
}

/**
 * The proximal map towards the start alone, as {@link finalWeight} has it, after a step without maps.
 *
 * @param inverses Of each weight's denominator; null where it has none.
 */
export function mapToStart(
  weights: Float32Array,
  start: Float32Array,
  proximalL1: number,
  inverses: Float32Array | null,
): void {
  for (let i = 0; i < weights.length; i++) {
    const threshold = inverses === null ? proximalL1 : fround(proximalL1 * inverses[i]);
    const d = fround(weights[i] - start[i]);
    const rest = fround(abs(d) - threshold);
    weights[i] = rest <= 0 ? start[i] : start[i] + (d < 0 ? -rest : rest);
  }
}

/** Writes g + α (w − w₀) to `result`. */
export function addPullToStart(
  result: Float32Array,
  gradient: Float32Array,
  weights: Float32Array,
  start: Float32Array,
  strength: number,
): void {
  const alpha = fround(strength);
  for (let i = 0; i < result.length; i++) {
    result[i] = fround(gradient[i] + fround(alpha * fround(weights[i] - start[i])));
  }
}

/** Writes the gradient with its loss terms to `result`, each value at most `limit` away from 0. */
export function clipByValue(
  result: Float32Array,
  gradient: Float32Array,
  weights: Float32Array,
  terms: { l1: number; l2: number },
  limit: number,
): void {
  const [l1, l2] = [fround(terms.l1), fround(terms.l2)];
  for (let i = 0; i < result.length; i++) {
    const g = penalizedGradient(gradient[i], weights[i], l1, l2);
    // Infinite gradients are clipped too, NaN stays NaN.
    result[i] = min(limit, max(-limit, g));
  }
}
