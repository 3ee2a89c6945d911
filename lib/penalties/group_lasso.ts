import { entryOf } from "../core/entry_of.ts";
import { type Given } from "../core/options.ts";
import { type Grouping, grouping, type GroupWeighting, groupWeighting } from "./groups.ts";
import {
  clauses,
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  strength,
  withCommonOptions,
} from "./penalty.ts";

/** Group lasso in the loss, as plain JSON. */
export interface GroupLassoSpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "groupLasso";
  /** λ of λ Σ c ‖w‖₂. */
  readonly strength: number;
  /** What a group is. */
  readonly groups: Grouping;
  /**
   * What multiplies the norm of a group.
   *
   * @default {"squareRootOfSize"}
   */
  readonly weighting: GroupWeighting;
}

/** What {@link groupLasso} and `proximalGroupLasso` take. */
export type GroupLassoOptions = Given<GroupLassoSpecification, "targets" | "weighting">;

/**
 * Adds λ Σ c ‖w‖₂ over groups of weights to the loss and follows its sub-gradient:
 * g ← g + λ c · w/‖w‖₂, and g unchanged in a group whose weights are all 0.
 *
 * The norms are not squared and there is no factor ½; c is √(weights of the group) by default, 1 with
 * `weighting: "none"`. A group is a tensor, a row, a column or a recurrent unit of one parameter. The
 * term is part of the gradient that is clipped and that Adam's moments see, and the learning rate
 * multiplies it with the rest. The pull on a group keeps its size however small the group is, so a
 * group comes near 0 and jumps about it: for groups of exact zeros take `proximalGroupLasso`, which
 * minimises the same objective. Biases, embeddings and normalization parameters are outside unless
 * `targets` names them. scikit-learn, PyTorch and Keras have no such term.
 *
 * Yuan and Lin, Model selection and estimation in regression with grouped variables (2006).
 *
 * @param options See {@link GroupLassoSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { groupLasso } from "./group_lasso.ts";
 * import assert from "node:assert/strict";
 * const penalty = groupLasso({ strength: 1e-4, groups: "unit" });
 * assert.equal(penalty.weighting, "squareRootOfSize");
 * assert.throws(() => groupLasso({ strength: 1, groups: "gate" as "unit" }), /found "gate"/);
 * ```
 */
export function groupLasso(options: GroupLassoOptions): GroupLassoSpecification {
  return specifyPenalty("groupLasso", options, groupLassoOptions);
}

/** Options that both group lassos have. */
export const groupLassoOptions = withCommonOptions({
  strength,
  groups: grouping,
  weighting: groupWeighting,
});

const factors: { readonly [weighting: string]: string } = {
  squareRootOfSize: "c is √(weights of the group)",
  none: "c is 1",
};

/** What c and the groups are in the formula of a group lasso, in words. */
export function groupWords(
  { groups, weighting }: { readonly groups: Grouping; readonly weighting: GroupWeighting },
): string {
  return clauses(
    entryOf(factors, weighting),
    groups === undefined ? undefined : `a group is a ${groups}`,
  );
}

/** The same c in TeX. */
export function groupFactorTex(weighting: GroupWeighting): string {
  return weighting === "none" ? "" : weighting === "squareRootOfSize" ? "\\sqrt{n_k}\\," : "c_k";
}

/** How {@link groupLasso} acts. */
export const groupLassoPenalty: Penalty<GroupLassoSpecification> = {
  create: groupLasso,
  options: groupLassoOptions,
  name: "group lasso",
  formula: (penalty) =>
    clauses(
      "loss + λ Σ c ‖w‖₂ over groups: g ← g + λ c w/‖w‖₂, 0 for a group of zeros, before clipping",
      groupWords(penalty),
    ),
  tex: ({ weighting }) => {
    const c = groupFactorTex(weighting);
    return String.raw`J = L + \lambda \sum_k ${c} \lVert w_k \rVert_2, \qquad ` +
      String.raw`g_k \leftarrow g_k + \lambda ${c} \frac{w_k}{\lVert w_k \rVert_2}`;
  },
  roles: { strength: "strength", groups: "choice", weighting: "choice" },
  effect: ({ strength }) => ({ groupLasso: strength }),
  grouping: ({ groups, weighting }) => ({ by: groups, weighting }),
};
