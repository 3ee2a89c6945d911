import {
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  type StrengthOptions,
  strengthOptions,
} from "./penalty.ts";

/** L2 towards the initial weights, as plain JSON. */
export interface L2TowardsStartSpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "l2TowardsStart";
  /** α of ½ α Σ(w − w₀)². A finite number from 0; 0 gives the bits of no penalty. */
  readonly strength: number;
}

/**
 * Adds ½ α Σ(w − w₀)² to the loss, w₀ the weights that the training begins with: g ← g + α · (w − w₀).
 *
 * This is L2-SP: what pretraining found is the point that weights are pulled to, in place of 0. w₀ is what
 * the initializer drew or what was loaded; a warm start changes where a run begins, not w₀. The factor ½ is
 * there, as in `l2` and in the paper, and the sum runs over every weight of the targeted parameters, beside
 * the mean cross-entropy per token. The term is part of the gradient that is clipped and that Adam's moments
 * see; the learning rate multiplies it with the rest. The paper pulls layers that pretraining did not have
 * towards 0: give those to `l2` by `layers`. On one weight the two are refused together. Biases, embeddings
 * and normalization parameters are outside unless `targets` names them. PyTorch and Keras do not have it.
 *
 * Li, Grandvalet and Davoine, Explicit Inductive Bias for Transfer Learning with Convolutional Networks
 * (2018).
 *
 * @param options See {@link L2TowardsStartSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { l2TowardsStart } from "./l2_towards_start.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(l2TowardsStart({ strength: 0.1, targets: ["kernel"] }).targets, ["kernel"]);
 * ```
 */
export function l2TowardsStart(options: StrengthOptions): L2TowardsStartSpecification {
  return specifyPenalty("l2TowardsStart", options, strengthOptions);
}

/** How {@link l2TowardsStart} acts. */
export const l2TowardsStartPenalty: Penalty<L2TowardsStartSpecification> = {
  create: l2TowardsStart,
  options: strengthOptions,
  name: "L2 towards the initial weights",
  formula:
    "loss + ½ α Σ(w − w₀)², w₀ the initial weights (L2-SP): g ← g + α (w − w₀), before clipping",
  tex: String
    .raw`J = L + \tfrac{1}{2} \alpha \sum_i (w_i - w_{0,i})^2, \qquad g \leftarrow g + \alpha (w - w_0)`,
  roles: { strength: "strength" },
  effect: ({ strength }) => ({ l2TowardsStart: strength }),
};
