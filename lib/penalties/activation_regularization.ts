import {
  type ActivationOptions,
  activationOptions,
  type ActivationPenalty,
  type ActivationSpecification,
} from "./loss_terms.ts";
import { specifyPenalty } from "./penalty.ts";

/** AR, as plain JSON. */
export interface ActivationRegularizationSpecification extends ActivationSpecification {
  /** Which penalty it is. */
  readonly kind: "activationRegularization";
}

/**
 * AR: adds α · mean h̃² to the training loss, of the last layer's outputs h̃ after dropout, that is of
 * what the output layer reads (Merity et al. 2017, Revisiting Activation Regularization; AWD-LSTM's
 * `alpha`, 2 by default there).
 *
 * There is no factor ½; the mean runs over batch, time and hidden units, padding left out, so it needs no
 * other α for another batch size. It penalizes activations, not weights. Of a Transformer the outputs are
 * those of the last layer norm. It is a part of the training loss only; a curve shows it without dropout.
 *
 * @param options See {@link ActivationRegularizationSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { activationRegularization } from "./activation_regularization.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(activationRegularization({ strength: 2 }), {
 *   kind: "activationRegularization",
 *   strength: 2,
 * });
 * ```
 */
export function activationRegularization(
  options: ActivationOptions,
): ActivationRegularizationSpecification {
  return specifyPenalty("activationRegularization", options, activationOptions);
}

/** How {@link activationRegularization} acts. */
export const activationRegularizationPenalty: ActivationPenalty<
  ActivationRegularizationSpecification
> = {
  create: activationRegularization,
  options: activationOptions,
  name: "AR",
  formula: "training loss + α · mean h̃² of the last layer's outputs after dropout",
  tex: String.raw`J = L + \alpha \operatorname{mean}_{b,t,i} \tilde h_{bti}^2`,
  roles: { strength: "strength" },
  reads: "outputs",
  terms: ({ strength }) => ({ outputSquares: strength }),
};
