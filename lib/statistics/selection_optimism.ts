import { checkKeys, checkOneOf } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { SelectionRule } from "../records/study_record.ts";
import { type Estimate, estimateOverFolds, mean } from "./estimate.ts";
import { ruleOfStudy, select } from "./select.ts";
import type { StudyRecords } from "./study_records.ts";
import {
  curveAt,
  groupRuns,
  type PointRuns,
  type PointSummary,
  summarizeTrials,
  type View,
} from "./summarize.ts";

/** Options of {@link selectionOptimism}. */
export interface OptimismOptions {
  /** Which rule selects; the study's own. */
  readonly rule?: SelectionRule["kind"];
  /** At the last step, or at each point's best step, which is then chosen on the same folds. */
  readonly view?: View;
}

/** What a selection promises on the folds that it was made on, and what it keeps on one that it was not. */
export interface SelectionOptimism {
  /** The rule that selected. */
  readonly rule: SelectionRule["kind"];
  /** Where the points were looked at. */
  readonly view: View;
  /** What all folds together select. */
  readonly selected: JsonObject;
  /** Validation loss of that point over the folds that selected it. */
  readonly promised: Estimate;
  /** For each fold, what the others select, and its loss on that fold. */
  readonly folds: readonly {
    readonly fold: number;
    readonly selected: JsonObject;
    readonly loss: number;
    /** The unpenalized point's loss on that fold, at a step chosen alike; null without a baseline. */
    readonly baselineLoss: number | null;
  }[];
  /** Those losses over the folds. */
  readonly kept: Estimate;
  /** kept − promised: by how much the selected fold mean is too low. */
  readonly optimism: number;
}

/**
 * Estimates by how much the fold mean of a selected point is too low because the same folds selected it.
 *
 * With m(p, A) the validation loss of point p over folds A, p(A) what the rule selects from A and K folds,
 *
 * promised = m(p(1 … K), 1 … K), kept = 1/K Σ_k m(p(all but k), k), optimism = kept − promised.
 *
 * It corrects the choice of the point (and, in the view `bestStep`, of its step) and nothing else: no
 * model is trained for it, and the models of the other folds have read fold k as training text. For a
 * fixed point the two are equal; for the rule `mean` optimism is at least 0.
 *
 * @param source A study of at least three folds, or its records.
 * @param options Rule and view.
 * @returns The estimate; with few folds it is noisy.
 * @throws {RangeError} If there are fewer than three folds, or no point has all its runs.
 *
 * @example
 * ```ts
 * import { selectionOptimism } from "./selection_optimism.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy();
 * const { optimism } = selectionOptimism({ record, records }, { rule: "mean" });
 * assert.ok(optimism >= 0);
 * ```
 */
export function selectionOptimism(
  { record, records }: StudyRecords,
  options: OptimismOptions = {},
): SelectionOptimism {
  checkKeys("selectionOptimism", options, ["rule", "view"]);
  const { rule = ruleOfStudy(record).kind, view = "lastStep" } = options;
  checkOneOf("selectionOptimism: rule", rule, ["mean", "oneStandardError"]);
  checkOneOf("selectionOptimism: view", view, ["lastStep", "bestStep"]);
  if (record.folds.length < 3) {
    throw new RangeError(
      `selectionOptimism: a study must have at least 3 folds, so that 2 select for the third, ` +
        `found ${record.folds.length}.`,
    );
  }
  const complete = summarizeTrials(record, records).filter((summary) => summary.complete);
  if (complete.length === 0) {
    throw new RangeError(
      `selectionOptimism: a point of study ${record.name} must have all its runs, found none.`,
    );
  }
  // A point that lacks a run could be selected by the folds that it has.
  const space = { ...record.space, points: complete.map(({ point }) => point) };
  const groups = new Map(groupRuns(record, records).map((group) => [group.key, group]));
  const choose = (folds: typeof record.folds) => {
    const summaries = summarizeTrials({ ...record, space, folds }, records);
    return {
      summaries,
      selected: select(summaries, { ...ruleOfStudy(record), kind: rule }, view).selected!,
    };
  };
  const whole = choose(record.folds);
  const baselineKey = record.baseline === null ? null : canonicalJson(record.baseline);
  const folds = record.folds.map(({ index }, order) => {
    const { selected, summaries } = choose(record.folds.filter((each) => each.index !== index));
    const lossOf = (summary: PointSummary) =>
      lossOn(groups.get(summary.key)!, order, view === "bestStep" ? summary.bestStep!.step : null);
    const baseline = summaries.find(({ key }) => key === baselineKey);
    return {
      fold: index as number,
      selected: selected.point,
      loss: lossOf(selected),
      baselineLoss: baseline === undefined ? null : lossOf(baseline),
    };
  });
  const promised = whole.selected[view]!.estimates.validationLoss;
  const kept = estimateOverFolds(folds.map(({ loss }) => [loss]))!;
  return {
    rule,
    view,
    selected: whole.selected.point,
    promised,
    folds,
    kept,
    optimism: kept.mean - promised.mean,
  };
}

/** Mean over seeds of the validation loss on one fold, at a step or, for null, at the last one. */
function lossOn({ key, folds }: PointRuns, order: number, step: number | null): number {
  return mean(folds[order].map((run) => {
    const at = step === null ? run.final! : curveAt(run, step);
    if (at !== undefined) return at.heldOutLoss;
    throw new RangeError(
      `selectionOptimism: runs of ${key} must be evaluated at step ${step}, which the other folds ` +
        `chose; one on fold ${run.fold} was not.`,
    );
  }));
}
