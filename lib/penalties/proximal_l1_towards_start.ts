import type { Given } from "../core/options.ts";
import {
  clauses,
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  type StepEffect,
} from "./penalty.ts";
import { proximalL1Options, stepSizeTex, stepSizeWords } from "./proximal_l1.ts";

/** L1 towards the initial weights by its proximal map, as plain JSON. */
export interface ProximalL1TowardsStartSpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "proximalL1TowardsStart";
  /** λ of λ Σ|w − w₀|. */
  readonly strength: number;
  /**
   * Whether the threshold follows each weight's step, in its metric, or is the same for all.
   *
   * @default {"perWeight"}
   */
  readonly threshold: StepEffect["proximalThreshold"];
}

/**
 * Minimises loss + λ Σ|w − w₀|, w₀ the weights that the training begins with, by moving each weight after
 * each step by a threshold towards its w₀: w ← w₀ + sign(d) · max(|d| − t, 0), d = w − w₀.
 *
 * Where `proximalL1` has exact zeros, this has weights that did not change, to the bit: what was learned
 * besides the start is sparse. Records count them (`unchangedWeights`), and `writeDifference` stores the
 * others alone. The threshold t is that of `proximalL1`, so that the minimum of loss + λ‖w − w₀‖₁ is the
 * fixed point; `threshold: "scalar"` takes t = ηλ everywhere. It comes last, after decays and the
 * optimizer's step; clipping does not see it; there is no factor ½. A difference below the precision of the
 * weight itself is no difference. On one weight it is refused with `l1` and `proximalL1`, and with the
 * proximal map of groups. Biases, embeddings and normalization parameters are outside unless `targets` names
 * them. The objective's value, λ Σ|w − w₀|, is recorded as penalty. PyTorch and Keras do not have it.
 *
 * Parikh and Boyd, Proximal Algorithms (2014), sections 2.2 and 6.5.2; for Adam's metric Yun, Lozano and
 * Yang, Adaptive Proximal Gradient Methods for Structured Neural Networks (2021).
 *
 * @param options See {@link ProximalL1TowardsStartSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { proximalL1TowardsStart } from "./proximal_l1_towards_start.ts";
 * import assert from "node:assert/strict";
 * assert.equal(proximalL1TowardsStart({ strength: 1e-4 }).threshold, "perWeight");
 * ```
 */
export function proximalL1TowardsStart(
  options: Given<ProximalL1TowardsStartSpecification, "targets" | "threshold">,
): ProximalL1TowardsStartSpecification {
  return specifyPenalty("proximalL1TowardsStart", options, proximalL1Options);
}

/** How {@link proximalL1TowardsStart} acts. */
export const proximalL1TowardsStartPenalty: Penalty<ProximalL1TowardsStartSpecification> = {
  create: proximalL1TowardsStart,
  options: proximalL1Options,
  name: "proximal L1 towards the initial weights",
  formula: ({ threshold }) =>
    clauses(
      "loss + λ Σ|w − w₀|, w₀ the initial weights, by its proximal map after each step: " +
        "w ← w₀ + sign(d) · max(|d| − s λ, 0), d = w − w₀",
      stepSizeWords(threshold),
    ),
  tex: ({ threshold }) =>
    String
      .raw`J = L + \lambda \sum_i |w_i - w_{0,i}|, \qquad w \leftarrow w_0 + \operatorname{sign}(w - w_0) \max(|w - w_0| - ${
      stepSizeTex(threshold)
    } \lambda, 0)`,
  roles: { strength: "strength", threshold: "choice" },
  effect: ({ strength, threshold }) => ({
    proximalL1: strength,
    proximalThreshold: threshold,
    proximalTowardsStart: true,
  }),
};
