import { canonicalJson, type JsonObject } from "../core/json.ts";
import { linearContrasts } from "./linear_contrasts.ts";
import type { PointComparison } from "./compare.ts";
import type { StudyRecords } from "./study_records.ts";
import type { Quantity, View } from "./summarize.ts";

/** Two points of a study, the first minus the second. */
export interface ContrastPair {
  readonly point: JsonObject;
  readonly from: JsonObject;
}

/** What is compared, of which pairs of points. */
export interface ContrastOptions {
  /** Validation loss by default. */
  readonly quantity?: Quantity;
  /** Where the points are looked at; at the last step by default. */
  readonly view?: View;
  /** Where those are looked at that are subtracted; the same as `view` by default. */
  readonly fromView?: View;
  /** The family: p-values are adjusted over all of them. */
  readonly pairs: readonly ContrastPair[];
}

/** A point minus another one. */
export interface Contrast extends
  Pick<
    PointComparison,
    "point" | "key" | "foldDifferences" | "test" | "adjustedPValue" | "detectable"
  > {
  /** What was subtracted. */
  readonly from: JsonObject;
}

/**
 * Compares pairs of points that were declared beforehand, each by the corrected resampled t-test on the
 * differences of its folds, and adjusts the p-values of the family by Holm.
 *
 * `compareWithBaseline` compares every point with one; this compares what a question is about, as a
 * {@link linearContrasts} of two terms each.
 *
 * @param source The study's records.
 * @param options See {@link ContrastOptions}.
 * @returns One contrast a pair, in their order; without a test where runs are missing.
 * @throws {RangeError} If a point is not one of the study's.
 *
 * @example
 * ```ts
 * import { contrasts } from "./contrasts.ts";
 * import { handStudy } from "./testing/hand_study.ts";
 * import assert from "node:assert/strict";
 * const [point, from] = [{ lambda: 1 }, { lambda: 0 }];
 * const run = (point: { lambda: number }, fold: number, loss: number) =>
 *   ({ point, fold, seed: 1, curve: [[10, 1, loss]] as const });
 * const { study, runs } = handStudy({
 *   points: [from, point], folds: 2, seeds: [1], baseline: from,
 *   runs: [run(from, 0, 2), run(from, 1, 3), run(point, 0, 1.75), run(point, 1, 2.5)],
 * });
 * const [found] = contrasts({ record: study, records: runs }, { pairs: [{ point, from }] });
 * assert.deepEqual(found.foldDifferences, [-0.25, -0.5]);
 * ```
 */
export function contrasts(source: StudyRecords, options: ContrastOptions): Contrast[] {
  const { quantity = "validationLoss", view = "lastStep", fromView = view, pairs } = options;
  const questions = pairs.map(({ point, from }) => ({
    name: canonicalJson({ point, from }),
    terms: [{ point, weight: 1, view }, { point: from, weight: -1, view: fromView }],
  }));
  const answers = linearContrasts(source, questions, { quantity }).contrasts;
  return pairs.map(({ point, from }, index) => {
    const { folds, test, adjustedPValue, detectable } = answers[index];
    const foldDifferences = folds.map(({ value }) => value);
    const key = canonicalJson(point);
    return { point, from, key, foldDifferences, test, adjustedPValue, detectable };
  });
}
