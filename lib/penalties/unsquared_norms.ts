import {
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  type StrengthOptions,
  strengthOptions,
} from "./penalty.ts";

/** Sum of the tensors' norms in the loss, as plain JSON. */
export interface UnsquaredNormsSpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "unsquaredNorms";
  /** λ of λ Σ ‖W‖₂. A finite number from 0; 0 gives the bits of no penalty. */
  readonly strength: number;
}

/**
 * Adds λ Σ ‖W‖₂ over the parameter tensors W to the loss: g ← g + λ · w/‖W‖₂, 0 for a tensor of zeros.
 *
 * This is what code such as `sum(torch.norm(p) for p in model.parameters())` adds where Σw² was meant:
 * the norms are not squared, so it is the group lasso with one group a tensor and no weighting,
 * `groupLasso({ groups: "tensor", weighting: "none" })`, and pulls at each tensor with the same force
 * λ however large or small it is. There is no factor ½; the term is part of the clipped gradient; the
 * learning rate multiplies it. Such code takes all parameters with λ = 1, often on top of the
 * optimizer's own coupled decay: name all kinds in `targets` for the same. Biases, embeddings and
 * normalization parameters are outside otherwise.
 *
 * @param options See {@link UnsquaredNormsSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { unsquaredNorms } from "./unsquared_norms.ts";
 * import assert from "node:assert/strict";
 * assert.equal(unsquaredNorms({ strength: 1 }).kind, "unsquaredNorms");
 * ```
 */
export function unsquaredNorms(options: StrengthOptions): UnsquaredNormsSpecification {
  return specifyPenalty("unsquaredNorms", options, strengthOptions);
}

/** How {@link unsquaredNorms} acts. */
export const unsquaredNormsPenalty: Penalty<UnsquaredNormsSpecification> = {
  create: unsquaredNorms,
  options: strengthOptions,
  name: "unsquared norms",
  formula: "loss + λ Σ ‖W‖₂ over tensors, norms not squared: g ← g + λ w/‖W‖₂, before clipping",
  tex: String
    .raw`J = L + \lambda \sum_k \lVert W_k \rVert_2, \qquad g_k \leftarrow g_k + \lambda \frac{W_k}{\lVert W_k \rVert_2}`,
  roles: { strength: "strength" },
  effect: ({ strength }) => ({ groupLasso: strength }),
  grouping: () => ({ by: "tensor", weighting: "none" }),
};
