import { canonicalJson, type JsonObject } from "../core/json.ts";
import {
  type Candidate,
  candidatesOf,
  chooseForFold,
  type ChosenBy,
  chosenBy,
  scoreOn,
  stepOn,
} from "./choose_by_fold.ts";
import { comparePaired, type PointComparison, type Reading } from "./compare.ts";
import { foldSizes, widenedForChoice } from "./fold_sizes.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { StudyRecords } from "./study_records.ts";
import { groupRuns, type PointRuns, type View } from "./summarize.ts";

/** A way of training: some points, of which one is chosen for each fold. */
export interface Tuning {
  /** Points to choose from; one of them is no choice. */
  readonly points: readonly JsonObject[];
  /** `lastStep`: trained to the end; `bestStep`: the step is chosen too. */
  readonly view: View;
}

/** What was chosen for a fold. */
export interface Choice {
  /** The fold that it was chosen for, and is scored on. */
  readonly fold: number;
  /** The point. */
  readonly point: JsonObject;
  /** The step; null when runs that stop early kept different ones. */
  readonly step: number | null;
}

/** A tuned way of training, scored on text that did not choose. */
export interface TunedReadings {
  /**
   * `tuned`, or why nothing is scored: a run is not there yet (or was pruned), nothing is left that could
   * choose for a single fold, every point diverged on some fold, or what the other folds chose diverged
   * where it was to be scored.
   */
  readonly state: "tuned" | "missingRuns" | "oneFold" | "allDiverged" | "divergedWhereScored";
  /** What chose. */
  readonly chosenBy: ChosenBy;
  /** Points and steps that it chose from; one is no choice. */
  readonly candidates: number;
  /** One a fold; none where runs are missing. */
  readonly choices: readonly Choice[];
  /** Validation loss of each run of the fold at its choice; none unless `tuned`. */
  readonly readings: readonly Reading[];
}

/** Two tuned ways of training, the first minus the second. */
export type TunedComparison = Omit<PointComparison, "point" | "key">;

/**
 * Scores a way of training without the optimism of choosing and scoring on the same text: for each fold the
 * point (and step) with the lowest choosing loss, averaged over seeds, is taken, and its validation loss on
 * that fold is what counts.
 *
 * Where folds have choosing blocks, the fold's own block chooses, which none of its models has read. Elsewhere
 * the mean over the *other* folds chooses: their models have trained on this fold's text, as in any
 * cross-validation, and some optimism is left. A diverged or failed run counts as tried, with an infinite
 * loss.
 *
 * @param source The study's records.
 * @param tuning See {@link Tuning}.
 * @returns Choices and readings by fold, or why there are none.
 * @throws {RangeError} If a point is not one of the study's.
 *
 * @example
 * ```ts
 * import { tuned } from "./tuned.ts";
 * import { handStudy } from "./testing/hand_study.ts";
 * import assert from "node:assert/strict";
 * const [a, b] = [{ lambda: 0 }, { lambda: 1 }];
 * const run = (point: { lambda: number }, fold: number, loss: number) =>
 *   ({ point, fold, seed: 1, curve: [[10, 1, loss]] as const });
 * const { study, runs } = handStudy({
 *   points: [a, b], folds: 2, seeds: [1], baseline: a,
 *   runs: [run(a, 0, 2), run(a, 1, 3), run(b, 0, 1), run(b, 1, 4)],
 * });
 * const source = { record: study, records: runs };
 * const { readings } = tuned(source, { points: [a, b], view: "lastStep" });
 * // Fold 1 prefers a, which has 2 in fold 0; fold 0 prefers b, which has 4 in fold 1.
 * assert.deepEqual(readings.map(({ value }) => value), [2, 4]);
 * ```
 */
export function tuned(source: StudyRecords, tuning: Tuning): TunedReadings {
  return tunedOf(source.record, groupsOf(source, tuning.points), tuning.view);
}

/** As {@link tuned}, of points whose runs are grouped already. */
export function tunedOf(
  record: StudyRecord,
  groups: readonly PointRuns[],
  view: View,
): TunedReadings {
  const by = chosenBy(record);
  const none = { chosenBy: by, candidates: 0, choices: [], readings: [] };
  if (groups.some((group) => !hasEnded(group, record.seeds.length))) {
    return { ...none, state: "missingRuns" };
  }
  if (by === "otherFolds" && record.folds.length < 2) return { ...none, state: "oneFold" };
  const candidates = groups.flatMap((group) => candidatesOf(group, view));
  const chosen = record.folds.flatMap((_, at) => chooseForFold(candidates, at, by) ?? []);
  if (chosen.length < record.folds.length) return { ...none, state: "allDiverged" };
  return {
    chosenBy: by,
    candidates: candidates.length,
    ...scored(record.folds.map(({ index }) => index as number), chosen),
  };
}

function scored(folds: readonly number[], chosen: readonly Candidate[]) {
  const choices = chosen.map((candidate, at): Choice => ({
    fold: folds[at],
    point: candidate.group.point,
    step: stepOn(candidate, at),
  }));
  const readings = chosen.flatMap(scoreOn);
  return readings.every(({ value }) => Number.isFinite(value))
    ? { state: "tuned" as const, choices, readings }
    : { state: "divergedWhereScored" as const, choices, readings: [] };
}

/** The runs of some points of a study. */
export function groupsOf(
  { record, records }: StudyRecords,
  points: readonly JsonObject[],
): PointRuns[] {
  const all = new Map(groupRuns(record, records).map((group) => [group.key, group]));
  return points.map((point) => {
    const key = canonicalJson(point);
    const group = all.get(key);
    if (group !== undefined) return group;
    throw new RangeError(`tuned: study ${record.name} has no point ${key}.`);
  });
}

/** Whether every run of a point has a record, and none was pruned. */
export function hasEnded({ folds }: PointRuns, seeds: number): boolean {
  return folds.every((runs) =>
    runs.length === seeds && runs.every(({ status }) => status !== "pruned")
  );
}

/**
 * Compares two tuned ways of training, the first minus the second, fold by fold: one planned comparison, so
 * nothing is adjusted. Where the other folds chose anything, the test is that of `widenedForChoice`.
 *
 * @param source The study's records.
 * @param tuning The first way.
 * @param from What is subtracted.
 * @returns The comparison with the corrected resampled t-test, without one where runs are missing.
 * @throws {RangeError} If a point is not one of the study's.
 */
export function compareTuned(
  source: StudyRecords,
  tuning: Tuning,
  from: Tuning,
): TunedComparison {
  return compareTunedReadings(source, tuned(source, tuning), tuned(source, from));
}

/** Compares two tuned ways of training as {@link compareTuned} does, given what they scored. */
export function compareTunedReadings(
  source: StudyRecords,
  one: TunedReadings,
  other: TunedReadings,
): TunedComparison {
  const usable = one.state === "tuned" && other.state === "tuned";
  return comparePaired(
    { point: {}, key: "" },
    one.readings,
    other.readings,
    usable ? sizesOfChoice(source, [one, other]) : null,
  );
}

/** Sizes of the folds of two tuned ways, widened where the other folds chose anything. */
export function sizesOfChoice({ record, records }: StudyRecords, sides: readonly TunedReadings[]) {
  const sizes = foldSizes(record, records.filter(({ fold }) => fold !== "final"));
  return sides.some(({ chosenBy, candidates }) => chosenBy === "otherFolds" && candidates > 1)
    ? widenedForChoice(sizes)
    : sizes;
}
