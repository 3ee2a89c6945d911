import { stored } from "../core/left_out.ts";
import { checkOptions, type Given, number } from "../core/options.ts";
import { type Schedule, scheduleOption } from "../core/schedule.ts";
import type { OptimizerKind, Step } from "./kind.ts";
import { type EffectCoefficients, finalGradient, finalWeight } from "./_step.ts";

/** Adam, as plain JSON. */
export interface AdamSpecification {
  /** Which optimizer it is. */
  readonly kind: "adam";
  /** η, above 0. */
  readonly learningRate: number;
  /**
   * β₁: share of the old first moment kept, in [0, 1).
   *
   * @default {0.9}
   */
  readonly beta1: number;
  /**
   * β₂: share of the old second moment kept, in [0, 1).
   *
   * @default {0.999}
   */
  readonly beta2: number;
  /**
   * ε, added to the root of the corrected second moment; from 1e-30 so that 1/ε is finite in single
   * precision.
   *
   * @default {1e-8}
   */
  readonly epsilon: number;
  /**
   * How η changes over the steps, such as `cosineSchedule`; a constant one is left out.
   *
   * @default {constantSchedule()}
   */
  readonly schedule?: Schedule;
}

/** What {@link adam} takes. */
export type AdamOptions = Given<AdamSpecification, "beta1" | "beta2" | "epsilon">;

/** Options that Adam and AdamW share. */
export const adamOptions = {
  learningRate: number({ above: 0 }),
  beta1: number({ from: 0, below: 1 }, 0.9),
  beta2: number({ from: 0, below: 1 }, 0.999),
  epsilon: number({ from: 1e-30 }, 1e-8),
  schedule: scheduleOption,
};

/**
 * Adam: with m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ):
 * w ← w − η m̂ / (√v̂ + ε).
 *
 * As PyTorch's Adam: both moments begin at 0 and are bias-corrected, ε stands outside the root and is
 * added to the corrected √v̂. tfjs has this form with ε = 1e-7 by default; Keras, with ε = 1e-7, adds
 * it to the uncorrected √v as the paper's section 2 does, where it weighs more in the first steps.
 * Loss-term penalties and `coupledWeightDecay` enter g and with it both moments;
 * `decoupledWeightDecay` does not.
 *
 * Kingma and Ba, Adam: A Method for Stochastic Optimization (2015).
 *
 * @param options See {@link AdamSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { adam } from "./adam.ts";
 * import assert from "node:assert/strict";
 * assert.equal(adam({ learningRate: 1e-3 }).epsilon, 1e-8);
 * assert.throws(() => adam({ learningRate: 1e-3, beta1: 1 }), /below 1, found 1/);
 * ```
 */
export function adam(options: AdamOptions): AdamSpecification {
  return stored({ kind: "adam", ...checkOptions("adam", options, adamOptions) }, "optimizer");
}

const { fround, sqrt } = Math;

/** What is known of {@link adam}. */
export const adamOptimizer: OptimizerKind<AdamSpecification> = {
  create: adam,
  options: adamOptions,
  formula: () => "w ← w − η m̂ / (√v̂ + ε), Kingma and Ba 2015",
  tex: () => String.raw`w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}`,
  slots: () => ["firstMoment", "secondMoment"],
  step: adamStep,
};

/** Step number t, from 1; its slots are both moments. */
export function adamStep(
  { beta1, beta2, epsilon }: Pick<AdamSpecification, "beta1" | "beta2" | "epsilon">,
  learningRate: number,
  t: number,
): Step {
  const rootScale = 1 / sqrt(1 - beta2 ** t);
  const coefficients = Float32Array.of(
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    learningRate / (1 - beta1 ** t),
    rootScale,
    epsilon,
  );
  return {
    size: learningRate,
    perWeight: true,
    coefficients,
    update: (weights, gradient, [firstMoment, secondMoment], effects) =>
      update(weights, gradient, firstMoment, secondMoment, effects, coefficients),
    updateByKernel: (kernels, at, _, normWanted) =>
      kernels.updateByAdam(
        at.weights,
        at.gradient,
        at.slots[0],
        at.slots[1],
        at.count,
        at.effects,
        at.coefficients,
        normWanted,
      ),
    writeInverses: (inverses, [, secondMoment]) =>
      writeInverses(inverses, secondMoment, coefficients),
    writeSizes: (sizes, [, secondMoment]) =>
      writeSizes(sizes, secondMoment, { learningRate, rootScale, epsilon }),
  };
}

function update(
  weights: Float32Array,
  gradient: Float32Array,
  firstMoment: Float32Array,
  secondMoment: Float32Array,
  effects: EffectCoefficients,
  coefficients: Float32Array,
): void {
  // By index: an iterator may also give undefined, and then the loop takes twice the time.
  const { 0: beta1, 1: rest1, 2: beta2, 3: rest2, 4: stepSize, 5: rootScale, 6: epsilon } =
    coefficients;
  const { perWeight } = effects;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    const g = finalGradient(gradient[i], w, effects);
    const m = firstMoment[i] = fround(fround(beta1 * firstMoment[i]) + fround(rest1 * g));
    const v = secondMoment[i] = fround(
      fround(beta2 * secondMoment[i]) + fround(fround(rest2 * g) * g),
    );
    const inverse = fround(1 / fround(fround(fround(sqrt(v)) * rootScale) + epsilon));
    const step = fround(fround(stepSize * m) * inverse);
    weights[i] = finalWeight(w, step, perWeight ? inverse : 1, effects, i);
  }
}

function writeInverses(
  inverses: Float32Array,
  secondMoment: Float32Array,
  coefficients: Float32Array,
): void {
  const { 5: rootScale, 6: epsilon } = coefficients;
  for (let i = 0; i < inverses.length; i++) {
    inverses[i] = 1 / fround(fround(fround(sqrt(secondMoment[i])) * rootScale) + epsilon);
  }
}

function writeSizes(
  sizes: Float64Array,
  secondMoment: Float32Array,
  { learningRate, rootScale, epsilon }: {
    readonly learningRate: number;
    readonly rootScale: number;
    readonly epsilon: number;
  },
): void {
  for (let i = 0; i < sizes.length; i++) {
    sizes[i] = learningRate / (sqrt(secondMoment[i]) * rootScale + epsilon);
  }
}
