import { normalScore } from "./_normal_score.ts";
import { mean } from "./estimate.ts";

/** Whether chains of draws agree, and how much they say. */
export interface Convergence {
  /** R̂: 1 where all halves of the chains have the same distribution; the larger of two, as below. */
  readonly rHat: number;
  /** Independent draws that would say as much about the middle of the distribution. */
  readonly effectiveSize: number;
}

/**
 * Rank-normalized split R̂ and the effective size in bulk of several chains of a quantity.
 *
 * Each chain is cut in halves. Draws are replaced by z = Φ⁻¹((rank − 3/8) / (S + 1/4)), R̂ = √(V / W) with
 * W the mean variance within halves of n draws and V = (n − 1)/n · W + variance of their means. The same is
 * done with |draw − median|, which finds chains of different spread; the larger R̂ counts. The effective size is
 * S / τ with τ = −1 + 2 Σ (ρ_2t + ρ_2t+1), summed while these pairs are positive and made
 * monotone (Geyer).
 *
 * @param chains At least one, all of the same length, from eight draws on.
 * @returns NaN in both where the draws do not vary.
 * @throws {RangeError} If there are fewer than eight draws a chain, or chains differ in length.
 *
 * Paper: Vehtari, Gelman, Simpson, Carpenter and Bürkner, Rank-Normalization, Folding, and Localization: An
 * Improved R̂ for Assessing Convergence of MCMC, Bayesian Analysis 16, 2021.
 *
 * @example
 * ```ts
 * import { convergenceOf } from "./convergence.ts";
 * import { randomStream } from "../core/random.ts";
 * import assert from "node:assert/strict";
 * const chain = (shift: number, seed: number) => {
 *   const random = randomStream(seed, "draws");
 *   return Float64Array.from({ length: 1000 }, () => shift + random.normal());
 * };
 * const { rHat, effectiveSize } = convergenceOf([chain(0, 1), chain(0, 2)]);
 * assert.ok(rHat < 1.01 && effectiveSize > 1500);
 * assert.ok(convergenceOf([chain(0, 1), chain(3, 2)]).rHat > 1.5);
 * ```
 */
export function convergenceOf(chains: readonly Float64Array[]): Convergence {
  const { length } = chains[0] ?? [];
  if (!(length >= 8) || chains.some((chain) => chain.length !== length)) {
    throw new RangeError(
      `convergenceOf: chains must have the same number of draws, from 8 on, found ${
        chains.map((chain) => chain.length).join(", ") || "none"
      }.`,
    );
  }
  const halves = chains.flatMap(split);
  const all = Float64Array.from(halves.flatMap((half) => [...half])).sort();
  const median = (all[(all.length - 1) >> 1] + all[all.length >> 1]) / 2;
  const ranked = rankNormalized(halves);
  const folded = rankNormalized(halves.map((half) => half.map((each) => Math.abs(each - median))));
  return {
    rHat: Math.max(rHatOf(ranked), rHatOf(folded)),
    effectiveSize: effectiveSizeOf(ranked),
  };
}

/** Halves of a chain; of an odd number the one in the middle is left out. */
function split(chain: Float64Array): Float64Array[] {
  const half = chain.length >> 1;
  return [chain.slice(0, half), chain.slice(chain.length - half)];
}

/** Normal scores of ranks over all chains; equal draws share the mean of their ranks. */
function rankNormalized(chains: readonly Float64Array[]): Float64Array[] {
  const { length } = chains[0];
  const values = Float64Array.from(chains.flatMap((chain) => [...chain]));
  const order = Uint32Array.from(values, (_, index) => index)
    .sort((a, b) => values[a] - values[b]);
  const scores = new Float64Array(values.length);
  for (let first = 0; first < order.length;) {
    let last = first;
    while (last + 1 < order.length && values[order[last + 1]] === values[order[first]]) last++;
    const rank = (first + last) / 2 + 1;
    const score = normalScore((rank - 3 / 8) / (values.length + 1 / 4));
    for (let index = first; index <= last; index++) scores[order[index]] = score;
    first = last + 1;
  }
  return chains.map((_, index) => scores.slice(index * length, (index + 1) * length));
}

interface Moments {
  readonly within: number;
  readonly total: number;
}

function momentsOf(chains: readonly Float64Array[]): Moments {
  const { length } = chains[0];
  const within = mean(chains.map((chain) => variance(chain)));
  const between = variance(Float64Array.from(chains, (chain) => meanOf(chain)));
  return { within, total: (length - 1) / length * within + between };
}

function rHatOf(chains: readonly Float64Array[]): number {
  const { within, total } = momentsOf(chains);
  return Math.sqrt(total / within);
}

function effectiveSizeOf(chains: readonly Float64Array[]): number {
  const { length } = chains[0];
  const { within, total } = momentsOf(chains);
  const centred = chains.map((chain) => {
    const centre = meanOf(chain);
    return chain.map((each) => each - centre);
  });
  const correlation = (lag: number) =>
    1 - (within - mean(centred.map((chain) => autocovariance(chain, lag)))) / total;
  let sum = 0;
  let least = Infinity;
  let rest = 0;
  for (let lag = 0;; lag += 2) {
    const even = lag === 0 ? 1 : correlation(lag);
    const pair = even + correlation(lag + 1);
    // Of the last pair only the first half counts.
    if (!(pair > 0) || lag + 4 >= length) {
      rest = Math.max(0, even);
      break;
    }
    least = Math.min(least, pair);
    sum += least;
  }
  const draws = chains.length * length;
  // Draws that alternate say more than independent ones; more than this is noise.
  return draws / Math.max(2 * sum + rest - 1, 1 / Math.log10(draws));
}

/** Σ x_t x_(t + lag) / n of a centred chain. */
function autocovariance(chain: Float64Array, lag: number): number {
  let sum = 0;
  for (let at = lag; at < chain.length; at++) sum += chain[at] * chain[at - lag];
  return sum / chain.length;
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function variance(values: Float64Array): number {
  const centre = meanOf(values);
  let sum = 0;
  for (const value of values) sum += (value - centre) ** 2;
  return sum / (values.length - 1);
}
