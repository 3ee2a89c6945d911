import { type Given, oneOf, orNotGiven } from "../core/options.ts";
import {
  activationOptions,
  type ActivationPenalty,
  type ActivationSpecification,
} from "./loss_terms.ts";
import { clauses, specifyPenalty } from "./penalty.ts";

/** L1 on the logits, as plain JSON. */
export interface LogitsL1Specification extends ActivationSpecification {
  /** Which penalty it is. */
  readonly kind: "logitsL1";
  /**
   * Whether |logit| is summed or averaged over batch, time and vocabulary.
   *
   * @default {"sum"}
   */
  readonly reduction: "sum" | "mean";
}

/**
 * Adds λ Σ|logit| to the training loss, over the batch, its time steps and the vocabulary, or λ times the
 * mean of the same.
 *
 * This is what code such as `alpha * tf.norm(predictions, ord=1)` adds where the L1 norm of the weights was
 * meant: it pulls the scores together, so that predictions become even, and no weight to 0. The sum grows
 * with batch size, window length and vocabulary while the cross-entropy beside it is a mean, so that even a
 * small λ drives the cross-entropy to ln V; the mean does not. Padding does not count. The derivative is 0
 * at a logit of 0. It is a part of the training loss only: evaluation stays the plain cross-entropy. In a
 * curve the sum is that of one training batch.
 *
 * @param options See {@link LogitsL1Specification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { logitsL1 } from "./logits_l1.ts";
 * import assert from "node:assert/strict";
 * assert.equal(logitsL1({ strength: 0.01 }).reduction, "sum");
 * ```
 */
export function logitsL1(
  options: Given<LogitsL1Specification, "reduction">,
): LogitsL1Specification {
  return specifyPenalty("logitsL1", options, logitsL1Options);
}

const logitsL1Options = {
  ...activationOptions,
  reduction: orNotGiven(oneOf(["sum", "mean"], "sum")),
};

/** How {@link logitsL1} acts. */
export const logitsL1Penalty: ActivationPenalty<LogitsL1Specification> = {
  create: logitsL1,
  options: logitsL1Options,
  name: "L1 on logits",
  formula: ({ reduction }) =>
    clauses(
      "training loss + λ Σ|logit|, not of weights; evaluation is the plain cross-entropy",
      reduction === undefined ? undefined : `the ${reduction} over batch × time × vocabulary`,
    ),
  tex: ({ reduction }) =>
    reduction === "mean"
      ? String.raw`J = L + \lambda \operatorname{mean}_{b,t,v} |l_{btv}|`
      : String.raw`J = L + \lambda \sum_{b,t,v} |l_{btv}|`,
  roles: { strength: "strength", reduction: "choice" },
  reads: "logits",
  terms: ({ strength, reduction }) =>
    reduction === "sum" ? { logitsL1Sum: strength } : { logitsL1Mean: strength },
};
