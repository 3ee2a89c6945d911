import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOptions, oneOf } from "../core/options.ts";
import type { SelectionRule } from "../records/study_record.ts";
import { chosenBy, scoreOn } from "./choose_by_fold.ts";
import { type Estimate, estimateOverFolds, mean } from "./estimate.ts";
import { views } from "./options.ts";
import { ruleOfStudy, select } from "./select.ts";
import type { StudyRecords } from "./study_records.ts";
import { groupRuns, type PointSummary, summarizeTrials, type View } from "./summarize.ts";

/** Options of {@link selectionOptimism}. */
export interface OptimismOptions {
  /** Which rule selects; the study's own. */
  readonly rule?: SelectionRule["kind"];
  /**
   * At the last step, or at each point's best step, which is then chosen on the same folds.
   *
   * @default {"lastStep"}
   */
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
 * model is trained for it, and the models of the other folds have read fold k as training text. A choice
 * that is the same for every fold therefore gives 0 and may still be optimistic, by the luck that all folds
 * share; only text that had no part shows it. For the rule `mean` the estimate is at least 0. Where folds
 * have choosing blocks, p(k) is what the block of fold k alone selects.
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
  const { rule, view } = checkOptions("selectionOptimism", options, {
    rule: oneOf(["mean", "oneStandardError"], ruleOfStudy(record).kind),
    view: oneOf(views, "lastStep"),
  });
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
  // The choosing block of the fold before is the text that a fold scores: only its own may choose.
  const own = chosenBy(record) === "choosingBlock";
  const folds = record.folds.map(({ index }, order) => {
    const { selected, summaries } = choose(
      record.folds.filter((each) => (each.index === index) === own),
    );
    const lossOf = (summary: PointSummary) => {
      const place = { group: groups.get(summary.key)!, view, step: summary[view]!.step };
      return mean(scoreOn(place, order).map(({ value }) => value));
    };
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
