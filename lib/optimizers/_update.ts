/**
 * The updates in plain TypeScript: what the kernels of `engine/assembly/optimizers.ts` are to compute
 * to the bit, and what runs where there are no kernels. Every product, sum, quotient and root is
 * rounded to single precision; scalars arrive in double precision and are rounded once, as a kernel's
 * arguments are.
 *
 * @module
 */

/** Coefficients of a step of one parameter, learning rate multiplied in. */
export interface StepCoefficients {
  /** λ of the loss term. */
  readonly l1: number;
  /** α of the loss term. */
  readonly l2: number;
  /** Factor of the gradient by clipping; 1 without. */
  readonly clipping: number;
  /** α of coupled decay. */
  readonly coupledDecay: number;
  /** η · α of decoupled decay. */
  readonly decay: number;
  /** s · λ, with s the size of the step, or η before the division by √v̂ + ε. */
  readonly threshold: number;
  /** s · α, likewise. */
  readonly shrinkage: number;
  /** Whether threshold and shrinkage are to be divided by √v̂ + ε (Adam). */
  readonly perWeight: boolean;
}

/** What SGD needs beside {@link StepCoefficients}. */
export interface SgdCoefficients {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** What Adam needs beside {@link StepCoefficients}. */
export interface AdamCoefficients {
  readonly beta1: number;
  readonly beta2: number;
  /** η. */
  readonly size: number;
  /** η / (1 − β₁ᵗ). */
  readonly stepSize: number;
  /** 1 / √(1 − β₂ᵗ). */
  readonly rootScale: number;
  readonly epsilon: number;
}

/** What RMSprop needs beside {@link StepCoefficients}. */
export interface RmspropCoefficients {
  readonly learningRate: number;
  readonly form: "pytorch" | "keras";
  readonly smoothing: number;
  readonly momentum: number;
  readonly centered: boolean;
  readonly epsilon: number;
}

/** What the optimizer itself does in a step, beside the effects of penalties. */
export type Update =
  | ({ readonly kind: "sgd" } & SgdCoefficients)
  | ({ readonly kind: "adam" } & AdamCoefficients)
  | ({ readonly kind: "rmsprop" } & RmspropCoefficients);

const { fround, abs, max, min, sqrt } = Math;

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
function finalGradient(g: number, w: number, c: StepCoefficients): number {
  g = fround(penalizedGradient(g, w, c.l1, c.l2) * c.clipping);
  return c.coupledDecay === 0 ? g : fround(g + fround(c.coupledDecay * w));
}

/** w after decay, step and proximal map; `inverse` is 1/(√v̂ + ε) or 1. */
function finalWeight(w: number, step: number, inverse: number, c: StepCoefficients): number {
  if (c.decay !== 0) step = fround(step + fround(c.decay * w));
  let u = fround(w - step);
  if (c.threshold !== 0) {
    const threshold = fround(c.threshold * inverse);
    const rest = fround(abs(u) - threshold);
    // A NaN is not ≤ 0 and stays a NaN.
    u = rest <= 0 ? 0 : u < 0 ? -rest : rest;
  }
  if (c.shrinkage !== 0) u = fround(u / fround(1 + fround(c.shrinkage * inverse)));
  return u;
}

function rounded<C extends object>(coefficients: C): C {
  const entries = Object.entries(coefficients).map(([name, value]) => [
    name,
    typeof value === "number" ? fround(value) : value,
  ]);
  return Object.fromEntries(entries) as C;
}

/** Writes the gradient with its loss terms to `result`, each value at most `limit` away from 0. */
export function clipByValue(
  result: Float32Array,
  gradient: Float32Array,
  weights: Float32Array,
  terms: { l1: number; l2: number },
  limit: number,
): void {
  const { l1, l2 } = rounded({ l1: terms.l1, l2: terms.l2 });
  for (let i = 0; i < result.length; i++) {
    const g = penalizedGradient(gradient[i], weights[i], l1, l2);
    // Infinite gradients are clipped too, NaN stays NaN.
    result[i] = min(limit, max(-limit, g));
  }
}

/** One step of an optimizer; changes the weights and what it remembers, in the order of its slots. */
export function applyUpdate(
  weights: Float32Array,
  gradient: Float32Array,
  slots: readonly Float32Array[],
  coefficients: StepCoefficients,
  update: Update,
): void {
  if (update.kind === "adam") {
    updateByAdam(weights, gradient, slots[0], slots[1], coefficients, update);
  } else if (update.kind === "sgd") {
    updateBySgd(weights, gradient, update.momentum > 0 ? slots[0] : null, coefficients, update);
  } else updateByRmsprop(weights, gradient, slots, coefficients, update);
}

/**
 * Writes the size of the step per unit of steady gradient of each weight, in double precision, as the
 * slots are after the step.
 */
export function stepSizes(
  sizes: Float64Array,
  slots: readonly Float32Array[],
  update: Update,
): void {
  if (update.kind === "sgd") {
    sizes.fill(update.learningRate / (1 - update.momentum));
  } else if (update.kind === "adam") {
    const { size, rootScale, epsilon } = update;
    const second = slots[1];
    for (let i = 0; i < sizes.length; i++) {
      sizes[i] = size / (sqrt(second[i]) * rootScale + epsilon);
    }
  } else {
    const { learningRate, momentum, centered, epsilon, form } = update;
    const [squares, means] = slots;
    for (let i = 0; i < sizes.length; i++) {
      const square = centered ? max(0, squares[i] - means[i] * means[i]) : squares[i];
      const denominator = form === "keras" ? sqrt(square + epsilon) : sqrt(square) + epsilon;
      sizes[i] = learningRate / (1 - momentum) / denominator;
    }
  }
}

/** One step of SGD; changes weights and velocity, which is null without momentum. */
export function updateBySgd(
  weights: Float32Array,
  gradient: Float32Array,
  velocity: Float32Array | null,
  coefficients: StepCoefficients,
  options: SgdCoefficients,
): void {
  const c = rounded(coefficients);
  const { learningRate, momentum, nesterov } = rounded(options);
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    const g = finalGradient(gradient[i], w, c);
    let direction = g;
    if (velocity !== null) {
      const b = velocity[i] = fround(fround(momentum * velocity[i]) + g);
      direction = nesterov ? fround(g + fround(momentum * b)) : b;
    }
    weights[i] = finalWeight(w, fround(learningRate * direction), 1, c);
  }
}

/** One step of Adam; changes weights and both moments. */
export function updateByAdam(
  weights: Float32Array,
  gradient: Float32Array,
  firstMoment: Float32Array,
  secondMoment: Float32Array,
  coefficients: StepCoefficients,
  options: AdamCoefficients,
): void {
  const c = rounded(coefficients);
  const { beta1, beta2, stepSize, rootScale, epsilon } = rounded(options);
  const rest1 = fround(1 - options.beta1);
  const rest2 = fround(1 - options.beta2);
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    const g = finalGradient(gradient[i], w, c);
    const m = firstMoment[i] = fround(fround(beta1 * firstMoment[i]) + fround(rest1 * g));
    const v = secondMoment[i] = fround(
      fround(beta2 * secondMoment[i]) + fround(fround(rest2 * g) * g),
    );
    const inverse = fround(1 / fround(fround(fround(sqrt(v)) * rootScale) + epsilon));
    const step = fround(fround(stepSize * m) * inverse);
    weights[i] = finalWeight(w, step, c.perWeight ? inverse : 1, c);
  }
}

/** One step of RMSprop; slots are the mean square, the mean if centered, the velocity if any. */
export function updateByRmsprop(
  weights: Float32Array,
  gradient: Float32Array,
  slots: readonly Float32Array[],
  coefficients: StepCoefficients,
  options: RmspropCoefficients,
): void {
  const c = rounded(coefficients);
  const { learningRate, smoothing, momentum, epsilon } = rounded(options);
  const { centered, form } = options;
  const rest = fround(1 - options.smoothing);
  const keras = form === "keras";
  const squares = slots[0];
  const means = centered ? slots[1] : null;
  const velocity = options.momentum > 0 ? slots[centered ? 2 : 1] : null;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    const g = finalGradient(gradient[i], w, c);
    let square = squares[i] = fround(
      fround(smoothing * squares[i]) + fround(fround(rest * g) * g),
    );
    if (means !== null) {
      const mean = means[i] = fround(fround(smoothing * means[i]) + fround(rest * g));
      square = max(0, fround(square - fround(mean * mean)));
    }
    const inverse = keras
      ? fround(1 / fround(sqrt(fround(square + epsilon))))
      : fround(1 / fround(fround(sqrt(square)) + epsilon));
    let step = fround(g * inverse);
    if (keras) step = fround(learningRate * step);
    if (velocity !== null) step = velocity[i] = fround(fround(momentum * velocity[i]) + step);
    if (!keras) step = fround(learningRate * step);
    weights[i] = finalWeight(w, step, c.perWeight ? inverse : 1, c);
  }
}
