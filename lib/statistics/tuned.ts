import { canonicalJson, type JsonObject } from "../core/json.ts";
import { comparePaired, type PointComparison, type Reading } from "./compare.ts";
import { mean } from "./estimate.ts";
import { foldSizes, widenedForChoice } from "./fold_sizes.ts";
import type { StudyRecords } from "./study_records.ts";
import { commonSteps, curveAt, groupRuns, type PointRuns, type View } from "./summarize.ts";

/** A way of training: some points, of which the other folds choose one. */
export interface Tuning {
  /** Points to choose from; one of them is no choice. */
  readonly points: readonly JsonObject[];
  /** `lastStep`: trained to the end; `bestStep`: the other folds choose the step too. */
  readonly view: View;
}

/** What was chosen for a fold. */
export interface Choice {
  readonly fold: number;
  readonly point: JsonObject;
  readonly step: number;
}

/** A tuned way of training, scored on text that did not choose. */
export interface TunedReadings {
  readonly choices: readonly Choice[];
  /** Validation loss of each run of the fold at its choice. */
  readonly readings: readonly Reading[];
}

/**
 * Scores a way of training without the optimism of choosing and scoring on the same text: for each fold
 * the point (and step) with the lowest mean validation loss over the *other* folds is taken, and its loss on
 * that fold is what counts.
 *
 * The runs of the other folds trained on this fold's text, as in any cross-validation; its held-out losses
 * had no part in the choice.
 *
 * @param source The study's records.
 * @param tuning See {@link Tuning}.
 * @returns Choices and readings by fold; no fold where a run is missing or only one fold is there.
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
  const { record, records } = source;
  const all = new Map(groupRuns(record, records).map((group) => [group.key, group]));
  const groups = tuning.points.map((point) => {
    const key = canonicalJson(point);
    const group = all.get(key);
    if (group === undefined) {
      throw new RangeError(`tuned: study ${record.name} has no point ${key}.`);
    }
    return group;
  });
  const incomplete = groups.some(({ folds }) =>
    folds.some((runs) =>
      runs.length < record.seeds.length || runs.some(({ status }) => status !== "completed")
    )
  );
  if (incomplete || record.folds.length < 2) return { choices: [], readings: [] };
  const candidates = groups.flatMap((group) => candidatesOf(group, tuning.view));
  const choices = record.folds.map(({ index }, at) => {
    const score = (candidate: Candidate) =>
      mean(candidate.foldMeans.filter((_, other) => other !== at));
    const best = candidates.reduce((a, b) => score(b) < score(a) ? b : a);
    return { fold: index as number, at, best };
  });
  return {
    choices: choices.map(({ fold, best }) => ({ fold, point: best.group.point, step: best.step })),
    readings: choices.flatMap(({ fold, at, best }) =>
      best.group.folds[at].map((run) => ({
        fold,
        seed: run.seed,
        value: curveAt(run, best.step)!.heldOutLoss,
      }))
    ),
  };
}

interface Candidate {
  readonly group: PointRuns;
  readonly step: number;
  /** Validation loss of each fold at the step, seeds averaged. */
  readonly foldMeans: readonly number[];
}

function candidatesOf(group: PointRuns, view: View): Candidate[] {
  const steps = commonSteps(group.folds.flat());
  return (view === "lastStep" ? steps.slice(-1) : steps).map((step) => ({
    group,
    step,
    foldMeans: group.folds.map((runs) => mean(runs.map((run) => curveAt(run, step)!.heldOutLoss))),
  }));
}

/**
 * Compares two tuned ways of training, the first minus the second, fold by fold: one planned comparison, so
 * nothing is adjusted.
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
): Omit<PointComparison, "point" | "key"> {
  const [one, other] = [tuned(source, tuning), tuned(source, from)];
  const usable = one.readings.length > 0 && other.readings.length > 0;
  return comparePaired(
    { point: {}, key: "" },
    one.readings,
    other.readings,
    usable ? sizesOfChoice(source, tuning, from) : null,
  );
}

/** Sizes of the folds, widened where the other folds chose anything. */
function sizesOfChoice({ record, records }: StudyRecords, tuning: Tuning, from: Tuning) {
  const sizes = foldSizes(record, records.filter(({ fold }) => fold !== "final"));
  const chosen = [tuning, from].some(({ points, view }) =>
    points.length > 1 || view === "bestStep"
  );
  return chosen ? widenedForChoice(sizes) : sizes;
}
