import { checkKeys } from "../core/check.ts";
import type { Schedule } from "../core/schedule.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { checkStrength, checkTargets, type ParameterKind } from "../penalties/penalty.ts";
import { adamOptionNames, type AdamOptions, adamStep, checkAdamOptions } from "./adam.ts";
import type { OptimizerKind } from "./kind.ts";

/** AdamW, as plain JSON. */
export interface AdamWSpecification {
  /** Which optimizer it is. */
  readonly kind: "adamW";
  /** η, above 0. */
  readonly learningRate: number;
  /** β₁: share of the old first moment kept. */
  readonly beta1: number;
  /** β₂: share of the old second moment kept. */
  readonly beta2: number;
  /** ε, added to the root of the corrected second moment. */
  readonly epsilon: number;
  /** α of the decoupled decay. */
  readonly decay: number;
  /** Kinds of parameters that decay. */
  readonly targets: readonly ParameterKind[];
  /** How η changes over the steps; constant when there is none. */
  readonly schedule?: Schedule;
}

/**
 * AdamW: `adam` with decoupled weight decay, w ← w − η α w − η m̂ / (√v̂ + ε).
 *
 * It is the same as `adam` with the penalty `decoupledWeightDecay({ strength: decay, targets })`, and
 * is refused together with that penalty on the same kind of parameter. The learning rate multiplies α,
 * as in PyTorch and Keras; for the paper's convention, by the schedule only, take `adam` with
 * `decoupledWeightDecay({ scaledBy: "schedule" })`. PyTorch's AdamW decays every
 * parameter it is given, biases included, with 0.01 by default, Keras's with 0.004: here `decay` must
 * be said, and acts on weight matrices unless `targets` names others. PyTorch rounds w(1 − ηα) to single
 * precision first, which loses a share ηα below 3e-8 whole; here the decay is added to the step before
 * the one rounding.
 *
 * Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019).
 *
 * @param options Those of `adam`; `decay` is α, from 0; `targets` the kinds of parameters it acts on.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { adamW } from "./adam_w.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(adamW({ learningRate: 1e-3, decay: 0.01 }).targets, [
 *   "kernel",
 *   "recurrentKernel",
 * ]);
 * ```
 */
export function adamW(
  options: AdamOptions & { decay: number; targets?: readonly ParameterKind[] },
): AdamWSpecification {
  checkKeys("adamW", options, [...adamOptionNames, "decay", "targets"]);
  return {
    kind: "adamW",
    ...checkAdamOptions("adamW", options),
    decay: checkStrength("adamW: decay", options.decay),
    targets: checkTargets("adamW", options.targets),
  };
}

/** What is known of {@link adamW}. */
export const adamWOptimizer: OptimizerKind<AdamWSpecification> = {
  create: adamW,
  formula: () =>
    "Adam with decoupled decay w ← w − η α w, Loshchilov and Hutter 2019, decay scaled by η",
  tex: () =>
    String
      .raw`w \leftarrow w - \eta \alpha w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}`,
  roles: { decay: "strength", targets: "choice" },
  slots: () => ["firstMoment", "secondMoment"],
  step: adamStep,
  decay: {
    of: ({ decay, targets }) => decoupledWeightDecay({ strength: decay, targets }),
    without: "adam",
  },
};
