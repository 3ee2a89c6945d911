import { stored } from "../core/left_out.ts";
import { checkOptions, type Given } from "../core/options.ts";
import { cautious, decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { type ParameterKind, strength, targets } from "../penalties/penalty.ts";
import { adamOptions, type AdamSpecification, adamStep } from "./adam.ts";
import type { OptimizerKind } from "./kind.ts";

/** AdamW, as plain JSON. */
export interface AdamWSpecification extends Omit<AdamSpecification, "kind"> {
  /** Which optimizer it is. */
  readonly kind: "adamW";
  /** α of the decoupled decay, from 0. */
  readonly decay: number;
  /**
   * Kinds of parameters that decay.
   *
   * @default {["kernel", "recurrentKernel"]}
   */
  readonly targets: readonly ParameterKind[];
  /**
   * Whether only those weights decay that Adam's step does not move away from 0; see
   * `decoupledWeightDecay`.
   *
   * @default {false}
   */
  readonly cautious?: boolean;
}

const adamWOptions = { ...adamOptions, decay: strength, targets, cautious };

/**
 * AdamW: `adam` with decoupled weight decay, w ← w − η α w − η m̂ / (√v̂ + ε).
 *
 * It is the same as `adam` with the penalty
 * `decoupledWeightDecay({ strength: decay, targets, cautious })`, and is refused together with that
 * penalty on the same kind of parameter. The learning rate multiplies α, as in PyTorch and Keras; for the paper's convention, by the schedule only, take `adam` with
 * `decoupledWeightDecay({ scaledBy: "schedule" })`. PyTorch's AdamW decays every
 * parameter it is given, biases included, with 0.01 by default, Keras's with 0.004: here `decay` must
 * be said, and acts on weight matrices unless `targets` names others. PyTorch rounds w(1 − ηα) to single
 * precision first, which loses a share ηα below 3e-8 whole; here the decay is added to the step before
 * the one rounding.
 *
 * Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019).
 *
 * @param options See {@link AdamWSpecification}.
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
  options: Given<AdamWSpecification, "beta1" | "beta2" | "epsilon" | "targets">,
): AdamWSpecification {
  return stored({ kind: "adamW", ...checkOptions("adamW", options, adamWOptions) }, "optimizer");
}

/** What is known of {@link adamW}. */
export const adamWOptimizer: OptimizerKind<AdamWSpecification> = {
  create: adamW,
  options: adamWOptions,
  formula: ({ cautious }) =>
    "Adam with decoupled decay w ← w − η α w, Loshchilov and Hutter 2019, decay scaled by η" +
    (cautious === true ? ", cautious: only where the step does not go away from 0" : ""),
  tex: ({ cautious }) => {
    const where = cautious === true ? String.raw`\mathbf{1}[\hat m w \ge 0]\, ` : "";
    return String.raw`w \leftarrow w - \eta \alpha ${where}w - ` +
      String.raw`\eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}`;
  },
  roles: { decay: "strength", targets: "choice", cautious: "choice" },
  slots: () => ["firstMoment", "secondMoment"],
  step: adamStep,
  decay: {
    of: ({ decay, targets, cautious }) =>
      decoupledWeightDecay({ strength: decay, targets, cautious }),
    without: "adam",
  },
};
