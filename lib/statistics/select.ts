import { show } from "../core/check.ts";
import type { SelectionRule } from "../records/study_record.ts";
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
 * Selects a point of a study by a rule, from complete points only.
 *
 * Compared is the validation loss or, where the folds have choosing spans, the loss on those.
 *
 * `mean`: the lowest mean loss (the earlier point of the study on a tie).
 *
 * `oneStandardError` (Breiman et al. 1984; glmnet's `lambda.1se`): the band are the points with
 * mean ≤ mean at the best point + its standard error. Of these, keep the points with no other at
 * least as strong on every axis of `rule.axes`; of those, take the largest value on the first axis,
 * then on the second, and so on; then the lowest mean. Where glmnet has one path of λ, a grid has
 * several strongest points, so the whole band is returned for printing.
 *
 * @param summaries What `summarizeTrials` returned.
 * @param rule The rule; no axes means every axis that holds numbers only, in the points' order.
 * @param view At the last step, or at the best step of each point.
 * @returns The selection; `selected` is null when no point is complete.
 * @throws {TypeError} If one standard error is asked for on an axis whose values are no numbers.
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
    summary[view]!.choosing ?? summary[view]!.estimates[rule.metric];
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
  const axes = rule.axes.length > 0 ? rule.axes : numericAxes(band);
  const strengths = new Map(band.map((summary) => [summary, strengthsOf(summary, axes)]));
  const undominated = band.filter((summary) =>
    !band.some((other) => dominates(strengths.get(other)!, strengths.get(summary)!))
  );
  const selected =
    [...undominated].sort((a, b) =>
      compareStrengths(strengths.get(b)!, strengths.get(a)!) || loss(a).mean - loss(b).mean
    )[0];
  return { rule, view, selected, best, threshold, band, undominated };
}

function numericAxes(band: readonly PointSummary[]): string[] {
  return Object.keys(band[0].point).filter((axis) =>
    band.every(({ point }) => typeof point[axis] === "number")
  );
}

function strengthsOf(summary: PointSummary, axes: readonly string[]): number[] {
  return axes.map((axis) => {
    const value = summary.point[axis];
    if (typeof value !== "number") {
      throw new TypeError(
        `select: one standard error needs a number on axis ${show(axis)} of every point, found ` +
          `${show(value)} in ${summary.key}; name the axes to maximize in the rule.`,
      );
    }
    return value;
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
