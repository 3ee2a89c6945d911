import { checkOptions, number, orNotGiven } from "../core/options.ts";
import { type DifferencePosterior, posteriorOf } from "./correlated_bayesian_t.ts";
import { holm } from "./holm.ts";
import { type FoldSizes, type MeanInterval, meanInterval } from "./mean_interval.ts";
import { overlap } from "./options.ts";
import { studentCumulative, studentQuantile } from "./student_t.ts";
import { significanceLevel } from "./verdict.ts";

/** Options of {@link equivalenceTest}. */
export interface EquivalenceOptions {
  /** δ above 0: differences from −δ to +δ are too small to matter, in the unit of the differences. */
  readonly region: number;
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
  region: number({ above: 0 }),
  sizes: overlap,
  level: orNotGiven(number({ above: 0, below: 0.5 }, significanceLevel)),
};

/** Two one-sided tests of a mean difference. */
export interface EquivalenceTest {
  /** δ: what counts as too small to matter. */
  readonly region: number;
  /** Mean difference. */
  readonly mean: number;
  /** Interval of 1 − 2 · level, 90 % by default; it lies inside −δ to +δ exactly if `pValue` is below the level. */
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
 * A mean outside of the region is then called equivalent in at most 5 % of studies.
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
  return twoOneSided(meanInterval(differences, { ...(sizes && { sizes }) }), region, level);
}

/** A mean with its standard error, as tests and intervals have it. */
export type MeanWithError = Omit<MeanInterval, "state" | "interval">;

function twoOneSided(
  { mean, standardError, degreesOfFreedom }: MeanWithError,
  region: number,
  level: number,
): EquivalenceTest | null {
  if (!standardError) return null;
  const freedom = degreesOfFreedom!;
  const pBelow = studentCumulative(-(mean + region) / standardError, freedom);
  const pAbove = studentCumulative((mean - region) / standardError, freedom);
  const pValue = Math.max(pBelow, pAbove);
  const half = studentQuantile(1 - level, freedom) * standardError;
  return {
    region,
    mean,
    interval: [mean - half, mean + half],
    pBelow,
    pAbove,
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

/**
 * Equivalence of several differences that are judged together, p-values adjusted by Holm over them.
 *
 * A difference that is not 0 and one that is outside of the region are never both wrong of one comparison, so of
 * m comparisons at most m nulls are true: as many as Holm counts for either kind of verdict.
 *
 * @param means Differences with their standard errors; null where there is no test.
 * @param region δ; null where it is not known.
 * @param counts Whether a difference without a test counts as one with p = 1, as what a search pruned does.
 * @returns One a difference; null where there is no test, or no region.
 */
export function equivalencesOf(
  means: readonly (MeanWithError | null)[],
  region: number | null,
  counts: (index: number) => boolean = () => false,
): (Equivalence | null)[] {
  const tests = means.map((each) =>
    each === null || region === null ? null : twoOneSided(each, region, significanceLevel)
  );
  const adjusted = holm(tests.map((test, index) => test?.pValue ?? (counts(index) ? 1 : null)));
  return tests.map((test, index) => {
    if (test === null) return null;
    const adjustedPValue = adjusted[index]!;
    const withinRegion = adjustedPValue < significanceLevel;
    return { test, adjustedPValue, withinRegion, posterior: posteriorOf(means[index]!, region!)! };
  });
}
