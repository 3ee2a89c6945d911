import { checkNumber, show } from "../core/check.ts";
import { type Given, option, orNotGiven } from "../core/options.ts";
import {
  activationOptions,
  type ActivationPenalty,
  type ActivationSpecification,
} from "./loss_terms.ts";
import { specifyPenalty } from "./penalty.ts";

/** The loss of tokens that come later, as plain JSON. */
export interface TokensAheadSpecification extends ActivationSpecification {
  /** Which penalty it is. */
  readonly kind: "tokensAhead";
  /**
   * Weights of the tokens after the next one, w₂, w₃, …, each a finite number from 0: one to 64 of them.
   *
   * @default {[1]}
   */
  readonly weights: readonly number[];
}

/**
 * Adds λ Σ_k w_k · cross-entropy of the same prediction with the k-th token ahead, k = 2, 3, …, to the training
 * loss, whose token is the next one (k = 1): Σ_k w_k · mean −ln p_t(x_{t+k}).
 *
 * There is no head of its own for each k, as in Gloeckle et al. 2024 (Better and Faster Large Language
 * Models via Multi-Token Prediction), so it only helps at first and is meant to fall to 0 during the run:
 * `schedule: piecewiseLinearSchedule({ steps, points: [[0, 1], [0.5, 0]] })` ends it after half of `steps`, as
 * modded-nanogpt does. Each mean runs over the positions that have such a token in their own window: the
 * last k − 1 of a window, and of a target before its padding, are left out, also where the state is carried
 * to the next window. It is a part of the training loss only; a curve shows it without dropout.
 *
 * @param options See {@link TokensAheadSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength or weight that is negative or NaN.
 *
 * @example
 * ```ts
 * import { piecewiseLinearSchedule } from "../core/piecewise_linear_schedule.ts";
 * import { tokensAhead } from "./tokens_ahead.ts";
 * import assert from "node:assert/strict";
 * const penalty = tokensAhead({
 *   strength: 1,
 *   weights: [0.5, 0.25],
 *   schedule: piecewiseLinearSchedule({ steps: 1000, points: [[0, 1], [0.5, 0]] }),
 * });
 * assert.deepEqual(penalty.weights, [0.5, 0.25]);
 * ```
 */
export function tokensAhead(
  options: Given<TokensAheadSpecification, "weights">,
): TokensAheadSpecification {
  return specifyPenalty("tokensAhead", options, tokensAheadOptions);
}

/** Weights at most. */
const mostWeights = 64;

const tokensAheadOptions = {
  ...activationOptions,
  weights: orNotGiven(option((name, value): readonly number[] => {
    if (!Array.isArray(value) || value.length === 0 || value.length > mostWeights) {
      throw new TypeError(
        `${name} must be a list of 1 to ${mostWeights} numbers, found ${show(value)}.`,
      );
    }
    return value.map((weight, index) => checkNumber(`${name}[${index}]`, weight, { from: 0 }));
  }, [1])),
};

/** How {@link tokensAhead} acts. */
export const tokensAheadPenalty: ActivationPenalty<TokensAheadSpecification> = {
  create: tokensAhead,
  options: tokensAheadOptions,
  name: "several tokens ahead",
  formula: ({ weights }) =>
    "training loss + λ Σ_k w_k · cross-entropy with the k-th token ahead, k = 2, 3, …" +
    (weights === undefined ? "" : `; w = ${weights.join(", ")}`),
  tex: String
    .raw`J = L - \lambda \sum_{k \ge 2} w_k \operatorname{mean}_{b,t} \ln p_{bt}(x_{b,t+k})`,
  roles: { strength: "strength", weights: "choice" },
  reads: "logits",
  terms: ({ strength, weights }) => ({ tokensAhead: weights.map((weight) => strength * weight) }),
};
