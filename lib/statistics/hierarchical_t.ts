import { show } from "../core/check.ts";
import { checkOptions, integer, number, orNotGiven } from "../core/options.ts";
import { randomStream } from "../core/random.ts";
import { checkFinite } from "./_check_finite.ts";
import {
  type ChainDraws,
  hierarchicalChain,
  type PriorBounds,
  type StudyMoments,
} from "./_hierarchical_chain.ts";
import { type Convergence, convergenceOf } from "./convergence.ts";
import type { DifferencePosterior } from "./correlated_bayesian_t.ts";
import { spreadOf } from "./effect_size.ts";
import { mean, standardDeviation } from "./estimate.ts";
import type { FoldSizes } from "./mean_interval.ts";
import { studentCumulative } from "./student_t.ts";

/** What the model takes of a study. */
export interface StudyDifferences {
  /** One a fold, seeds already averaged; finite. */
  readonly differences: readonly number[];
  /** Held-out and training tokens of a fold, both above 0. */
  readonly sizes: FoldSizes;
}

/** Options of {@link hierarchicalT}. */
export interface HierarchicalOptions {
  /**
   * δ from 0 on: differences from −δ to +δ are too small to matter, in the unit of the differences.
   *
   * @default {0}
   */
  readonly region?: number;
  /**
   * Of the random draws; a whole number.
   *
   * @default {1}
   */
  readonly seed?: number;
  /**
   * Kept draws of each of four chains, from 100 on; as many as a tenth, from 1,000 on, are left out before them.
   *
   * @default {5000}
   */
  readonly draws?: number;
}

const described = {
  region: orNotGiven(number({ from: 0 }, 0)),
  seed: orNotGiven(integer({}, 1)),
  draws: orNotGiven(integer({ from: 100, to: 1_000_000 }, 5000)),
};

/** A quantity under the posterior. */
export interface Posterior {
  /** Half of the probability lies below it. */
  readonly median: number;
  /** Its mean. */
  readonly mean: number;
  /** Central 95 %. */
  readonly interval: readonly [number, number];
}

/** A study's difference under the model. */
export interface ShrunkenStudy extends Posterior {
  /** Its share in the mean over studies, from 0 to 1; a noisy or outlying study has a smaller one. */
  readonly weight: number;
}

/** Posterior of the hierarchical model, or the reason why there is none. */
export type HierarchicalT =
  | {
    /**
     * `tooFewStudies`: under three; `tooFewFolds`: a study has under three; `constant`: a study's differences do
     * not vary, which says nothing about their noise.
     */
    readonly state: "tooFewStudies" | "tooFewFolds" | "constant";
  }
  | HierarchicalPosterior;

/** Posterior of the hierarchical model. */
export interface HierarchicalPosterior {
  /** `notConverged`: the chains differ or say too little, so nothing may be concluded from the numbers. */
  readonly state: "estimated" | "notConverged";
  /** δ of the region. */
  readonly region: number;
  /** Where the difference in one more study lies. */
  readonly another: DifferencePosterior;
  /**
   * With which probability most of all further studies lie there: what baycomp returns. It tends to 0 or 1 with
   * ever more studies, while `another` tends to the shares of studies.
   */
  readonly most: DifferencePosterior;
  /** δ0, the mean over all such studies. */
  readonly mean: Posterior;
  /** σ0, the scale of the differences between studies; the standard deviation is larger, by √(ν / (ν − 2)). */
  readonly spread: Posterior;
  /** ν, the degrees of freedom of the differences between studies. */
  readonly degreesOfFreedom: Posterior;
  /** The difference in one more study. */
  readonly prediction: Posterior;
  /** Each study's own difference, drawn towards the others; in their order. */
  readonly studies: readonly ShrunkenStudy[];
  /** The largest R̂ and the smallest effective size of δ0, σ0, ν and all studies. */
  readonly convergence: Convergence & {
    /** Chains. */
    readonly chains: number;
    /** Kept draws of all of them. */
    readonly draws: number;
  };
}

const chains = 4;
/** Where chains begin, in standard deviations among studies. */
const starts = [0.05, 0.5, 2, 10];
/** What counts as converged, as Vehtari et al. (2021) advise. */
const converged = { rHat: 1.01, effectiveSize: 400 } as const;
/** Upper ends of the flat priors on σ and σ0 over what the data show, as in baycomp. */
const priorWidth = 1000;

/**
 * Differences of several studies under a hierarchical model: each study has a difference of its own, drawn
 * from a distribution over all such studies.
 *
 * The K_i differences of study i are normal around δ_i with standard deviation σ_i and correlation
 * ρ_i = n_test / (n_test + n_train) of any two folds; δ_i ~ t(ν, δ0, σ0). Priors as in baycomp: δ0 uniform
 * within ± the largest difference of any fold, σ_i uniform up to 1000 times the mean standard deviation within studies, σ0
 * uniform up to 1000 times the one among their means, ν − 1 ~ Gamma(α, β) with α uniform from 1 to 2 and β from
 * 0.01 to 0.1. Four chains of Gibbs sampling begin far apart; R̂ and the effective size say whether they agree.
 *
 * @param studies From three on; with two the posterior of σ0 would follow from the upper end of its prior
 * alone. Each has at least three folds.
 * @param options See {@link HierarchicalOptions}.
 * @returns The posterior, or why there is none; the same for the same arguments.
 * @throws {RangeError} If a difference is not finite, a size not above 0, or an option outside its range.
 *
 * Paper: Corani, Benavoli, Demšar, Mangili and Zaffalon, Statistical comparison of classifiers through Bayesian
 * hierarchical modelling, Machine Learning 106, 2017. Their package baycomp fixes ρ at 1/K, that of K folds
 * without gaps, needs as many folds in all studies, and puts random numbers in the place of equal differences.
 *
 * @example
 * ```ts
 * import { hierarchicalT } from "./hierarchical_t.ts";
 * import assert from "node:assert/strict";
 * const sizes = { test: 1, training: 3 };
 * const studies = [-0.06, -0.09, -0.05, -0.08].map((centre) => ({
 *   differences: [-0.02, 0, 0.01, 0.01].map((each) => centre + each),
 *   sizes,
 * }));
 * const found = hierarchicalT(studies, { draws: 2000 });
 * assert.ok(found.state === "estimated" && found.another.below > 0.9);
 * assert.ok(Math.abs(found.mean.median + 0.07) < 0.01);
 * assert.equal(hierarchicalT(studies.slice(0, 2)).state, "tooFewStudies");
 * ```
 */
export function hierarchicalT(
  studies: readonly StudyDifferences[],
  options: HierarchicalOptions = {},
): HierarchicalT {
  const { region, seed, draws } = checkOptions("hierarchicalT", options, described);
  const moments = studies.map(momentsOf);
  if (moments.length < 3) return { state: "tooFewStudies" };
  if (moments.some(({ count }) => count < 3)) return { state: "tooFewFolds" };
  if (studies.some(({ differences }) => spreadOf(differences) !== "varying")) {
    return { state: "constant" };
  }
  const bounds = boundsOf(studies, moments);
  const start = bounds.spread / priorWidth;
  const warmUp = Math.max(1000, Math.round(draws / 10));
  const found = starts.map((factor, index) =>
    hierarchicalChain(randomStream(seed, "hierarchical t", index), moments, bounds, {
      start: factor * start,
      warmUp,
      draws,
    })
  );
  return posteriorOf(found, region);
}

function momentsOf({ differences, sizes }: StudyDifferences, index: number): StudyMoments {
  checkFinite(`hierarchicalT: differences of study ${index}`, differences);
  const { test, training } = sizes;
  if (!(test > 0 && training > 0 && test + training < Infinity)) {
    throw new RangeError(
      `hierarchicalT: sizes of study ${index} must be above 0, found ${show(test)} and ${
        show(training)
      }.`,
    );
  }
  const centre = mean(differences);
  return {
    count: differences.length,
    mean: centre,
    squares: differences.reduce((sum, each) => sum + (each - centre) ** 2, 0),
    correlation: test / (test + training),
  };
}

function boundsOf(
  studies: readonly StudyDifferences[],
  moments: readonly StudyMoments[],
): PriorBounds {
  const within = mean(moments.map(({ squares, count }) => Math.sqrt(squares / count)));
  const means = moments.map((study) => study.mean);
  const among = standardDeviation(means) * Math.sqrt((means.length - 1) / means.length);
  return {
    mean: Math.max(...studies.flatMap(({ differences }) => differences.map(Math.abs))),
    // Means that are equal say nothing of the scale between studies; that within them does.
    spread: priorWidth * (spreadOf(means) === "varying" ? among : within),
    within: priorWidth * within,
  };
}

function posteriorOf(found: readonly ChainDraws[], region: number): HierarchicalPosterior {
  const studies = found[0].studies.map((_, index) => found.map((chain) => chain.studies[index]));
  const of = (quantity: "mean" | "spread" | "freedom") => found.map((chain) => chain[quantity]);
  const watched = [of("mean"), of("spread"), of("freedom"), ...studies].map(convergenceOf);
  const convergence = {
    rHat: Math.max(...watched.map(({ rHat }) => rHat)),
    effectiveSize: Math.min(...watched.map(({ effectiveSize }) => effectiveSize)),
    chains,
    draws: chains * found[0].mean.length,
  };
  const isConverged = convergence.rHat <= converged.rHat &&
    convergence.effectiveSize >= converged.effectiveSize;
  return {
    state: isConverged ? "estimated" : "notConverged",
    region,
    ...probabilitiesOf(found, region),
    mean: summaryOf(of("mean")),
    spread: summaryOf(of("spread")),
    degreesOfFreedom: summaryOf(of("freedom")),
    prediction: summaryOf(found.map(({ another }) => another)),
    studies: studies.map((draws, index) => ({
      ...summaryOf(draws),
      weight: mean(found.map(({ weights }) => weights[index])),
    })),
    convergence,
  };
}

/** The probabilities of one more study by those of each draw, and how often each is the largest. */
function probabilitiesOf(found: readonly ChainDraws[], region: number) {
  const another = { below: 0, inside: 0, above: 0 };
  const most = { below: 0, inside: 0, above: 0 };
  const draws = found.length * found[0].mean.length;
  for (const { mean, spread, freedom } of found) {
    for (let at = 0; at < mean.length; at++) {
      const below = studentCumulative((-region - mean[at]) / spread[at], freedom[at]);
      const above = studentCumulative((mean[at] - region) / spread[at], freedom[at]);
      const inside = region === 0 ? 0 : 1 - below - above;
      another.below += below / draws;
      another.inside += inside / draws;
      another.above += above / draws;
      const largest = Math.max(below, inside, above);
      most[largest === below ? "below" : largest === inside ? "inside" : "above"] += 1 / draws;
    }
  }
  return { another, most };
}

function summaryOf(draws: readonly Float64Array[]): Posterior {
  const sorted = Float64Array.from(draws.flatMap((chain) => [...chain])).sort();
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const lower = Math.floor(place);
    const next = sorted[Math.min(lower + 1, sorted.length - 1)];
    return sorted[lower] + (place - lower) * (next - sorted[lower]);
  };
  let sum = 0;
  for (const each of sorted) sum += each;
  return { median: at(0.5), mean: sum / sorted.length, interval: [at(0.025), at(0.975)] };
}
