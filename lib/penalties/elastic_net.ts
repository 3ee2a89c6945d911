import {
  checkStrength,
  type CommonOptions,
  type CommonSpecification,
  type Penalty,
  penaltySpecification,
} from "./penalty.ts";

/** Elastic net in the loss, as plain JSON. */
export interface ElasticNetSpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "elasticNet";
  /** λ of λ Σ|w|. */
  readonly l1Strength: number;
  /** α of ½ α Σw². */
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
 * @param options.l1Strength λ, a finite number from 0.
 * @param options.l2Strength α, a finite number from 0.
 * @param options.targets Kinds of parameters it acts on.
 * @param options.layers Names of the layers it acts on; all if not given.
 * @param options.schedule How the strength changes over the steps; constant if not given.
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
  options: CommonOptions & { l1Strength: number; l2Strength: number },
): ElasticNetSpecification {
  return penaltySpecification("elasticNet", options, {
    l1Strength: checkStrength,
    l2Strength: checkStrength,
  });
}

/** How {@link elasticNet} acts. */
export const elasticNetPenalty: Penalty<ElasticNetSpecification> = {
  create: elasticNet,
  name: "elastic net",
  formula: "loss + λ Σ|w| + ½ α Σw², by its sub-gradient, before clipping",
  tex: String
    .raw`J = L + \lambda \sum_i |w_i| + \tfrac{1}{2} \alpha \sum_i w_i^2, \qquad g \leftarrow g + \lambda \operatorname{sign}(w) + \alpha w`,
  roles: { l1Strength: "strength", l2Strength: "strength" },
  optionNames: { l1Strength: "elastic net, L1", l2Strength: "elastic net, L2" },
  effect: ({ l1Strength, l2Strength }) => ({ l1: l1Strength, l2: l2Strength }),
};
