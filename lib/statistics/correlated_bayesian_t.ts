import { checkOptions } from "../core/options.ts";
import { bordersOf, regionOption, type RegionTails, regionTails } from "./_region_tails.ts";
import { checkFinite } from "./_check_finite.ts";
import { spreadOf } from "./effect_size.ts";
import type { FoldSizes } from "./mean_interval.ts";
import { overlap } from "./options.ts";

/** Options of {@link correlatedBayesianT}. */
export interface CorrelatedBayesianOptions {
  /**
   * δ above 0: differences from −δ to +δ lie in the region, in the unit of the differences. A list gives δ of each
   * fold, where it was measured there.
   */
  readonly region: number | readonly number[];
  /** Held-out and training tokens of a fold; without them the differences are independent. */
  readonly sizes?: FoldSizes;
}

const described = { region: regionOption, sizes: overlap };

/** Where the mean difference lies, in probabilities that sum to 1. */
export interface DifferencePosterior {
  /** P(μ < −δ). */
  readonly below: number;
  /** P(−δ ≤ μ ≤ δ). */
  readonly inside: number;
  /** P(μ > δ). */
  readonly above: number;
}

/**
 * The correlated Bayesian t-test: with which probability a mean difference lies below, in and above a region of
 * practical equivalence, given the differences of K folds whose training texts overlap.
 *
 * The posterior of μ is Student's t with K − 1 degrees of freedom, location d̄ and scale
 * √((1/K + ρ/(1 − ρ)) s²), ρ/(1 − ρ) = n_test/n_train. The prior is flat in μ and in log σ, so it adds nothing to
 * the data: the posterior's central 90 % are the 90 % interval of the corrected t-test, and P(μ < −δ) and
 * P(μ > δ) are the p-values of the two one-sided tests of {@link ./equivalence.ts | equivalenceTest}, read as
 * probabilities.
 *
 * @param differences One a fold, seeds already averaged; finite.
 * @param options See {@link CorrelatedBayesianOptions}.
 * @returns The probabilities; null of fewer than two differences, or of equal ones.
 * @throws {RangeError} If a difference is not finite, the region or a size not above 0, or not one δ a fold given.
 *
 * Paper: Corani and Benavoli, A Bayesian approach for comparing cross-validated algorithms on multiple data sets,
 * Machine Learning 100, 2015. Their package baycomp fixes ρ/(1 − ρ) at 1/(K − 1), that of K folds without gaps;
 * here it follows from the folds. It puts all probability on the mean of equal differences, where we give none.
 *
 * @example
 * ```ts
 * import { correlatedBayesianT } from "./correlated_bayesian_t.ts";
 * import assert from "node:assert/strict";
 * const sizes = { test: 1, training: 2 };
 * const { below, inside, above } = correlatedBayesianT([-0.01, 0.02, 0.005], { region: 0.05, sizes })!;
 * assert.ok(inside > 0.9 && above > below);
 * assert.ok(Math.abs(below + inside + above - 1) < 1e-12);
 * assert.equal(correlatedBayesianT([0.01, 0.01], { region: 0.05 }), null);
 * ```
 */
export function correlatedBayesianT(
  differences: readonly number[],
  options: CorrelatedBayesianOptions,
): DifferencePosterior | null {
  const { region, sizes: overlap } = checkOptions("correlatedBayesianT", options, described);
  checkFinite("correlatedBayesianT: differences", differences);
  const { length: count } = differences;
  const borders = bordersOf("correlatedBayesianT", region, count);
  if (count < 2 || spreadOf(differences) !== "varying") return null;
  return posteriorOf(regionTails(differences, borders, Math.sqrt(1 / count + overlap)));
}

/** The probabilities, from those of lying outside. */
export function posteriorOf(tails: RegionTails): DifferencePosterior;
export function posteriorOf(tails: RegionTails | null): DifferencePosterior | null;
export function posteriorOf(tails: RegionTails | null): DifferencePosterior | null {
  if (tails === null) return null;
  const { below, above } = tails;
  return { below, inside: 1 - below - above, above };
}
