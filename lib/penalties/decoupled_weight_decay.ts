import { checkKeys } from "../core/check.ts";
import { checkStrength, checkTargets, type ParameterKind, type Penalty } from "./penalty.ts";

/** Decoupled weight decay, as plain JSON. */
export interface DecoupledWeightDecaySpecification {
  /** Which penalty it is. */
  readonly kind: "decoupledWeightDecay";
  /** α of η · α · w taken from the weights. */
  readonly strength: number;
  /** Kinds of parameters it acts on. */
  readonly targets: readonly ParameterKind[];
}

/**
 * Shrinks the weights beside the optimizer's step, which does not see it: w ← w − η · α · w.
 *
 * The learning rate η multiplies α, as in PyTorch's and Keras's AdamW; Loshchilov and Hutter's paper
 * multiplies by the schedule only. What counts is the share ηα removed per step, which the records
 * keep. It is no term of the loss (nothing is recorded as penalty), has no factor ½ to argue about,
 * stays out of clipping and out of the moments, and under Adam it does not minimise loss + ½ α‖w‖².
 * Under plain SGD without clipping it coincides with `l2`. Biases, embeddings and normalization
 * parameters are outside unless `targets` names them (PyTorch's AdamW decays every parameter it is
 * given). `adam` with this penalty and `adamW` are the same optimizer.
 *
 * Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019).
 *
 * @param options.strength α, a finite number from 0; 0 gives the bits of no penalty.
 * @param options.targets Kinds of parameters it acts on.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { decoupledWeightDecay } from "./decoupled_weight_decay.ts";
 * import assert from "node:assert/strict";
 * assert.equal(decoupledWeightDecay({ strength: 0.3 }).strength, 0.3);
 * ```
 */
export function decoupledWeightDecay(
  options: { strength: number; targets?: readonly ParameterKind[] },
): DecoupledWeightDecaySpecification {
  checkKeys("decoupledWeightDecay", options, ["strength", "targets"]);
  return {
    kind: "decoupledWeightDecay",
    strength: checkStrength("decoupledWeightDecay: strength", options.strength),
    targets: checkTargets("decoupledWeightDecay", options.targets),
  };
}

/** How {@link decoupledWeightDecay} acts. */
export const decoupledWeightDecayPenalty: Penalty<DecoupledWeightDecaySpecification> = {
  pulls: ["decay"],
  create: decoupledWeightDecay,
  effect: ({ strength }) => ({ decoupledDecay: strength }),
  value: () => 0,
};
