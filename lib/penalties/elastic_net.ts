import { type Given } from "../core/options.ts";
import {
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  strength,
  withCommonOptions,
} from "./penalty.ts";

/** Elastic net in the loss, as plain JSON. */
export interface ElasticNetSpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "elasticNet";
  /** λ of λ Σ|w|, a finite number from 0. */
  readonly l1Strength: number;
  /** α of ½ α Σw², a finite number from 0. */
  readonly l2Strength: number;
}

/**
 * Adds λ Σ|w| + ½ α Σw² to the loss: g ← g + λ · sign(w) + α · w, with sign(0) = 0.
 *
 * It is `l1` and `l2` together, on the same targets, and what they say holds: a factor ½ in the
 * square and none in the absolute value, part of the clipped gradient and of Adam's moments, sums over
 * all targeted weights, no exact zeros (take `proximalElasticNet` for them), biases, embeddings and
 * normalization parameters outside unless `targets` names them. Against scikit-learn's ElasticNet, for
 * the objective ½ · MSE + λ‖w‖₁ + ½ α‖w‖²: alpha = λ + α, l1_ratio = λ/(λ + α).
 *
 * Zou and Hastie, Regularization and variable selection via the elastic net (2005).
 *
 * @param options See {@link ElasticNetSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { elasticNet } from "./elastic_net.ts";
 * import assert from "node:assert/strict";
 * assert.equal(elasticNet({ l1Strength: 1e-5, l2Strength: 1e-4 }).l2Strength, 1e-4);
 * ```
 */
export function elasticNet(
  options: Given<ElasticNetSpecification, "targets">,
): ElasticNetSpecification {
  return specifyPenalty("elasticNet", options, elasticNetOptions);
}

const elasticNetOptions = withCommonOptions({ l1Strength: strength, l2Strength: strength });

/** How {@link elasticNet} acts. */
export const elasticNetPenalty: Penalty<ElasticNetSpecification> = {
  create: elasticNet,
  options: elasticNetOptions,
  name: "elastic net",
  formula: "loss + λ Σ|w| + ½ α Σw², by its sub-gradient, before clipping",
  tex: String
    .raw`J = L + \lambda \sum_i |w_i| + \tfrac{1}{2} \alpha \sum_i w_i^2, \qquad g \leftarrow g + \lambda \operatorname{sign}(w) + \alpha w`,
  roles: { l1Strength: "strength", l2Strength: "strength" },
  optionNames: { l1Strength: "elastic net, L1", l2Strength: "elastic net, L2" },
  effect: ({ l1Strength, l2Strength }) => ({ l1: l1Strength, l2: l2Strength }),
};
