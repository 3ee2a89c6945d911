import {
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  type StrengthOptions,
  strengthOptions,
} from "./penalty.ts";

/** Keras's L2 in the loss, as plain JSON. */
export interface KerasL2Specification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "kerasL2";
  /** λ of λ Σw². A finite number from 0; 0 gives the bits of no penalty. */
  readonly strength: number;
}

/**
 * Adds λ Σw² to the loss, without the factor ½: g ← g + 2λ · w.
 *
 * This is the `L2(l2)` of Keras and the `l2` of tfjs, so the same as this library's `l2` and as
 * PyTorch's `weight_decay` with α = 2λ, and the bits are those of `l2({ strength: 2 * λ })`. The sum runs
 * over every weight of the targeted parameters, and the loss beside it is the mean cross-entropy per
 * token; the term is part of the clipped gradient and of Adam's moments; the learning rate multiplies
 * it. Biases, embeddings and normalization parameters are outside unless `targets` names them (in
 * Keras each layer names its own).
 *
 * @param options See {@link KerasL2Specification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { kerasL2 } from "./keras_l2.ts";
 * import assert from "node:assert/strict";
 * assert.equal(kerasL2({ strength: 5e-5 }).strength, 5e-5);
 * ```
 */
export function kerasL2(options: StrengthOptions): KerasL2Specification {
  return specifyPenalty("kerasL2", options, strengthOptions);
}

/** How {@link kerasL2} acts. */
export const kerasL2Penalty: Penalty<KerasL2Specification> = {
  create: kerasL2,
  options: strengthOptions,
  name: "L2 as in Keras",
  formula: "loss + λ Σw², without ½: g ← g + 2λ w, before clipping",
  tex: String.raw`J = L + \lambda \sum_i w_i^2, \qquad g \leftarrow g + 2 \lambda w`,
  roles: { strength: "strength" },
  effect: ({ strength }) => ({ l2: 2 * strength }),
};
