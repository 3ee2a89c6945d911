import type { JsonObject } from "../core/json.ts";
import { chosenBy } from "./choose_by_fold.ts";
import { type Reading, readPoint } from "./compare.ts";
import { ruleOfStudy, select } from "./select.ts";
import type { StudyRecords } from "./study_records.ts";
import {
  groupRuns,
  type PointSummary,
  type Quantity,
  summarizeTrials,
  type View,
} from "./summarize.ts";

/** What is selected for each fold by text that does not score it, and its values there. */
export interface NestedChoice {
  /** For each fold the point that was selected for it, and the step where it is looked at. */
  readonly choices: readonly {
    readonly fold: number;
    readonly point: JsonObject;
    /** Null where runs end at different steps. */
    readonly step: number | null;
  }[];
  /** Its values on that fold, one a seed. */
  readonly readings: readonly Reading[];
}

/**
 * Selects a point by the study's own rule, for each fold from the *other* folds alone (or, where folds
 * have one, from its own choosing block), and reads it on the text that had no part in the choice.
 *
 * @param source The study's records; only points with all their runs are selected.
 * @param options.folds Folds that choose and score; at least two where the others choose.
 * @param options.view Where points are looked at; at the best step, the step is selected alike.
 * @param options.quantity What is read.
 * @returns Choices and values; none where no point has all its runs or there is one fold.
 *
 * @example
 * ```ts
 * import { nestedChoice } from "./nested_choice.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy();
 * const { choices, readings } = nestedChoice({ record, records }, { folds: [0, 1, 2] });
 * assert.deepEqual(choices.map(({ fold }) => fold), [0, 1, 2]);
 * assert.equal(readings.length, 9);
 * ```
 */
export function nestedChoice(
  { record, records }: StudyRecords,
  options: {
    readonly folds: readonly number[];
    readonly view?: View;
    readonly quantity?: Quantity;
  },
): NestedChoice {
  const { folds, view = "lastStep", quantity = "validationLoss" } = options;
  const points = summarizeTrials(record, records).filter(({ complete }) => complete)
    .map(({ point }) => point);
  const byOwnBlock = chosenBy(record) === "choosingBlock";
  if (points.length === 0 || (folds.length < 2 && !byOwnBlock)) {
    return { choices: [], readings: [] };
  }
  // A point that lacks a run could be selected by the folds that it has.
  const study = {
    ...record,
    space: { ...record.space, points },
    specifications: points.map((point) =>
      record.specifications[record.space.points.indexOf(point)]
    ),
  };
  const groups = new Map(groupRuns(study, records).map((group) => [group.key, group]));
  const selectedBy = (others: readonly number[]): PointSummary => {
    const part = study.folds.filter(({ index }) => others.includes(index as number));
    return select(summarizeTrials({ ...study, folds: part }, records), ruleOfStudy(record), view)
      .selected!;
  };
  const chosen = folds.map((fold) => ({
    fold,
    summary: selectedBy(byOwnBlock ? [fold] : folds.filter((other) => other !== fold)),
  }));
  return {
    choices: chosen.map(({ fold, summary }) => ({
      fold,
      point: summary.point,
      step: summary[view]!.step,
    })),
    readings: chosen.flatMap(({ fold, summary }) =>
      readPoint(groups.get(summary.key)!, summary, quantity, view)
        .filter((reading) => reading.fold === fold)
    ),
  };
}
