import {
  type ActivationOptions,
  activationOptions,
  type ActivationPenalty,
  type ActivationSpecification,
} from "./loss_terms.ts";
import { specifyPenalty } from "./penalty.ts";

/** TAR, as plain JSON. */
export interface TemporalActivationRegularizationSpecification extends ActivationSpecification {
  /** Which penalty it is. */
  readonly kind: "temporalActivationRegularization";
}

/**
 * TAR: adds β · mean (h_{t+1} − h_t)² to the training loss, of the last layer's outputs h before dropout
 * (Merity et al. 2017, Revisiting Activation Regularization; AWD-LSTM's `beta`, 1 by default there).
 *
 * There is no factor ½; the mean runs over batch, successive steps of a window and hidden units, padding
 * left out; steps of different windows are never compared, and a window of one token adds 0. Of a
 * Transformer the outputs are those of the last layer norm. It is a part of the training loss only.
 *
 * @param options See {@link TemporalActivationRegularizationSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { temporalActivationRegularization } from "./temporal_activation_regularization.ts";
 * import assert from "node:assert/strict";
 * const penalty = temporalActivationRegularization({ strength: 1 });
 * assert.equal(penalty.kind, "temporalActivationRegularization");
 * ```
 */
export function temporalActivationRegularization(
  options: ActivationOptions,
): TemporalActivationRegularizationSpecification {
  return specifyPenalty("temporalActivationRegularization", options, activationOptions);
}

/** How {@link temporalActivationRegularization} acts. */
export const temporalActivationRegularizationPenalty: ActivationPenalty<
  TemporalActivationRegularizationSpecification
> = {
  create: temporalActivationRegularization,
  options: activationOptions,
  name: "TAR",
  formula: "training loss + β · mean (h_{t+1} − h_t)² of the last layer's outputs before dropout",
  tex: String.raw`J = L + \beta \operatorname{mean}_{b,t,i} (h_{b,t+1,i} - h_{bti})^2`,
  roles: { strength: "strength" },
  reads: "outputs",
  terms: ({ strength }) => ({ outputDifferences: strength }),
};
