import { checkOptions, number, orNotGiven } from "../core/options.ts";
import { bordersOf, regionOption, regionTails } from "./_region_tails.ts";
import { type DifferencePosterior, posteriorOf } from "./correlated_bayesian_t.ts";
import { mean, standardDeviation } from "./estimate.ts";
import { holm } from "./holm.ts";
import { type FoldSizes, type MeanInterval, meanInterval } from "./mean_interval.ts";
import { overlap } from "./options.ts";
import type { EquivalenceRegion } from "./region_of_baseline.ts";
import { studentQuantile } from "./student_t.ts";
import { significanceLevel } from "./verdict.ts";

/** Options of {@link equivalenceTest}. */
export interface EquivalenceOptions {
  /**
   * δ above 0: differences from −δ to +δ are too small to matter, in the unit of the differences. A list gives δ of
   * each fold, where it was measured there, as a share of early stopping is: its noise then counts too.
   */
  readonly region: number | readonly number[];
  /** Held-out and training tokens of a fold; without them the differences are independent. */
  readonly sizes?: FoldSizes;
  /**
   * Of each of the two tests, from 0 to 0.5, both excluded.
   *
   * @default {0.05}
   */
  readonly level?: number;
}

const described = {
  region: regionOption,
  sizes: overlap,
  level: orNotGiven(number({ above: 0, below: 0.5 }, significanceLevel)),
};

/** Two one-sided tests of a mean difference. */
export interface EquivalenceTest {
  /** δ: what counts as too small to matter; the mean over the folds where it was measured there. */
  readonly region: number;
  /** Mean difference. */
  readonly mean: number;
  /**
   * Interval of 1 − 2 · level, 90 % by default; it lies inside −δ to +δ exactly if `pValue` is below the level, unless
   * δ was measured on the folds.
   */
  readonly interval: readonly [number, number];
  /** p-value against μ ≤ −δ. */
  readonly pBelow: number;
  /** p-value against μ ≥ δ. */
  readonly pAbove: number;
  /** The larger of both. */
  readonly pValue: number;
  /** Whether it is below the level. */
  readonly isEquivalent: boolean;
}

/**
 * Tests whether a mean difference is too small to matter, by two one-sided corrected resampled t-tests.
 *
 * With d̄ the mean over K folds and e = √((1/K + n_test/n_train) · s²), p_below = P(T ≥ (d̄ + δ)/e) and
 * p_above = P(T ≤ (d̄ − δ)/e), T Student's t with K − 1 degrees of freedom. The mean is called equivalent to 0
 * where both are below the level: where the interval d̄ ± t₁₋ₐ · e, of 90 % at a = 0.05, lies inside −δ to +δ.
 * A mean outside of the region is then called equivalent in at most 5 % of studies. Where δ was measured on the
 * folds, the tests are of the means of dₖ + δₖ and dₖ − δₖ, so that its noise counts.
 *
 * δ must be chosen before the differences are seen: with one that was chosen after, the level says nothing.
 *
 * @param differences One a fold, seeds already averaged; finite.
 * @param options See {@link EquivalenceOptions}.
 * @returns The test; null of fewer than two differences, or of equal ones: no variance is no evidence about noise.
 * @throws {RangeError} If a difference is not finite, or an option outside its range.
 *
 * Papers: Schuirmann, A comparison of the two one-sided tests procedure and the power approach, 1987; the variance
 * is that of Nadeau and Bengio, Inference for the Generalization Error, 2003.
 *
 * @example
 * ```ts
 * import { equivalenceTest } from "./equivalence.ts";
 * import assert from "node:assert/strict";
 * const sizes = { test: 1, training: 4 };
 * const test = equivalenceTest([0.004, -0.002, 0.001, 0.003, -0.001], { region: 0.02, sizes })!;
 * assert.ok(test.isEquivalent && test.interval[0] > -0.02 && test.interval[1] < 0.02);
 * assert.equal(equivalenceTest([0.01, 0.01], { region: 0.02 }), null);
 * ```
 */
export function equivalenceTest(
  differences: readonly number[],
  options: EquivalenceOptions,
): EquivalenceTest | null {
  const { region, level } = checkOptions("equivalenceTest", options, described);
  const { sizes } = options;
  const test = meanInterval(differences, { ...(sizes && { sizes }) });
  const borders = bordersOf("equivalenceTest", region, differences.length);
  return twoOneSided({ values: differences, test }, borders, level);
}

/** Differences of folds, or of texts, with what is tested of them. */
export interface TestedDifferences {
  /** One a fold, seeds already averaged. */
  readonly values: readonly number[];
  /** Their mean with its standard error. */
  readonly test: Omit<MeanInterval, "state" | "interval">;
}

function twoOneSided(
  { values, test: { mean: centre, standardError, degreesOfFreedom } }: TestedDifferences,
  borders: readonly number[],
  level: number,
): EquivalenceTest | null {
  if (!standardError) return null;
  const tails = regionTails(values, borders, standardError / standardDeviation(values));
  if (tails === null) return null;
  const pValue = Math.max(tails.below, tails.above);
  const half = studentQuantile(1 - level, degreesOfFreedom!) * standardError;
  return {
    region: mean(borders),
    mean: centre,
    interval: [centre - half, centre + half],
    pBelow: tails.below,
    pAbove: tails.above,
    pValue,
    isEquivalent: pValue < level,
  };
}

/** What is shown of the size of a difference, given a region that was declared beforehand. */
export interface Equivalence {
  /** Two one-sided tests at 5 %. */
  readonly test: EquivalenceTest;
  /** Their p-value after Holm, over the same comparisons as that of the difference. */
  readonly adjustedPValue: number;
  /** Whether that is below 5 %: the difference is shown to be smaller than δ. */
  readonly withinRegion: boolean;
  /** Where the mean lies by the correlated Bayesian t-test, which nothing adjusts. */
  readonly posterior: DifferencePosterior;
}

/** Differences of folds with their numbers, and the test of them, if there is one. */
export interface FoldTest {
  /** Numbers of the folds, or of the texts. */
  readonly folds: readonly number[];
  /** Difference of each, seeds averaged. */
  readonly values: readonly number[];
  /** Null where there is none. */
  readonly test: TestedDifferences["test"] | null;
}

/**
 * Equivalence of several differences that are judged together, p-values adjusted by Holm over them: in at most 5 %
 * of studies any of them is called equivalent that is not.
 *
 * @param differences The differences.
 * @param region What the study declared.
 * @param counts Whether a difference without a test counts as one with p = 1, as what a search pruned does.
 * @returns One a difference; null where there is no test, or δ is not known.
 */
export function equivalencesOf(
  differences: readonly FoldTest[],
  region: EquivalenceRegion,
  counts: (index: number) => boolean = () => false,
): (Equivalence | null)[] {
  const tests = differences.map(({ folds, values, test }) => {
    const borders = bordersOn(region, folds);
    return test && borders && twoOneSided({ values, test }, borders, significanceLevel);
  });
  const adjusted = holm(tests.map((test, index) => test?.pValue ?? (counts(index) ? 1 : null)));
  return tests.map((test, index) => {
    if (test === null) return null;
    const adjustedPValue = adjusted[index]!;
    const withinRegion = adjustedPValue < significanceLevel;
    const posterior = posteriorOf({ below: test.pBelow, above: test.pAbove });
    return { test, adjustedPValue, withinRegion, posterior };
  });
}

/** δ of each of some folds; null where it is not known of one. */
function bordersOn(
  { halfWidth, byFold }: EquivalenceRegion,
  folds: readonly number[],
): number[] | null {
  if (halfWidth === null) return null;
  const borders = folds.map((fold) =>
    byFold === null ? halfWidth : byFold.find((each) => each.fold === fold)?.halfWidth
  );
  return borders.includes(undefined) ? null : borders as number[];
}
