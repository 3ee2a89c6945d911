import { type Given } from "../core/options.ts";
import {
  clauses,
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  type StepEffect,
  strength,
  withCommonOptions,
} from "./penalty.ts";
import { stepSizeTex, stepSizeWords, threshold } from "./proximal_l1.ts";

/** Elastic net by its proximal map, as plain JSON. */
export interface ProximalElasticNetSpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "proximalElasticNet";
  /** λ of λ Σ|w|, a finite number from 0. */
  readonly l1Strength: number;
  /** α of ½ α Σw², a finite number from 0. */
  readonly l2Strength: number;
  /**
   * Whether the threshold follows each weight's step, in its metric, or is the same for all.
   *
   * @default {"perWeight"}
   */
  readonly threshold: StepEffect["proximalThreshold"];
}

/**
 * Minimises loss + λ Σ|w| + ½ α Σw² by its proximal map after each step, which gives exact zeros:
 * w ← sign(w) · max(|w| − s λ, 0) / (1 + s α).
 *
 * The size s of the step is η under plain SGD, η/(1 − momentum) under SGD with momentum, and
 * η/(√v̂ + ε) for each weight under Adam, with v̂ the bias-corrected second moment after this step;
 * `threshold: "scalar"` takes η everywhere and then minimises another objective. There is a factor ½
 * in the square and none in the absolute value; the learning rate multiplies both through s; clipping
 * and moments do not see it; it comes last in the step. With α = 0 it is `proximalL1`. The value of
 * both terms is recorded as penalty. Biases, embeddings and normalization parameters are outside
 * unless `targets` names them. For scikit-learn's numbers see `elasticNet`.
 *
 * Parikh and Boyd, Proximal Algorithms (2014), section 6.5.3.
 *
 * @param options See {@link ProximalElasticNetSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { proximalElasticNet } from "./proximal_elastic_net.ts";
 * import assert from "node:assert/strict";
 * const penalty = proximalElasticNet({ l1Strength: 1e-5, l2Strength: 1e-4 });
 * assert.equal(penalty.threshold, "perWeight");
 * ```
 */
export function proximalElasticNet(
  options: Given<ProximalElasticNetSpecification, "targets" | "threshold">,
): ProximalElasticNetSpecification {
  return specifyPenalty("proximalElasticNet", options, proximalElasticNetOptions);
}

const proximalElasticNetOptions = withCommonOptions({
  l1Strength: strength,
  l2Strength: strength,
  threshold,
});

/** How {@link proximalElasticNet} acts. */
export const proximalElasticNetPenalty: Penalty<ProximalElasticNetSpecification> = {
  create: proximalElasticNet,
  options: proximalElasticNetOptions,
  name: "proximal elastic net",
  formula: ({ threshold }) =>
    clauses(
      "loss + λ Σ|w| + ½ α Σw², by its proximal map after each step: " +
        "w ← sign(w) · max(|w| − s λ, 0) / (1 + s α)",
      stepSizeWords(threshold),
    ),
  tex: ({ threshold }) => {
    const s = stepSizeTex(threshold);
    return String.raw`J = L + \lambda \sum_i |w_i| + \tfrac{1}{2} \alpha \sum_i w_i^2, \qquad ` +
      String
        .raw`w \leftarrow \frac{\operatorname{sign}(w) \max(|w| - ${s} \lambda, 0)}{1 + ${s} \alpha}`;
  },
  roles: { l1Strength: "strength", l2Strength: "strength", threshold: "choice" },
  optionNames: {
    l1Strength: "proximal elastic net, L1",
    l2Strength: "proximal elastic net, L2",
  },
  effect: ({ l1Strength, l2Strength, threshold }) => ({
    proximalL1: l1Strength,
    proximalL2: l2Strength,
    proximalThreshold: threshold,
  }),
};
