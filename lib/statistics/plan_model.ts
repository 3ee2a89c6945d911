import { chiSquareQuantile } from "./chi_square.ts";
import type { VarianceSplit } from "./variance_split.ts";

/** What a plan reckons with: the variances of a pilot, and how folds depend on each other. */
export interface PlanModel {
  /** σ²_fold at the pilot's number of folds. */
  readonly fold: number;
  /** σ²_rest, between the runs of a fold; 0 where the pilot has one seed, and then no plan may count on seeds. */
  readonly rest: number;
  /** Folds K₀ that the variances were found with. */
  readonly folds: number;
  /** n_test/n_train there, as the test took it. */
  readonly overlap: number;
  /** Blocks of a fold that do not train: 1, or 2 with a block that chooses. */
  readonly heldOut: 1 | 2;
  /** σ²_fold(K) = σ²_fold · (K/K₀)^growth for K above K₀. */
  readonly growth: number;
}

/**
 * n_test/n_train with so many folds: the pilot's, times (K₀ − h)/(K − h), since a block is 1/K of the text and
 * K − h of them train.
 */
function overlapAt({ overlap, folds: known, heldOut }: PlanModel, folds: number): number {
  return overlap * (known - heldOut) / (folds - heldOut);
}

/**
 * Variance of the mean difference: (1/K + n_test/n_train) · (σ²_fold(K) + σ²_rest/S).
 *
 * A block of 1/K of the text holds fewer tokens the more folds there are, and the variance between blocks rises: as
 * 1/tokens, like a mean of independent tokens, with growth 1. Fewer folds than the pilot's are given no smaller
 * variance than it has.
 *
 * @param seeds S; Infinity for what no number of seeds lowers.
 */
export function varianceOfMean(model: PlanModel, folds: number, seeds: number): number {
  const { fold, rest, folds: known, growth } = model;
  const between = fold * Math.max(1, folds / known) ** growth;
  return (1 / folds + overlapAt(model, folds)) * (between + rest / seeds);
}

/** Values of both variances that are as likely as each other, given a pilot's mean squares. */
export interface LikelyVariances {
  readonly fold: Float64Array;
  readonly rest: Float64Array;
}

/** Quantiles of each χ²; their pairs are all combined. */
const steps = 80;

/**
 * What the variances may be, given the pilot's mean squares: σ²_rest = MS(rest) · ν/χ²_ν, σ²_fold + σ²_rest/S =
 * MS(fold)/S · ν/χ²_ν, at every pair of `steps` evenly spaced quantiles of the two χ². A σ²_fold below 0 is 0.
 *
 * Quantiles of a plan's standard error over these are bounds by a generalized pivotal quantity (Weerahandi,
 * Journal of the American Statistical Association 88, 1993), without random draws.
 *
 * @param split Of the pilot's differences.
 * @param betweenFolds s² of the pilot, for one that has one seed.
 */
export function likelyVariances(
  { squares, folds, seeds }: VarianceSplit,
  betweenFolds: number,
): LikelyVariances {
  const quantiles = (freedom: number, count: number) =>
    Array.from(
      { length: count },
      (_, at) => freedom / chiSquareQuantile((at + 0.5) / count, freedom),
    );
  if (squares === null) {
    const fold = Float64Array.from(quantiles(folds - 1, 400), (each) => betweenFolds * each);
    return { fold, rest: new Float64Array(fold.length) };
  }
  const ofFolds = quantiles(folds - 1, steps).map((each) => squares.fold * each / seeds);
  const ofRest = quantiles((folds - 1) * (seeds - 1), steps).map((each) => squares.rest * each);
  return {
    fold: Float64Array.from(
      ofFolds.flatMap((between) => ofRest.map((rest) => Math.max(0, between - rest / seeds))),
    ),
    rest: Float64Array.from(ofFolds.flatMap(() => ofRest)),
  };
}

/** Quantiles of the variance of the mean of a plan over what the variances may be. */
export function likelyVarianceOfMean(
  model: PlanModel,
  { fold, rest }: LikelyVariances,
  [folds, seeds]: readonly [folds: number, seeds: number],
  shares: readonly number[],
): number[] {
  const perFold = varianceOfMean({ ...model, fold: 1, rest: 0 }, folds, seeds);
  const perRest = varianceOfMean({ ...model, fold: 0, rest: 1 }, folds, seeds);
  const all = fold.map((each, at) => perFold * each + perRest * rest[at]).sort();
  return shares.map((share) => all[Math.min(all.length - 1, Math.floor(share * all.length))]);
}
