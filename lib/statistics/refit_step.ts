import type { RunRecord } from "../records/run_record.ts";
import type { PointRuns } from "./summarize.ts";

/**
 * The step to which a point whose runs stop early is trained on everything but the final block: the
 * median of the steps that its completed runs kept, over folds and seeds; of an even number the lower one of
 * the two in the middle. So it is a step at which a run was evaluated and kept.
 *
 * Goodfellow, Bengio and Courville, Deep Learning (2016), algorithm 7.2: early stopping determines how long
 * to train, then the model trains on all data for that long.
 *
 * @param group The point's runs.
 * @returns The step; null where the runs do not stop early or none is completed.
 *
 * @example
 * ```ts
 * import { refitStep } from "./refit_step.ts";
 * import { groupRuns } from "./summarize.ts";
 * import { handStudy } from "./testing/hand_study.ts";
 * import assert from "node:assert/strict";
 * const point = { lambda: 0 };
 * const { study, runs } = handStudy({
 *   points: [point], folds: 2, seeds: [1], stopsEarly: () => true,
 *   runs: [
 *     { point, fold: 0, seed: 1, curve: [[0, 4, 4], [10, 2, 3], [20, 1, 5]] },
 *     { point, fold: 1, seed: 1, curve: [[0, 4, 4], [10, 2, 3], [20, 1, 2]] },
 *   ],
 * });
 * assert.equal(refitStep(groupRuns(study, runs)[0]), 10);
 * ```
 */
export function refitStep({ folds, stopsEarly }: PointRuns): number | null {
  if (!stopsEarly) return null;
  return lowerMedian(completedRuns(folds).map(({ best }) => best!.step));
}

/** The completed runs of a point, over its folds. */
export function completedRuns(folds: PointRuns["folds"]): RunRecord[] {
  return folds.flat().filter(({ status, best }) => status === "completed" && best !== null);
}

/** The middle of some numbers, of an even number the lower one of two; null of none. */
export function lowerMedian(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1];
}
