import type { Given } from "../core/options.ts";
import { decoupledDecayOptions, effectOfDecay } from "./decoupled_weight_decay.ts";
import { clauses, type CommonSpecification, type Penalty, specifyPenalty } from "./penalty.ts";

/** Decoupled decay towards the initial weights, as plain JSON. */
export interface DecoupledDecayTowardsStartSpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "decoupledDecayTowardsStart";
  /** α of η · α · (w − w₀) taken from the weights, or of the schedule's factor times it; finite, from 0. */
  readonly strength: number;
  /**
   * What multiplies α: the learning rate, or only its schedule.
   *
   * @default {"learningRate"}
   */
  readonly scaledBy?: "learningRate" | "schedule";
  /**
   * Whether only those weights decay that the optimizer's step does not move away from w₀.
   *
   * @default {false}
   */
  readonly cautious?: boolean;
}

/**
 * Pulls the weights towards those that the training begins with, apart from the optimizer's step:
 * w ← w − η · α · (w − w₀).
 *
 * It is `decoupledWeightDecay` with w₀ in place of 0, with the same options: the learning rate multiplies α
 * (with a factor by layer, the layer's own rate), or only its schedule does; with `cautious` only those
 * weights are pulled that the step u does not move away from w₀, u (w − w₀) ≥ 0. Both w are those before the
 * step. It is no term of the loss, stays out of clipping and moments, and nothing is recorded as penalty.
 * Under plain SGD without clipping it is `l2TowardsStart`. On one weight it is refused with
 * `decoupledWeightDecay`, `adamW`'s and `muon`'s own among them: take their decay 0. Biases, embeddings and
 * normalization parameters are outside unless `targets` names them. PyTorch and Keras do not have it.
 *
 * Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019), with the starting point of Li,
 * Grandvalet and Davoine, Explicit Inductive Bias for Transfer Learning with Convolutional Networks (2018).
 *
 * @param options See {@link DecoupledDecayTowardsStartSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { decoupledDecayTowardsStart } from "./decoupled_decay_towards_start.ts";
 * import assert from "node:assert/strict";
 * assert.equal(decoupledDecayTowardsStart({ strength: 0.1 }).strength, 0.1);
 * ```
 */
export function decoupledDecayTowardsStart(
  options: Given<DecoupledDecayTowardsStartSpecification, "targets">,
): DecoupledDecayTowardsStartSpecification {
  return specifyPenalty("decoupledDecayTowardsStart", options, decoupledDecayOptions);
}

/** How {@link decoupledDecayTowardsStart} acts. */
export const decoupledDecayTowardsStartPenalty: Penalty<DecoupledDecayTowardsStartSpecification> = {
  create: decoupledDecayTowardsStart,
  options: decoupledDecayOptions,
  name: "decoupled decay towards the initial weights",
  formula: ({ scaledBy, cautious }) =>
    clauses(
      "w ← w − η α (w − w₀), w₀ the initial weights, apart from the gradient",
      scaledBy === "schedule"
        ? "not multiplied by η but by the factor of its schedule alone: w ← w − (η/η₀) α (w − w₀)"
        : undefined,
      cautious === true ? "cautious: only where the step u does not go away from w₀" : undefined,
    ),
  tex: ({ scaledBy, cautious }) => {
    const rate = scaledBy === "schedule" ? String.raw`\frac{\eta}{\eta_0}` : String.raw`\eta`;
    const where = cautious === true ? String.raw`\mathbf{1}[u (w - w_0) \ge 0]\, ` : "";
    return String.raw`w \leftarrow w - ${rate} \alpha ${where}(w - w_0)`;
  },
  roles: { strength: "strength", scaledBy: "choice", cautious: "choice" },
  effect: (specification) => ({ ...effectOfDecay(specification), decayTowardsStart: true }),
};
