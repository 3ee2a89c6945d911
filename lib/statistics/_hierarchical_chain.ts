import type { RandomStream } from "../core/random.ts";
import { gammaDeviate, normalDeviateInside, sliceStep } from "./_deviates.ts";
import { normalCumulative } from "./normal.ts";
import { logGamma } from "./special_functions.ts";

/** What the likelihood needs of a study: its folds' differences are normal and equally correlated. */
export interface StudyMoments {
  /** Folds. */
  readonly count: number;
  /** Mean of the folds. */
  readonly mean: number;
  /** Σ (x − x̄)². */
  readonly squares: number;
  /** ρ of any two folds. */
  readonly correlation: number;
}

/** Upper ends of the flat priors, in the unit of the differences. */
export interface PriorBounds {
  /** |δ0| at most. */
  readonly mean: number;
  /** σ0 at most. */
  readonly spread: number;
  /** σ of a study at most. */
  readonly within: number;
}

/** Draws of one chain, all of the same length. */
export interface ChainDraws {
  /** δ0. */
  readonly mean: Float64Array;
  /** σ0. */
  readonly spread: Float64Array;
  /** ν. */
  readonly freedom: Float64Array;
  /** δ of each study. */
  readonly studies: readonly Float64Array[];
  /** A difference of one more study. */
  readonly another: Float64Array;
  /** Mean share of each study in the mean of δ0 given the rest. */
  readonly weights: readonly number[];
}

/** Shape and rate of ν − 1 lie in these ranges, as in baycomp. */
const shapes = [1, 2] as const;
const rates = [0.01, 0.1] as const;

/** Where a chain is. */
interface State {
  mean: number;
  spread: number;
  freedom: number;
  shape: number;
  rate: number;
  readonly studies: Float64Array;
  /** The t distribution is a normal one whose variance is divided by these. */
  readonly precisions: Float64Array;
  /** Variance of the mean of each study's folds. */
  readonly variances: Float64Array;
}

/**
 * Draws from the posterior of the hierarchical model by Gibbs sampling.
 *
 * δ_i ~ t(ν, δ0, σ0) is written as a normal distribution with variance σ0²/w_i, w_i ~ Gamma(ν/2, ν/2). Three
 * blocks follow each other: (σ0, δ0, δ) given w and the studies' σ, σ0 with δ0 and δ integrated out; each
 * study's σ given its δ; (ν, w) given δ, ν with w integrated out. What is integrated out is drawn in the same
 * block, so σ0 near 0 does not hold the chain.
 *
 * @param start Standard deviation among studies with which the chain begins; chains that begin apart show
 * whether they end alike.
 */
export function hierarchicalChain(
  random: RandomStream,
  studies: readonly StudyMoments[],
  bounds: PriorBounds,
  options: { readonly start: number; readonly warmUp: number; readonly draws: number },
): ChainDraws {
  const { start, warmUp, draws } = options;
  const empty = () => new Float64Array(draws);
  const kept = {
    mean: empty(),
    spread: empty(),
    freedom: empty(),
    studies: studies.map(empty),
    another: empty(),
  };
  const weights = studies.map(() => 0);
  const state = startOf(studies, start);
  for (let step = -warmUp; step < draws; step++) {
    const shares = drawMeans(random, studies, bounds, state);
    drawWithin(random, studies, bounds, state);
    drawFreedom(random, state);
    if (step < 0) continue;
    kept.mean[step] = state.mean;
    kept.spread[step] = state.spread;
    kept.freedom[step] = state.freedom;
    kept.studies.forEach((values, index) => values[step] = state.studies[index]);
    shares.forEach((share, index) => weights[index] += share / draws);
    const precision = gammaDeviate(random, state.freedom / 2, state.freedom / 2);
    kept.another[step] = state.mean + state.spread * random.normal() / Math.sqrt(precision);
  }
  return { ...kept, weights };
}

function startOf(studies: readonly StudyMoments[], spread: number): State {
  return {
    mean: 0,
    spread,
    freedom: 10,
    shape: 1.5,
    rate: 0.05,
    studies: Float64Array.from(studies, ({ mean }) => mean),
    precisions: new Float64Array(studies.length).fill(1),
    variances: Float64Array.from(
      studies,
      (study) => meanVariance(study, study.squares / (study.count - 1)),
    ),
  };
}

/** Variance of the mean of equally correlated values: σ² (1 + (n − 1) ρ) / n. */
function meanVariance({ count, correlation }: StudyMoments, variance: number): number {
  return variance * (1 + (count - 1) * correlation) / count;
}

/** Draws σ0, δ0 and each study's δ; returns the shares of the studies in the mean of δ0. */
function drawMeans(
  random: RandomStream,
  studies: readonly StudyMoments[],
  bounds: PriorBounds,
  state: State,
): Float64Array {
  const { variances, precisions } = state;
  const range = [-bounds.mean, bounds.mean] as const;
  // By its logarithm, so that one width serves every scale; the summand is its derivative.
  state.spread = Math.exp(sliceStep(
    random,
    Math.log(state.spread),
    (logarithm) => logarithm + spreadDensity(Math.exp(logarithm), studies, state, bounds),
    2,
    [-700, Math.log(bounds.spread)],
  ));
  const between = state.spread ** 2;
  const shares = variances.map((variance, index) => 1 / (variance + between / precisions[index]));
  const total = shares.reduce((sum, each) => sum + each, 0);
  const centre = shares.reduce((sum, each, index) => sum + each * studies[index].mean, 0) / total;
  state.mean = normalDeviateInside(random, centre, 1 / Math.sqrt(total), range);
  studies.forEach(({ mean }, index) => {
    const [own, other] = [1 / variances[index], precisions[index] / between];
    const expected = (own * mean + other * state.mean) / (own + other);
    state.studies[index] = expected + random.normal() / Math.sqrt(own + other);
  });
  return shares.map((each) => each / total);
}

/** ln p(σ0 | w, σ_1 … σ_q) with δ0 and all δ integrated out. */
function spreadDensity(
  spread: number,
  studies: readonly StudyMoments[],
  { variances, precisions }: State,
  bounds: PriorBounds,
): number {
  let [total, weighted, density] = [0, 0, 0];
  for (let index = 0; index < studies.length; index++) {
    const variance = variances[index] + spread * spread / precisions[index];
    total += 1 / variance;
    weighted += studies[index].mean / variance;
    density -= Math.log(variance) / 2;
  }
  const centre = weighted / total;
  for (let index = 0; index < studies.length; index++) {
    const variance = variances[index] + spread * spread / precisions[index];
    density -= (studies[index].mean - centre) ** 2 / variance / 2;
  }
  const scale = Math.sqrt(total);
  const [lower, upper] = [(-bounds.mean - centre) * scale, (bounds.mean - centre) * scale];
  // Beyond five standard deviations less than a millionth is cut off.
  const inside = lower < -5 && upper > 5 ? 1 : normalCumulative(upper) - normalCumulative(lower);
  return density - Math.log(total) / 2 + Math.log(inside);
}

/** Draws σ of each study: 1/σ² is gamma with shape (n − 1)/2 and rate Q/2, the prior being flat on σ. */
function drawWithin(
  random: RandomStream,
  studies: readonly StudyMoments[],
  bounds: PriorBounds,
  state: State,
): void {
  studies.forEach((study, index) => {
    const { count, mean, squares, correlation } = study;
    const form = squares / (1 - correlation) +
      count * (mean - state.studies[index]) ** 2 / (1 + (count - 1) * correlation);
    let variance: number;
    do {
      variance = 1 / gammaDeviate(random, (count - 1) / 2, form / 2);
    } while (variance > bounds.within ** 2);
    state.variances[index] = meanVariance(study, variance);
  });
}

/** Draws ν with its gamma prior's shape and rate, then w of each study. */
function drawFreedom(random: RandomStream, state: State): void {
  const squares = state.studies.map((each) => ((each - state.mean) / state.spread) ** 2);
  const density = (logarithm: number) => {
    const less = Math.exp(logarithm);
    const freedom = less + 1;
    let sum = state.shape * logarithm - state.rate * less + squares.length * (
          logGamma((freedom + 1) / 2) - logGamma(freedom / 2) - Math.log(freedom) / 2
        );
    for (const square of squares) sum -= (freedom + 1) / 2 * Math.log1p(square / freedom);
    return sum;
  };
  const logarithm = sliceStep(random, Math.log(state.freedom - 1), density, 2, [-30, 30]);
  state.freedom = Math.exp(logarithm) + 1;
  state.shape = sliceStep(
    random,
    state.shape,
    (shape) => shape * (Math.log(state.rate) + logarithm) - logGamma(shape),
    1,
    shapes,
  );
  state.rate = sliceStep(
    random,
    state.rate,
    (rate) => state.shape * Math.log(rate) - rate * (state.freedom - 1),
    0.1,
    rates,
  );
  for (let index = 0; index < squares.length; index++) {
    state.precisions[index] = gammaDeviate(
      random,
      (state.freedom + 1) / 2,
      (state.freedom + squares[index]) / 2,
    );
  }
}
