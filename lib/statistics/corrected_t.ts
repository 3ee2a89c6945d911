import { checkNumber } from "../core/check.ts";
import { checkFinite } from "./_check_finite.ts";
import { type FoldSizes, meanInterval } from "./mean_interval.ts";
import { studentTwoSided } from "./student_t.ts";

/** Result of a test, or the reason why there is none. */
export interface TestResult {
  /** `tested`, or why no p-value can be given. */
  readonly state: "tested" | "identical" | "constant" | "tooFewFolds";
  /** Mean difference. */
  readonly mean: number;
  /** √((1/K + n_test/n_train) · s²); null when there are too few folds. */
  readonly standardError: number | null;
  /** t: mean / standard error; null unless `tested`. */
  readonly statistic: number | null;
  /** K − 1; null when there are too few folds. */
  readonly degreesOfFreedom: number | null;
  /** Two-sided; null unless `tested`. */
  readonly pValue: number | null;
  /** Interval of the mean difference at the given confidence; null unless `tested`. */
  readonly interval: readonly [number, number] | null;
}

/**
 * Tests whether the mean of per-fold differences is 0, by the corrected resampled t-test.
 *
 * t = d̄ / √((1/K + n_test/n_train) · s²), compared with Student's t at K − 1 degrees of freedom,
 * where s² is the variance of the K differences. The term n_test/n_train stands for the dependence
 * of runs whose training sets overlap; without it differences look surer than they are.
 *
 * @param differences One difference a fold, seeds already averaged.
 * @param sizes.test Held-out tokens of a fold, above 0.
 * @param sizes.training Training tokens of a fold, above 0.
 * @param options.confidence Of the interval; 0.95.
 * @returns The test; identical differences of 0 are `identical` and any other constant difference is
 * `constant`, both without a p-value: no variance means no evidence about noise, not p = 0.
 * @throws {RangeError} If a difference is not finite or a size not above 0.
 *
 * Paper: Nadeau and Bengio, Inference for the Generalization Error, Machine Learning 52, 2003. They
 * draw J random splits; here J = K blocked folds.
 *
 * @example
 * ```ts
 * import { correctedTTest } from "./corrected_t.ts";
 * import assert from "node:assert/strict";
 * const test = correctedTTest([-0.12, -0.08, -0.15], { test: 1, training: 2 });
 * assert.ok(test.pValue! > 0.05 && test.pValue! < 0.07);
 * assert.equal(correctedTTest([0, 0, 0], { test: 1, training: 2 }).pValue, null);
 * ```
 */
export function correctedTTest(
  differences: readonly number[],
  sizes: FoldSizes,
  options: { readonly confidence?: number } = {},
): TestResult {
  const test = checkNumber("correctedTTest: sizes.test", sizes.test, { above: 0 });
  const training = checkNumber("correctedTTest: sizes.training", sizes.training, { above: 0 });
  const confidence = checkNumber("correctedTTest: confidence", options.confidence ?? 0.95, {
    above: 0,
    below: 1,
  });
  checkFinite("correctedTTest: differences", differences);
  const { state, ...estimate } = meanInterval(differences, {
    sizes: { test, training },
    confidence,
  });
  if (state !== "estimated") return { ...estimate, state, statistic: null, pValue: null };
  const statistic = estimate.mean / estimate.standardError!;
  return {
    ...estimate,
    state: "tested",
    statistic,
    pValue: studentTwoSided(statistic, estimate.degreesOfFreedom!),
  };
}
