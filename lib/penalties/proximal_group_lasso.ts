import {
  groupFactorTex,
  type GroupLassoOptions,
  groupLassoOptions,
  type GroupLassoSpecification,
  groupWords,
} from "./group_lasso.ts";
import { clauses, type Penalty, specifyPenalty } from "./penalty.ts";

/** Group lasso by its proximal map, as plain JSON. */
export interface ProximalGroupLassoSpecification extends Omit<GroupLassoSpecification, "kind"> {
  /** Which penalty it is. */
  readonly kind: "proximalGroupLasso";
}

/**
 * Minimises loss + λ Σ c ‖w‖₂ over groups of weights by its proximal map after each step, which sets
 * whole groups to exactly 0.
 *
 * With u the weights of a group after the step, Λ = λ c, and d the inverse of each weight's step per
 * unit of steady gradient (1/η under plain SGD, (1 − momentum)/η with momentum, (√v̂ + ε)/η under
 * Adam), the map is argmin over x of ½ Σ d (x − u)² + Λ‖x‖₂: all zeros if ‖d ∘ u‖₂ ≤ Λ, else
 * x = ρ d u/(ρ d + Λ) with ρ = ‖x‖₂ the root of Σ (d u)²/(ρ d + Λ)² = 1. Under plain SGD that is
 * u · max(0, 1 − ηΛ/‖u‖₂). The root is found by Newton's method in double precision, from below and
 * guarded by bisection. Together with `proximalL1` on the same parameters it is the sparse group
 * lasso, whose map is the soft threshold first and then this one, in any such metric.
 *
 * c is √(weights of the group) by default, 1 with `weighting: "none"`; there is no factor ½; the
 * learning rate multiplies λ; clipping and moments do not see it; it comes last in the step. Biases,
 * embeddings and normalization parameters are outside unless `targets` names them: what never had a
 * gradient has the threshold ηΛ/ε under Adam, which erases it. The objective's value is recorded as
 * penalty.
 *
 * Yuan and Lin, Model selection and estimation in regression with grouped variables (2006); Parikh
 * and Boyd, Proximal Algorithms (2014), section 6.5.1; for Adam's metric Yun, Lozano and Yang,
 * Adaptive Proximal Gradient Methods for Structured Neural Networks (2021).
 *
 * @param options See {@link GroupLassoSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { proximalGroupLasso } from "./proximal_group_lasso.ts";
 * import assert from "node:assert/strict";
 * const penalty = proximalGroupLasso({ strength: 1e-4, groups: "tensor", weighting: "none" });
 * assert.deepEqual(penalty.targets, ["kernel", "recurrentKernel"]);
 * ```
 */
export function proximalGroupLasso(options: GroupLassoOptions): ProximalGroupLassoSpecification {
  return specifyPenalty("proximalGroupLasso", options, groupLassoOptions);
}

/** How {@link proximalGroupLasso} acts. */
export const proximalGroupLassoPenalty: Penalty<ProximalGroupLassoSpecification> = {
  create: proximalGroupLasso,
  options: groupLassoOptions,
  name: "proximal group lasso",
  formula: (penalty) =>
    clauses(
      "loss + λ Σ c ‖w‖₂ over groups, by its proximal map after each step, in the metric of the step",
      groupWords(penalty),
    ),
  tex: ({ weighting }) =>
    String.raw`J = L + \lambda \sum_k ${groupFactorTex(weighting)} \lVert w_k \rVert_2, \qquad ` +
    String.raw`w_k \leftarrow \operatorname{prox}(w_k)`,
  roles: { strength: "strength", groups: "choice", weighting: "choice" },
  effect: ({ strength }) => ({ proximalGroupLasso: strength }),
  grouping: ({ groups, weighting }) => ({ by: groups, weighting }),
};
