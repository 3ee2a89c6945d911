import { canonicalJson } from "../core/json.ts";
import { type ChosenBy, chosenBy } from "./choose_by_fold.ts";
import type { StudyRecords } from "./study_records.ts";
import { groupRuns, type View } from "./summarize.ts";
import { compareTunedReadings, hasEnded, tuned, type TunedComparison } from "./tuned.ts";

/** The choice among a study's points against its baseline, scored where it was not chosen. */
export interface TunedAgainstBaseline {
  /** Points that were chosen from. */
  readonly points: number;
  /** What chose. */
  readonly chosenBy: ChosenBy;
  /** The choice minus the baseline, fold by fold. */
  readonly difference: TunedComparison;
}

/**
 * Compares what the other folds (or the fold's choosing block) choose among a study's points with the
 * baseline, on each fold.
 *
 * The interval of the point that has the lowest mean is too low and too narrow, because the same folds chose
 * it. This difference is scored on folds that did not choose. What all folds share, the luck of their text,
 * stays in both.
 *
 * @param source The study's records.
 * @param view Where points are looked at; at `bestStep` the steps are chosen alike.
 * @returns Null without a baseline, without another point all of whose runs have ended, where the
 * baseline's have not, or where a search has pruned points.
 *
 * @example
 * ```ts
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import { tunedAgainstBaseline } from "./tuned_interval.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy();
 * const { points, difference } = tunedAgainstBaseline({ record, records }, "lastStep")!;
 * assert.equal(points, 19);
 * assert.ok(difference.test!.interval![1] < 0);
 * ```
 */
export function tunedAgainstBaseline(
  source: StudyRecords,
  view: View,
): TunedAgainstBaseline | null {
  const { record, records } = source;
  if (record.baseline === null) return null;
  const key = canonicalJson(record.baseline);
  const groups = groupRuns(record, records);
  // What a search has left was chosen by all folds, and no fold is left that had no part in it.
  if (groups.some(({ folds }) => folds.flat().some(({ status }) => status === "pruned"))) {
    return null;
  }
  const ended = groups.filter((group) => hasEnded(group, record.seeds.length));
  const points = ended.filter((group) => group.key !== key).map(({ point }) => point);
  if (points.length === 0 || points.length === ended.length) return null;
  const difference = compareTunedReadings(
    source,
    tuned(source, { points, view }),
    tuned(source, { points: [record.baseline], view }),
  );
  return { points: points.length, chosenBy: chosenBy(record), difference };
}
