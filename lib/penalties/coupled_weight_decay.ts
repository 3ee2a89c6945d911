import {
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  type StrengthOptions,
  strengthOptions,
} from "./penalty.ts";

/** Coupled weight decay, as plain JSON. */
export interface CoupledWeightDecaySpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "coupledWeightDecay";
  /** α of α · w in the gradient. A finite number from 0; 0 gives the bits of no penalty. */
  readonly strength: number;
}

/**
 * Adds α · w to the clipped gradient, as the option `weight_decay` of PyTorch's SGD and Adam does:
 * g ← g + α · w before momentum and moments.
 *
 * It is the gradient of ½ α Σw², so without clipping it trains exactly as `l2` does. With clipping it
 * differs: PyTorch adds the decay inside the optimizer, after the gradient was clipped, so neither the
 * global norm nor the clipping includes it. It is no term of the loss, and nothing is recorded as
 * penalty. The learning rate multiplies it as it multiplies the gradient; under Adam it is divided by
 * √v̂ + ε like the rest, which makes it another thing than `decoupledWeightDecay`: useful strengths
 * lie near 1e-5 … 1e-1 here and far higher there. Biases, embeddings and normalization parameters are
 * outside unless `targets` names them (PyTorch's option acts on every parameter).
 *
 * @param options See {@link CoupledWeightDecaySpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { coupledWeightDecay } from "./coupled_weight_decay.ts";
 * import assert from "node:assert/strict";
 * assert.equal(coupledWeightDecay({ strength: 1e-5 }).kind, "coupledWeightDecay");
 * ```
 */
export function coupledWeightDecay(options: StrengthOptions): CoupledWeightDecaySpecification {
  return specifyPenalty("coupledWeightDecay", options, strengthOptions);
}

/** How {@link coupledWeightDecay} acts. */
export const coupledWeightDecayPenalty: Penalty<CoupledWeightDecaySpecification> = {
  create: coupledWeightDecay,
  options: strengthOptions,
  name: "coupled weight decay",
  formula: "g ← g + α w, after clipping and before the optimizer's momentum and moments",
  tex: String.raw`g \leftarrow g + \alpha w`,
  roles: { strength: "strength" },
  effect: ({ strength }) => ({ coupledDecay: strength }),
};
