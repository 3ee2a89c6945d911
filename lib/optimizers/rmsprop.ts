import { stored } from "../core/left_out.ts";
import { boolean, checkOptions, type Given, number, oneOf, orNotGiven } from "../core/options.ts";
import { type Schedule, scheduleOption } from "../core/schedule.ts";
import type { OptimizerKind, Step } from "./kind.ts";
import { type EffectCoefficients, finalGradient, finalWeight } from "./_step.ts";

/** RMSprop, as plain JSON. */
export interface RmspropSpecification {
  /** Which optimizer it is. */
  readonly kind: "rmsprop";
  /** η, above 0. */
  readonly learningRate: number;
  /**
   * Where ε and, with momentum, η stand.
   *
   * @default {"pytorch"}
   */
  readonly form: "pytorch" | "keras";
  /**
   * γ: share of the old mean square kept, in [0, 1); 0.9 in Keras's form.
   *
   * @default {0.99}
   */
  readonly smoothing: number;
  /**
   * μ, in [0, 1); 0 for none.
   *
   * @default {0}
   */
  readonly momentum: number;
  /**
   * Whether the mean square is taken about the mean gradient.
   *
   * @default {false}
   */
  readonly centered: boolean;
  /**
   * ε, from 1e-30; 1e-7 in Keras's form.
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

/** What {@link rmsprop} takes. */
export type RmspropOptions = Given<
  RmspropSpecification,
  "form" | "smoothing" | "momentum" | "centered" | "epsilon"
>;

const rmspropOptions = {
  learningRate: number({ above: 0 }),
  form: orNotGiven(oneOf(["pytorch", "keras"], "pytorch")),
  smoothing: number({ from: 0, below: 1 }, 0.99),
  momentum: number({ from: 0, below: 1 }, 0),
  centered: boolean(false),
  epsilon: number({ from: 1e-30 }, 1e-8),
  schedule: scheduleOption,
};

/**
 * RMSprop: with v ← γ v + (1 − γ) g² and, if centered, m ← γ m + (1 − γ) g and v′ = v − m², else
 * v′ = v,
 *
 * - PyTorch's form: b ← μ b + g/(√v′ + ε), w ← w − η b, with ε outside the root and η outside the
 *   momentum;
 * - Keras's form: b ← μ b + η g/√(v′ + ε), w ← w − b, with both inside; uncentered it is tfjs's too.
 *
 * Without momentum and schedule the forms differ by ε alone, which inside the root weighs as √ε: 3e-4
 * for 1e-7. Keras itself changed: in its earlier `optimizer_v2` ε stood outside where there is no momentum,
 * so what was published with it is PyTorch's form with γ 0.9 and ε 1e-7. All averages begin at 0 and are not bias-corrected. Defaults are those of PyTorch and of
 * Keras; tfjs's γ is 0.9 and its ε 1e-7 too. Rounding may bring v′ below 0, where it is taken as 0.
 * Loss-term penalties and `coupledWeightDecay` enter g and with it the averages; the proximal maps take
 * the step per unit of steady gradient, η/((1 − μ)(√v′ + ε)) in PyTorch's form, η/((1 − μ)√(v′ + ε)) in
 * Keras's; there, while a schedule lowers η, the momentum still holds steps of the larger η before, for
 * which the threshold is a little small.
 *
 * We differ on purpose from tfjs 4.22's centered form, which divides by √(v − (m² + ε)): there −ε makes
 * steps larger, and NaN where the variance is below ε.
 *
 * Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning (2012); Graves, Generating
 * Sequences With Recurrent Neural Networks (2013), for the centered one.
 *
 * @param options See {@link RmspropSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { rmsprop } from "./rmsprop.ts";
 * import assert from "node:assert/strict";
 * assert.equal(rmsprop({ learningRate: 1e-3 }).smoothing, 0.99);
 * assert.equal(rmsprop({ learningRate: 1e-3, form: "keras" }).epsilon, 1e-7);
 * ```
 */
export function rmsprop(options: RmspropOptions): RmspropSpecification {
  const checked = checkOptions("rmsprop", options, rmspropOptions);
  const { smoothing, epsilon } = options;
  const kerasDefaults = checked.form === "keras" && {
    ...(smoothing === undefined && { smoothing: 0.9 }),
    ...(epsilon === undefined && { epsilon: 1e-7 }),
  };
  return stored({ kind: "rmsprop", ...checked, ...kerasDefaults }, "optimizer");
}

/** What is known of {@link rmsprop}. */
export const rmspropOptimizer: OptimizerKind<RmspropSpecification> = {
  create: rmsprop,
  options: rmspropOptions,
  formula: ({ form, centered }) =>
    (form === "keras"
      ? "w ← w − η g / √(v + ε), ε inside the root as in Keras"
      : "w ← w − η g / (√v + ε), ε outside the root as in PyTorch") +
    (centered === true ? ", v about the mean gradient" : ""),
  tex({ form, centered, momentum }) {
    const square = centered === true ? "v - m^2" : "v";
    const step = form === "keras"
      ? String.raw`\frac{g}{\sqrt{${square} + \varepsilon}}`
      : String.raw`\frac{g}{\sqrt{${square}} + \varepsilon}`;
    if (momentum === undefined || momentum === 0) {
      return String.raw`w \leftarrow w - \eta\, ${step}`;
    }
    // Keras's learning rate enters the velocity, PyTorch's multiplies it.
    return form === "keras"
      ? String.raw`b \leftarrow \mu b + \eta\, ${step}, \qquad w \leftarrow w - b`
      : String.raw`b \leftarrow \mu b + ${step}, \qquad w \leftarrow w - \eta\, b`;
  },
  slots: ({ centered, momentum }) => [
    "meanSquare",
    ...(centered ? ["mean"] : []),
    ...(momentum > 0 ? ["velocity"] : []),
  ],
  step: rmspropStep,
};

const { fround, max, sqrt } = Math;

/** One step; its slots are the mean square, the mean if centered, the velocity if any. */
function rmspropStep(specification: RmspropSpecification, learningRate: number): Step {
  const { smoothing, momentum, epsilon } = specification;
  const coefficients = Float32Array.of(learningRate, smoothing, 1 - smoothing, momentum, epsilon);
  const size = learningRate / (1 - momentum);
  return {
    size,
    perWeight: true,
    coefficients,
    update: (weights, gradient, slots, effects) =>
      update(weights, gradient, slots, effects, { ...specification, coefficients }),
    writeSizes: (sizes, slots) => writeSizes(sizes, slots, size, specification),
  };
}

function update(
  weights: Float32Array,
  gradient: Float32Array,
  slots: readonly Float32Array[],
  effects: EffectCoefficients,
  { form, centered, coefficients }: RmspropSpecification & { coefficients: Float32Array },
): void {
  // By index: an iterator may also give undefined, and then the loop takes twice the time.
  const { 0: learningRate, 1: smoothing, 2: rest, 3: momentum, 4: epsilon } = coefficients;
  const { perWeight } = effects;
  const keras = form === "keras";
  const squares = slots[0];
  const means = centered ? slots[1] : null;
  const velocity = slots.length > (centered ? 2 : 1) ? slots.at(-1)! : null;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    const g = finalGradient(gradient[i], w, effects);
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
    weights[i] = finalWeight(w, step, perWeight ? inverse : 1, effects, i);
  }
}

function writeSizes(
  sizes: Float64Array,
  [squares, means]: readonly Float32Array[],
  size: number,
  { form, centered, epsilon }: RmspropSpecification,
): void {
  for (let i = 0; i < sizes.length; i++) {
    const square = centered ? max(0, squares[i] - means[i] * means[i]) : squares[i];
    sizes[i] = size / (form === "keras" ? sqrt(square + epsilon) : sqrt(square) + epsilon);
  }
}
