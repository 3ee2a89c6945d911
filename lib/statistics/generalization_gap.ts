import { correctedTTest, type TestResult } from "./corrected_t.ts";
import { detectableDifference } from "./detectable_difference.ts";
import type { FoldSizes } from "./mean_interval.ts";

/** Whether a generalization gap is above 0. */
export interface GapTest {
  /** Corrected resampled t-test of the folds' gaps against 0, with the gap's interval. */
  readonly test: TestResult;
  /**
   * `overFits`: above 0 at the level; `negative`: below 0; `notShown`: neither, which is not "no gap";
   * `notTested`: too few folds, or the same gap in each.
   */
  readonly verdict: "overFits" | "negative" | "notShown" | "notTested";
  /** Smallest gap that 80 % of such studies would show; null where it cannot be given. */
  readonly detectable: number | null;
}

/**
 * Tests whether the mean generalization gap of folds is 0, by the corrected resampled t-test.
 *
 * The standard error sd / √K takes folds for independent, and few folds have few degrees of freedom:
 * with two folds a gap of 3 such standard errors is one in five by chance, 1 − 2 atan(3)/π = 0.205, and
 * one in three where training texts overlap as those of two folds do (docs/simulations.md).
 *
 * @param foldMeans One gap a fold, seeds averaged: an estimate's `foldMeans`; finite.
 * @param sizes Held-out and training tokens of a fold.
 * @param options.level Two-sided, from 0 to 1, both excluded; 0.05.
 * @returns The test; see {@link GapTest}.
 * @throws {RangeError} If a gap is not finite or a size not above 0.
 *
 * @example
 * ```ts
 * import { testGap } from "./generalization_gap.ts";
 * import assert from "node:assert/strict";
 * const sizes = { test: 1, training: 2 };
 * assert.equal(testGap([0.5, 0.6, 0.55], sizes).verdict, "overFits");
 * assert.equal(testGap([0.3, 0.1, 0.2], sizes).verdict, "notShown");
 * assert.equal(testGap([0.5], sizes).verdict, "notTested");
 * ```
 */
export function testGap(
  foldMeans: readonly number[],
  sizes: FoldSizes,
  options: { readonly level?: number } = {},
): GapTest {
  const { level = 0.05 } = options;
  const test = correctedTTest(foldMeans, sizes, { confidence: 1 - level });
  if (test.state !== "tested") return { test, verdict: "notTested", detectable: null };
  const verdict = test.pValue! >= level ? "notShown" : test.mean > 0 ? "overFits" : "negative";
  const { standardError, degreesOfFreedom } = test;
  return {
    test,
    verdict,
    detectable: detectableDifference({
      standardError: standardError!,
      degreesOfFreedom: degreesOfFreedom!,
      level,
    }),
  };
}
