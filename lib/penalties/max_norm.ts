import type { Given } from "../core/options.ts";
import { type Grouping, grouping } from "./groups.ts";
import {
  clauses,
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  strength,
  withCommonOptions,
} from "./penalty.ts";

/** Bound of the norms of groups of weights, as plain JSON. */
export interface MaxNormSpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "maxNorm";
  /** λ = 1/c of the bound ‖w‖₂ ≤ c; a finite number from 0, which is no bound. */
  readonly strength: number;
  /** What a group is. */
  readonly groups: Grouping;
}

const maxNormOptions = withCommonOptions({ strength, groups: grouping });

/**
 * Bounds the norms of groups of weights: after each step w ← w · min(1, c/‖w‖₂) with c = 1/λ, the nearest
 * point of the ball of radius c.
 *
 * The bound is given by its inverse, as everything here is stronger the larger its strength is, and
 * nothing at 0: c = 3 is `strength: 1/3`, and a schedule that rises from 0 brings the bound down from
 * infinity. It is a constraint and no term: there is no ½, nothing is recorded as penalty, and the learning
 * rate does not multiply it. It comes last in the step, after decay and proximal maps. Groups are those of
 * `groupLasso`: with `groups: "unit"` what enters a recurrent unit through all its gates from below is one,
 * and what enters it from its own layer another. Biases, embeddings and normalization parameters are outside
 * unless `targets` names them.
 *
 * Keras's MaxNorm bounds columns (`axis=0`) and divides by ‖w‖ + 1e-7, also where the bound is kept, so
 * that all weights shrink a little; torch.renorm adds 1e-7 too, above the bound only.
 *
 * Srebro, Rennie and Jaakkola, Maximum-Margin Matrix Factorization (2005); Srivastava et al., Dropout: A
 * Simple Way to Prevent Neural Networks from Overfitting (2014), who bound the weights that enter a unit
 * by c of 3 to 4.
 *
 * @param options See {@link MaxNormSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { maxNorm } from "./max_norm.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(maxNorm({ strength: 1 / 3, groups: "unit" }).targets, [
 *   "kernel",
 *   "recurrentKernel",
 * ]);
 * ```
 */
export function maxNorm(options: Given<MaxNormSpecification, "targets">): MaxNormSpecification {
  return specifyPenalty("maxNorm", options, maxNormOptions);
}

/** How {@link maxNorm} acts. */
export const maxNormPenalty: Penalty<MaxNormSpecification> = {
  create: maxNorm,
  options: maxNormOptions,
  name: "max-norm",
  formula: ({ groups }) =>
    clauses(
      "w ← w min(1, c/‖w‖₂) over groups after each step, c = 1/λ",
      groups === undefined ? undefined : `a group is a ${groups}`,
    ),
  tex: String
    .raw`w_k \leftarrow w_k \min\!\left(1, \frac{1}{\lambda \lVert w_k \rVert_2}\right)`,
  roles: { strength: "strength", groups: "choice" },
  effect: ({ strength }) => ({ maxNorm: strength }),
  grouping: ({ groups }) => ({ by: groups, weighting: "none" }),
};
