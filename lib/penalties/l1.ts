import {
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  type StrengthOptions,
  strengthOptions,
} from "./penalty.ts";

/** L1 in the loss, as plain JSON. */
export interface L1Specification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "l1";
  /** λ of λ Σ|w|. A finite number from 0; 0 gives the bits of no penalty. */
  readonly strength: number;
}

/**
 * Adds λ Σ|w| to the loss and follows its sub-gradient: g ← g + λ · sign(w), with sign(0) = 0.
 *
 * There is no factor ½ and no mean: the sum runs over every weight of the targeted parameters, and
 * the loss beside it is the mean cross-entropy per token. The term is part of the gradient that is
 * clipped and that Adam's moments see; the learning rate multiplies it as it multiplies the rest of
 * the gradient. Biases, embeddings and normalization parameters are outside unless `targets` names
 * them. A sub-gradient step almost never lands on 0, so weights come near 0 and jump about it: for
 * exact zeros take `proximalL1`, which minimises the same objective. tfjs's derivative of |w| at 0
 * is −1, PyTorch's is 0, as here. Keras's `L1(l1)` is the same term.
 *
 * @param options See {@link L1Specification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { l1 } from "./l1.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(l1({ strength: 1e-5 }), {
 *   kind: "l1",
 *   strength: 1e-5,
 *   targets: ["kernel", "recurrentKernel"],
 * });
 * assert.throws(() => l1({ strength: -1 }), /from 0, found -1/);
 * ```
 */
export function l1(options: StrengthOptions): L1Specification {
  return specifyPenalty("l1", options, strengthOptions);
}

/** How {@link l1} acts. */
export const l1Penalty: Penalty<L1Specification> = {
  create: l1,
  options: strengthOptions,
  name: "L1 by sub-gradient",
  formula: "loss + λ Σ|w|, by its sub-gradient: g ← g + λ · sign(w), sign(0) = 0, before clipping",
  tex: String
    .raw`J = L + \lambda \sum_i |w_i|, \qquad g \leftarrow g + \lambda \operatorname{sign}(w), \; \operatorname{sign}(0) = 0`,
  roles: { strength: "strength" },
  effect: ({ strength }) => ({ l1: strength }),
};
