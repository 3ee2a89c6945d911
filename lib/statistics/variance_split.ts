import { mean } from "./estimate.ts";
import { fQuantile } from "./f_distribution.ts";

/** A paired difference of one fold and seed. */
export interface PairedDifference {
  /** Number of the fold. */
  readonly fold: number;
  /** The seed. */
  readonly seed: number;
  /** The first minus the second. */
  readonly difference: number;
}

/** What the variance of paired differences is made of. */
export interface DifferenceVariances {
  /** σ²_fold: between folds, whatever the seed. */
  readonly fold: number;
  /** σ²_seed: between seeds, the same in all folds; the test over folds does not see it. */
  readonly seed: number;
  /** σ²_rest: between the runs of a fold, besides what its seeds do everywhere. */
  readonly rest: number;
}

/** An estimate with its 95 % interval. */
export interface Bounded {
  /** The estimate. */
  readonly value: number;
  /** Its interval. */
  readonly interval: readonly [number, number];
}

/** The variance of paired differences, split; or the reason why it cannot be. */
export interface VarianceSplit {
  /**
   * `split`, or what there is too little of; `unbalanced`: a pair is missing; `equalSeeds`: the runs of a fold do
   * not differ.
   */
  readonly state: "split" | "oneFold" | "oneSeed" | "unbalanced" | "equalSeeds";
  /** Folds K. */
  readonly folds: number;
  /** Seeds S. */
  readonly seeds: number;
  /** s²: variance of the seed-averaged differences over folds; null with one fold. */
  readonly betweenFolds: number | null;
  /** By the mean squares; null unless split. */
  readonly components: DifferenceVariances | null;
  /** Mean squares that the components are made of; null unless split. */
  readonly squares: { readonly fold: number; readonly rest: number } | null;
  /** Components whose estimate was below 0 and is set to 0. */
  readonly belowZero: readonly ("fold" | "seed")[];
  /** Share of s² that is between folds, which no seed lowers; null unless split. */
  readonly foldShare: Bounded | null;
  /** By which share twice the seeds would have lowered the standard error; null unless split. */
  readonly twiceTheSeeds: Bounded | null;
}

/**
 * Splits the variance of paired differences into folds, seeds and the rest, by the mean squares of two
 * crossed factors: d[k, s] = μ + fold k + seed s + rest, E MS(fold) = S σ²_fold + σ²_rest, E MS(seed) =
 * K σ²_seed + σ²_rest, E MS(rest) = σ²_rest on (K − 1)(S − 1) degrees of freedom. An estimate below 0 is 0.
 *
 * The variance that the test over folds sees is s² = MS(fold)/S, which estimates σ²_fold + σ²_rest/S: more
 * seeds lower its second part only. MS(fold)/MS(rest) is F times θ = 1 + S σ²_fold/σ²_rest, so for normal
 * differences the interval of θ is exact, and so are those of the share of s² between folds, 1 − 1/θ, and of
 * what twice the seeds would have done to the standard error, a factor of √(1 − 1/(2θ)).
 *
 * @param pairs One difference for each fold and seed.
 * @returns See {@link VarianceSplit}.
 *
 * Book: Searle, Casella and McCulloch, Variance Components, 1992, chapter 4.
 *
 * @example
 * ```ts
 * import { varianceSplit } from "./variance_split.ts";
 * import assert from "node:assert/strict";
 * // Folds −1, 0, 1 with runs 0.5 to either side, crosswise.
 * const pairs = [0, 1, 2].flatMap((fold) => [1, 2].map((seed) => ({
 *   fold, seed, difference: fold - 1 + ((fold + seed) % 2 === 0 ? 0.5 : -0.5),
 * })));
 * const { components, betweenFolds } = varianceSplit(pairs);
 * assert.equal(betweenFolds, 1);
 * // s² is σ²_fold + σ²_rest/2.
 * assert.ok(Math.abs(components!.fold + components!.rest / 2 - 1) < 1e-12);
 * ```
 */
export function varianceSplit(pairs: readonly PairedDifference[]): VarianceSplit {
  const table = tableOf(pairs);
  const [folds, seeds] = [table.length, table[0]?.length ?? 0];
  const foldMeans = table.map(mean);
  const all = mean(foldMeans);
  const balanced = table.every((row) => row.length === seeds) &&
    seeds === new Set(pairs.map(({ seed }) => seed)).size;
  const none = {
    folds,
    seeds,
    betweenFolds: folds < 2 ? null : squares(foldMeans, all) / (folds - 1),
    components: null,
    squares: null,
    belowZero: [],
    foldShare: null,
    twiceTheSeeds: null,
  };
  if (!balanced) return { ...none, state: "unbalanced" };
  if (folds < 2) return { ...none, state: "oneFold" };
  if (seeds < 2) return { ...none, state: "oneSeed" };
  const seedMeans = table[0].map((_, s) => mean(table.map((row) => row[s])));
  const freedom = [folds - 1, (folds - 1) * (seeds - 1)] as const;
  const square = {
    fold: seeds * none.betweenFolds!,
    seed: folds * squares(seedMeans, all) / (seeds - 1),
    rest: squares(
      table.flatMap((row, k) => row.map((value, s) => value - foldMeans[k] - seedMeans[s] + all)),
      0,
    ) / freedom[1],
  };
  // What differs in the last bits of one value does not vary.
  const smallest = (1e-12 * Math.max(...pairs.map(({ difference }) => Math.abs(difference)))) ** 2;
  if (square.rest <= smallest) return { ...none, state: "equalSeeds" };
  const estimates = {
    fold: (square.fold - square.rest) / seeds,
    seed: (square.seed - square.rest) / folds,
    rest: square.rest,
  };
  const ratio = square.fold / square.rest;
  const theta = [ratio / fQuantile(0.975, freedom), ratio / fQuantile(0.025, freedom)];
  const bounded = (value: (theta: number) => number): Bounded => {
    const ends = theta.map((each) => value(Math.max(1, each))).sort((a, b) => a - b);
    return { value: value(Math.max(1, ratio)), interval: [ends[0], ends[1]] };
  };
  return {
    ...none,
    state: "split",
    components: {
      fold: Math.max(0, estimates.fold),
      seed: Math.max(0, estimates.seed),
      rest: estimates.rest,
    },
    squares: { fold: square.fold, rest: square.rest },
    belowZero: (["fold", "seed"] as const).filter((each) => estimates[each] < 0),
    foldShare: bounded((each) => 1 - 1 / each),
    twiceTheSeeds: bounded((each) => 1 - Math.sqrt(1 - 1 / (2 * each))),
  };
}

/** Differences as rows of folds, in their order, each in the order of its seeds. */
function tableOf(pairs: readonly PairedDifference[]): number[][] {
  return [...Map.groupBy(pairs, ({ fold }) => fold).values()].map((row) =>
    row.toSorted((a, b) => a.seed - b.seed).map(({ difference }) => difference)
  );
}

function squares(values: readonly number[], centre: number): number {
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
