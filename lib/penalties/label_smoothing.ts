import { checkNumber } from "../core/check.ts";
import {
  type ActivationOptions,
  activationOptions,
  type ActivationPenalty,
  type ActivationSpecification,
} from "./loss_terms.ts";
import { specifyPenalty } from "./penalty.ts";

/** Label smoothing, as plain JSON. */
export interface LabelSmoothingSpecification extends ActivationSpecification {
  /** Which penalty it is. */
  readonly kind: "labelSmoothing";
  /** ε, from 0 to 1; 0 gives the bits of no penalty. */
  readonly strength: number;
}

/**
 * Trains on the cross-entropy against smoothed labels: (1 − ε) · cross-entropy + ε · mean over the
 * vocabulary of −log p (Szegedy et al. 2016), as PyTorch's `cross_entropy(label_smoothing)`.
 *
 * ε is spread over all V tokens, the target's own included, so the target keeps 1 − ε + ε/V. Padding does
 * not count. It changes the training loss only: evaluation stays the plain cross-entropy. A curve shows
 * what it adds to that, ε · mean (l_target − mean l) of the logits l, which is below 0 where the target's
 * logit is below the mean.
 *
 * @param options See {@link LabelSmoothingSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength outside 0 to 1.
 *
 * @example
 * ```ts
 * import { labelSmoothing } from "./label_smoothing.ts";
 * import assert from "node:assert/strict";
 * assert.equal(labelSmoothing({ strength: 0.1 }).strength, 0.1);
 * assert.throws(() => labelSmoothing({ strength: 1.5 }), /to 1, found 1.5/);
 * ```
 */
export function labelSmoothing(options: ActivationOptions): LabelSmoothingSpecification {
  const checked = specifyPenalty("labelSmoothing", options, activationOptions);
  checkNumber("labelSmoothing: strength", checked.strength, { from: 0, to: 1 });
  return checked;
}

/** How {@link labelSmoothing} acts. */
export const labelSmoothingPenalty: ActivationPenalty<LabelSmoothingSpecification> = {
  create: labelSmoothing,
  options: activationOptions,
  name: "label smoothing",
  formula: "training loss (1 − ε) · cross-entropy + ε · mean over the vocabulary of −log p; " +
    "evaluation is the plain cross-entropy",
  tex: String
    .raw`J = (1 - \varepsilon) L - \frac{\varepsilon}{V} \operatorname{mean}_{b,t} \sum_v \ln p_{btv}`,
  roles: { strength: "strength" },
  reads: "logits",
  terms: ({ strength }) => ({ labelSmoothing: strength }),
};
