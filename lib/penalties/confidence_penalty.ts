import {
  type ActivationOptions,
  activationOptions,
  type ActivationPenalty,
  type ActivationSpecification,
} from "./loss_terms.ts";
import { specifyPenalty } from "./penalty.ts";

/** The penalty on confident predictions, as plain JSON. */
export interface ConfidencePenaltySpecification extends ActivationSpecification {
  /** Which penalty it is. */
  readonly kind: "confidencePenalty";
}

/**
 * Takes β · mean H(p) from the training loss, H(p) = −Σ_v p_v ln p_v the entropy of each predicted
 * distribution p, so that certain predictions cost something (Pereyra et al. 2017, Regularizing Neural
 * Networks by Penalizing Confident Output Distributions).
 *
 * The mean runs over batch and time, padding left out, in nats; there is no threshold below which the
 * entropy counts, as one of the paper's variants has. It changes the training loss only: evaluation stays
 * the plain cross-entropy. A curve shows what it adds to that, −β · mean H, which is never above 0.
 * Neither PyTorch nor Keras has it.
 *
 * @param options See {@link ConfidencePenaltySpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { confidencePenalty } from "./confidence_penalty.ts";
 * import assert from "node:assert/strict";
 * assert.equal(confidencePenalty({ strength: 0.1 }).strength, 0.1);
 * ```
 */
export function confidencePenalty(options: ActivationOptions): ConfidencePenaltySpecification {
  return specifyPenalty("confidencePenalty", options, activationOptions);
}

/** How {@link confidencePenalty} acts. */
export const confidencePenaltyPenalty: ActivationPenalty<ConfidencePenaltySpecification> = {
  create: confidencePenalty,
  options: activationOptions,
  name: "confidence penalty",
  formula: "training loss − β · mean H(p), the entropy of predictions p; evaluation is the plain " +
    "cross-entropy",
  tex: String.raw`J = L - \beta \operatorname{mean}_{b,t} H(p_{bt}), \qquad ` +
    String.raw`H(p) = -\sum_v p_v \ln p_v`,
  roles: { strength: "strength" },
  reads: "logits",
  terms: ({ strength }) => ({ confidencePenalty: strength }),
};
