import {
  type ActivationOptions,
  activationOptions,
  type ActivationPenalty,
  type ActivationSpecification,
} from "./loss_terms.ts";
import { specifyPenalty } from "./penalty.ts";

/** R-Drop, as plain JSON. */
export interface RDropSpecification extends ActivationSpecification {
  /** Which penalty it is. */
  readonly kind: "rDrop";
}

/**
 * R-Drop: each step reads its batch twice, with different masks of dropout, and trains on the mean of both
 * losses + α · mean ½ (KL(p ‖ q) + KL(q ‖ p)) of the two predictions p and q of each position (Liang et al.
 * 2021, R-Drop: Regularized Dropout for Neural Networks).
 *
 * The mean runs over batch and time, padding left out, in nats. The paper adds both cross-entropies where
 * we take their mean: our α is half of its, at twice the learning rate. Other penalties on logits and
 * outputs are the mean of both passes too. Gradients go through p and q. A step costs two forward and two
 * backward passes, and holds the activations of both. With `training.carriedState` the second pass begins
 * with the same state, and the first one's is carried on.
 *
 * It needs a dropout of the model above 0: without one both passes are the same. It is a part of the training loss
 * only; a curve, which is measured without dropout, shows 0 for it.
 *
 * @param options See {@link RDropSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { rDrop } from "./r_drop.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(rDrop({ strength: 1 }), { kind: "rDrop", strength: 1 });
 * ```
 */
export function rDrop(options: ActivationOptions): RDropSpecification {
  return specifyPenalty("rDrop", options, activationOptions);
}

/** How {@link rDrop} acts. */
export const rDropPenalty: ActivationPenalty<RDropSpecification> = {
  create: rDrop,
  options: activationOptions,
  name: "R-Drop",
  formula: "mean training loss of two passes with different masks + α · mean ½ (KL(p ‖ q) + " +
    "KL(q ‖ p)) of their predictions p and q",
  tex: String.raw`J = \tfrac{1}{2} (L_p + L_q) + \frac{\alpha}{2} \operatorname{mean}_{b,t} ` +
    String.raw`\left( \mathrm{KL}(p \,\|\, q) + \mathrm{KL}(q \,\|\, p) \right)`,
  roles: { strength: "strength" },
  reads: "logits",
  terms: ({ strength }) => ({ rDrop: strength }),
};
