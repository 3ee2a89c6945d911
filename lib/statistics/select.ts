import { show } from "../core/check.ts";
import type { SelectionRule } from "../records/study_record.ts";
import { axesOfStudy } from "./axis_roles.ts";
import type { StudyAxes } from "./axis_paths.ts";
import type { PointSummary, View } from "./summarize.ts";

/** What a rule selected, and from what. */
export interface Selection {
  readonly rule: SelectionRule;
  readonly view: View;
  /** The selected point; null when no point is complete. */
  readonly selected: PointSummary | null;
  /** The point with the lowest mean; the same as `selected` for the rule `mean`. */
  readonly best: PointSummary | null;
  /** Mean at the best point plus one standard error there; the mean for the rule `mean`. */
  readonly threshold: number | null;
  /** Complete points whose mean is at most the threshold, in the order of the study. */
  readonly band: readonly PointSummary[];
  /** Points of the band with no other point of the band at least as strong on every axis. */
  readonly undominated: readonly PointSummary[];
}

/**
 * The rule of a study with its directions: on which axes one standard error looks for the simpler model,
 * and on which of them smaller is simpler.
 *
 * A direction follows from the role of an axis: the stronger remedy, the smaller model. Axes of training
 * and data, choices and the user's own have none and do not count, unless the user named them (then the
 * rule holds `smaller`). Axes of strength that some points lack count, as 0 there. Where no axis has a
 * direction the rule is the lowest mean.
 *
 * @param study Its rule, and its points with their specifications.
 *
 * @example
 * ```ts
 * import { ruleOfStudy } from "./select.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study } = syntheticStudy({ axes: { learningRate: [0.001, 0.01], hiddenSize: [16, 64] } });
 * assert.deepEqual(ruleOfStudy(study), {
 *   kind: "oneStandardError", metric: "validationLoss", axes: ["hiddenSize"], smaller: ["hiddenSize"],
 * });
 * ```
 */
export function ruleOfStudy(
  study: StudyAxes & { readonly select: SelectionRule },
): SelectionRule {
  const { select: rule } = study;
  // Points of several arms are not selected from each other.
  if (study.space.arms !== undefined) return { kind: "mean", metric: rule.metric, axes: [] };
  const said = rule.smaller !== undefined;
  const all = axesOfStudy(study);
  const everyNumeric = all.filter(({ numeric, partial }) => numeric && !partial);
  // The axes that a study has when its user named none.
  const isDefault = !said && rule.axes.length === everyNumeric.length &&
    everyNumeric.every(({ name }) => rule.axes.includes(name));
  const partial = isDefault
    ? all.filter((axis) => axis.partial && axis.role === "strength").map(({ name }) => name)
    : [];
  const directionOf = (name: string) => all.find((axis) => axis.name === name)?.simpler ?? null;
  const axes = [...rule.axes, ...partial].filter((name) => said || directionOf(name) !== null);
  const smaller = said ? rule.smaller! : axes.filter((name) => directionOf(name) === "smaller");
  const { kind, metric } = rule;
  return {
    kind: axes.length === 0 ? "mean" : kind,
    metric,
    axes,
    ...(smaller.length === 0 ? {} : { smaller }),
  };
}

/**
 * Selects a point of a study by a rule, from complete points only.
 *
 * Compared is the validation loss or, where the folds have choosing spans, the loss on those; in the unit
 * of the rule, which is that of all losses of its study.
 *
 * `mean`: the lowest mean loss (the earlier point of the study on a tie).
 *
 * `oneStandardError` (Breiman et al. 1984; glmnet's `lambda.1se`): the band are the points with
 * mean ≤ mean at the best point + its standard error. Of these, keep the points with no other at
 * least as simple on every axis of `rule.axes`; of those, take the simplest on the first axis, then on
 * the second, and so on; then the lowest mean. Simpler is larger, as of a penalty's strength, and on the
 * axes of `rule.smaller` smaller, as of a model's size. A point that lacks an axis has strength 0 there.
 * Where glmnet has one path of λ, a grid has several strongest points, so the whole band is returned
 * for printing.
 *
 * @param summaries What `summarizeTrials` returned.
 * @param rule The rule, as `ruleOfStudy` reads it off a study; without axes nothing says which point is
 * simpler, and the lowest mean is selected by either rule.
 * @param view At the last step, or at the best step of each point.
 * @returns The selection; `selected` is null when no point is complete.
 * @throws {TypeError} If one standard error is asked for on an axis whose values are no numbers, or a
 * point lacks an axis on which smaller is simpler.
 *
 * @example
 * ```ts
 * import { select } from "./select.ts";
 * import assert from "node:assert/strict";
 * const rule = { kind: "mean", metric: "validationLoss", axes: [] } as const;
 * assert.equal(select([], rule, "lastStep").selected, null);
 * ```
 */
export function select(
  summaries: readonly PointSummary[],
  rule: SelectionRule,
  view: View = "lastStep",
): Selection {
  const candidates = summaries.filter((summary) => summary.complete && summary[view] !== null);
  const loss = (summary: PointSummary) =>
    summary[view]!.choosing ?? summary[view]!.estimates.validationLoss;
  let best: PointSummary | null = null;
  for (const summary of candidates) {
    if (best === null || loss(summary).mean < loss(best).mean) best = summary;
  }
  if (best === null) {
    return { rule, view, selected: null, best, threshold: null, band: [], undominated: [] };
  }
  if (rule.kind === "mean") {
    const threshold = loss(best).mean;
    return { rule, view, selected: best, best, threshold, band: [best], undominated: [best] };
  }
  // A single fold has no standard error: the band is the best point alone.
  const threshold = loss(best).mean + (loss(best).standardError ?? 0);
  const band = candidates.filter((summary) => loss(summary).mean <= threshold);
  const strengths = new Map(band.map((summary) => [summary, strengthsOf(summary, rule)]));
  const undominated = band.filter((summary) =>
    !band.some((other) => dominates(strengths.get(other)!, strengths.get(summary)!))
  );
  const selected =
    [...undominated].sort((a, b) =>
      compareStrengths(strengths.get(b)!, strengths.get(a)!) || loss(a).mean - loss(b).mean
    )[0];
  return { rule, view, selected, best, threshold, band, undominated };
}

/** How simple a point is on each axis: the larger the simpler. */
function strengthsOf(summary: PointSummary, { axes, smaller = [] }: SelectionRule): number[] {
  return axes.map((axis) => {
    const falling = smaller.includes(axis);
    const value = axis in summary.point || falling ? summary.point[axis] : 0;
    if (typeof value !== "number") {
      throw new TypeError(
        `select: one standard error needs a number on axis ${show(axis)} of every point, found ` +
          `${
            show(value)
          } in ${summary.key}; name the axes that say which point is simpler in the rule.`,
      );
    }
    return falling ? -value : value;
  });
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, axis) => value >= b[axis]) && a.some((value, axis) => value > b[axis]);
}

function compareStrengths(a: readonly number[], b: readonly number[]): number {
  for (let axis = 0; axis < a.length; axis++) {
    if (a[axis] !== b[axis]) return a[axis] - b[axis];
  }
  return 0;
}
