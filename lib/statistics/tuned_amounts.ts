import type { JsonObject } from "../core/json.ts";
import { strengthsByName, varyingRemedies } from "./axis_roles.ts";
import { type Estimate, estimateOverFolds } from "./estimate.ts";
import { foldSizes, widenedForChoice } from "./fold_sizes.ts";
import { listInWords } from "./format.ts";
import type { FoldSizes } from "./mean_interval.ts";
import type { StudyRecords } from "./study_records.ts";
import { groupRuns, type PointRuns, type View } from "./summarize.ts";
import { tunedOf, type TunedReadings } from "./tuned.ts";

/** What is measured at an amount of text, or at a size of the model. */
export interface LossAtAmount {
  /** Training tokens or bytes, or weights. */
  readonly amount: number;
  /** Held-out loss on text that did not choose. */
  readonly loss: Estimate;
  /** Points and steps, and what was chosen for each fold. */
  readonly tuning: TunedReadings;
}

/** A point with its amount, and its remedies in words; none for the model without. */
export interface TrainedPoint {
  readonly group: PointRuns;
  readonly amount: number;
  readonly remedy: string;
}

/**
 * The points of a study, each with its amount and those of the study's remedies that it has.
 *
 * @param amountOf Reads the amount of a point; NaN where it has none.
 */
export function trainedPoints(
  { record, records }: StudyRecords,
  amountOf: (group: PointRuns, specification: JsonObject) => number,
): TrainedPoint[] {
  const names = varyingRemedies(record.specifications);
  return groupRuns(record, records).map((group, at) => {
    const specification = record.specifications[at];
    const strengths = strengthsByName(specification);
    return {
      group,
      amount: amountOf(group, specification),
      remedy: listInWords(names.filter((name) => (strengths.get(name) ?? 0) > 0)),
    };
  });
}

/** A remedy, or none, at an amount. */
export interface ScoredAmount extends LossAtAmount {
  readonly remedy: string;
}

/**
 * Tunes each remedy, and none, at each amount, and scores it on text that did not choose.
 *
 * @param viewOf Where the points of a remedy are looked at; of none for the empty name.
 * @returns Ascending by amount; `leftOut` where a run is missing or something diverged.
 */
export function scoreAmounts(
  { record }: StudyRecords,
  points: readonly TrainedPoint[],
  viewOf: (remedy: string) => View,
) {
  const tunings = [
    ...Map.groupBy(points, ({ amount, remedy }) => `${amount} ${remedy}`).values(),
  ].map((group) => {
    const [{ amount, remedy }] = group;
    const tuning = tunedOf(record, group.map((each) => each.group), viewOf(remedy));
    return { amount, remedy, tuning, loss: lossOf(record.folds.length, tuning) };
  }).sort((a, b) => a.amount - b.amount);
  return {
    scored: tunings.flatMap(({ loss, ...each }): ScoredAmount[] =>
      loss === null ? [] : [{ ...each, loss }]
    ),
    leftOut: tunings.filter(({ loss }) => loss === null),
  };
}

/** The loss of each fold, seeds averaged. */
function lossOf(folds: number, { state, readings }: TunedReadings): Estimate | null {
  if (state !== "tuned") return null;
  const byFold = [...Map.groupBy(readings, ({ fold }) => fold).values()]
    .map((own) => own.map(({ value }) => value));
  return byFold.length < folds ? null : estimateOverFolds(byFold);
}

/** Sizes of the folds, widened where the other folds chose anything; null with one fold or without a run. */
export function sizesOfScored(
  { record }: StudyRecords,
  points: readonly TrainedPoint[],
  scored: readonly LossAtAmount[],
): FoldSizes | null {
  const runs = points.flatMap(({ group }) => group.folds.flat());
  if (runs.length === 0 || record.folds.length < 2) return null;
  const sizes = foldSizes(record, runs);
  const chosen = scored.some(({ tuning: { chosenBy, candidates } }) =>
    chosenBy === "otherFolds" && candidates > 1
  );
  return chosen ? widenedForChoice(sizes) : sizes;
}
