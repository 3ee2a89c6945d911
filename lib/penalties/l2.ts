import {
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  type StrengthOptions,
  strengthOptions,
} from "./penalty.ts";

/** L2 in the loss, as plain JSON. */
export interface L2Specification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "l2";
  /** α of ½ α Σw². A finite number from 0; 0 gives the bits of no penalty. */
  readonly strength: number;
}

/**
 * Adds ½ α Σw² to the loss: g ← g + α · w.
 *
 * The factor ½ is there, so α is PyTorch's `weight_decay` and twice the `l2` of Keras and tfjs, whose
 * term is l2 · Σw². The sum runs over every weight of the targeted parameters, and the loss beside it
 * is the mean cross-entropy per token. The term is part of the gradient that is clipped (this is the
 * only difference from `coupledWeightDecay`) and that Adam's moments see; the learning rate multiplies
 * it with the rest of the gradient. Weights shrink and do not become 0. Biases, embeddings and
 * normalization parameters are outside unless `targets` names them.
 *
 * @param options See {@link L2Specification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { l2 } from "./l2.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(l2({ strength: 1e-4, targets: ["kernel"] }).targets, ["kernel"]);
 * ```
 */
export function l2(options: StrengthOptions): L2Specification {
  return specifyPenalty("l2", options, strengthOptions);
}

/** How {@link l2} acts. */
export const l2Penalty: Penalty<L2Specification> = {
  create: l2,
  options: strengthOptions,
  name: "L2 in the loss",
  formula: "loss + ½ α Σw²: g ← g + α w, before clipping",
  tex: String.raw`J = L + \tfrac{1}{2} \alpha \sum_i w_i^2, \qquad g \leftarrow g + \alpha w`,
  roles: { strength: "strength" },
  effect: ({ strength }) => ({ l2: strength }),
};
