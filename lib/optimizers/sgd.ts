import { stored } from "../core/left_out.ts";
import { boolean, checkOptions, type Given, number } from "../core/options.ts";
import { type Schedule, scheduleOption } from "../core/schedule.ts";
import type { OptimizerKind, Step } from "./kind.ts";
import { type EffectCoefficients, finalGradient, finalWeight } from "./_step.ts";

/** Stochastic gradient descent, as plain JSON. */
export interface SgdSpecification {
  /** Which optimizer it is. */
  readonly kind: "sgd";
  /** η, above 0. */
  readonly learningRate: number;
  /**
   * μ, in [0, 1); 0 for none.
   *
   * @default {0}
   */
  readonly momentum: number;
  /**
   * Whether to look ahead; needs momentum.
   *
   * @default {false}
   */
  readonly nesterov: boolean;
  /**
   * How η changes over the steps, such as `cosineSchedule`; a constant one is left out.
   *
   * @default {constantSchedule()}
   */
  readonly schedule?: Schedule;
}

/** What {@link sgd} takes. */
export type SgdOptions = Given<SgdSpecification, "momentum" | "nesterov">;

const sgdOptions = {
  learningRate: number({ above: 0 }),
  momentum: number({ from: 0, below: 1 }, 0),
  nesterov: boolean(false),
  schedule: scheduleOption,
};

/**
 * Stochastic gradient descent: w ← w − η · d, with velocity b ← μ b + g and d = g without momentum,
 * b with momentum μ, g + μ b with Nesterov's.
 *
 * As PyTorch's SGD: the velocity begins at 0, there is no dampening, and η multiplies the velocity,
 * not what enters it (Sutskever et al. 2013 put η inside; with a constant η both are the same). In a
 * steady gradient the step grows to η/(1 − μ) · g; the proximal penalties take their threshold
 * accordingly. tfjs's Nesterov momentum is the same. Decay is not an option here: give
 * `coupledWeightDecay` or `decoupledWeightDecay` as a penalty.
 *
 * @param options See {@link SgdSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { sgd } from "./sgd.ts";
 * import assert from "node:assert/strict";
 * assert.equal(sgd({ learningRate: 0.1 }).momentum, 0);
 * assert.throws(() => sgd({ learningRate: 0.1, nesterov: true }), /nesterov needs momentum/);
 * ```
 */
export function sgd(options: SgdOptions): SgdSpecification {
  const specification = { kind: "sgd" as const, ...checkOptions("sgd", options, sgdOptions) };
  if (specification.nesterov && specification.momentum === 0) {
    throw new RangeError("sgd: nesterov needs momentum above 0, found momentum 0.");
  }
  return stored(specification, "optimizer");
}

const { fround } = Math;

/** What is known of {@link sgd}. */
export const sgdOptimizer: OptimizerKind<SgdSpecification> = {
  create: sgd,
  options: sgdOptions,
  formula: ({ momentum, nesterov }) =>
    momentum === undefined || momentum === 0
      ? "w ← w − η g"
      : nesterov === true
      ? "b ← μ b + g, w ← w − η (g + μ b), Nesterov's momentum"
      : "b ← μ b + g, w ← w − η b",
  tex: ({ momentum, nesterov }) =>
    momentum === undefined || momentum === 0
      ? String.raw`w \leftarrow w - \eta\, g`
      : nesterov === true
      ? String.raw`b \leftarrow \mu b + g, \qquad w \leftarrow w - \eta\, (g + \mu b)`
      : String.raw`b \leftarrow \mu b + g, \qquad w \leftarrow w - \eta\, b`,
  slots: ({ momentum }) => momentum > 0 ? ["velocity"] : [],
  step: sgdStep,
};

/** One step; its slot is the velocity where there is momentum. */
export function sgdStep(
  { momentum, nesterov }: Pick<SgdSpecification, "momentum" | "nesterov">,
  learningRate: number,
): Step {
  const size = learningRate / (1 - momentum);
  const coefficients = Float32Array.of(learningRate, momentum, Number(nesterov));
  return {
    size,
    perWeight: false,
    coefficients,
    update: (weights, gradient, slots, effects) =>
      update(weights, gradient, momentum > 0 ? slots[0] : null, effects, coefficients),
    updateByKernel(kernels, at, { l1, l2 }, normWanted) {
      const squares = normWanted
        ? kernels.squaredNorm(at.gradient, at.weights, at.count, l1, l2)
        : 0;
      const velocity = momentum > 0 ? at.slots[0] : 0;
      kernels.updateBySgd(
        at.weights,
        at.gradient,
        velocity,
        at.count,
        at.effects,
        at.coefficients,
      );
      return squares;
    },
    writeSizes: (sizes) => sizes.fill(size),
  };
}

function update(
  weights: Float32Array,
  gradient: Float32Array,
  velocity: Float32Array | null,
  effects: EffectCoefficients,
  coefficients: Float32Array,
): void {
  // By index: an iterator may also give undefined, and then the loop takes twice the time.
  const { 0: learningRate, 1: momentum, 2: nesterov } = coefficients;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    const g = finalGradient(gradient[i], w, effects);
    let direction = g;
    if (velocity !== null) {
      const b = velocity[i] = fround(fround(momentum * velocity[i]) + g);
      direction = nesterov !== 0 ? fround(g + fround(momentum * b)) : b;
    }
    weights[i] = finalWeight(w, fround(learningRate * direction), 1, effects, i);
  }
}
