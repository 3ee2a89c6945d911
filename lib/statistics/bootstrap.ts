import { checkOptions, integer, oneOf, orNotGiven, passed } from "../core/options.ts";
import { randomStream } from "../core/random.ts";
import { checkFinite } from "./_check_finite.ts";
import { spreadOf } from "./effect_size.ts";
import { mean } from "./estimate.ts";
import { normalCumulative, normalQuantile } from "./normal.ts";
import { confidence } from "./options.ts";

/** Options of {@link bootstrapInterval}. */
export interface BootstrapOptions {
  /** Of the random stream that draws the resamples: the same seed gives the same interval. */
  readonly seed: number;
  /**
   * Number of resamples, from 100.
   *
   * @default {9999}
   */
  readonly resamples?: number;
  /**
   * Of the interval, from 0 to 1, both excluded.
   *
   * @default {0.95}
   */
  readonly confidence?: number;
  /**
   * `bca`: bias-corrected and accelerated; `percentile`: plain quantiles.
   *
   * @default {"bca"}
   */
  readonly method?: "bca" | "percentile";
}

const described = {
  seed: passed<number>(),
  resamples: orNotGiven(integer({ from: 100, to: 1_000_000 }, 9999)),
  confidence,
  method: orNotGiven(oneOf(["bca", "percentile"], "bca")),
};

/** A bootstrap interval, or the reason why there is none. */
export interface BootstrapInterval {
  /** `estimated`, or why there is no interval. */
  readonly state: "estimated" | "identical" | "constant" | "tooFewFolds";
  /** Mean of the values. */
  readonly mean: number;
  /** Null unless estimated. */
  readonly interval: readonly [number, number] | null;
}

/**
 * Bootstrap interval of a mean: resamples with replacement, then quantiles of their means (Efron's BCa
 * by default, or percentiles).
 *
 * Of K values a resample's mean varies by (K − 1)/K of what it should, so with the few folds of a
 * cross-validation the interval is too narrow, and it knows nothing of overlapping training sets: give
 * it beside the interval of {@link ./corrected_t.ts | the corrected t-test}, not instead.
 *
 * @param values One value a fold, or one a run of independent samples; finite.
 * @param options See {@link BootstrapOptions}.
 * @returns The interval; equal values give none, for they show no spread.
 * @throws {RangeError} If a value is not finite.
 *
 * Paper: Efron, Better Bootstrap Confidence Intervals, JASA 82, 1987. As in SciPy, ties of a
 * resample's mean with the mean count half in the bias correction, and quantiles are interpolated.
 *
 * @example
 * ```ts
 * import { bootstrapInterval } from "./bootstrap.ts";
 * import assert from "node:assert/strict";
 * const { interval } = bootstrapInterval([1, 2, 3, 4, 5, 6, 7, 8], { seed: 1 });
 * assert.ok(interval![0] > 2.5 && interval![1] < 6.5);
 * ```
 */
export function bootstrapInterval(
  values: readonly number[],
  options: BootstrapOptions,
): BootstrapInterval {
  const { seed, resamples, confidence, method } = checkOptions(
    "bootstrapInterval",
    options,
    described,
  );
  checkFinite("bootstrapInterval: values", values);
  if (values.length < 2) return { state: "tooFewFolds", mean: mean(values), interval: null };
  const spread = spreadOf(values);
  if (spread !== "varying") return { state: spread, mean: mean(values), interval: null };
  const replicates = sortedReplicates(values, seed, resamples);
  return {
    state: "estimated",
    mean: mean(values),
    interval: intervalOfSorted(values, replicates, confidence, method),
  };
}

function sortedReplicates(
  values: readonly number[],
  seed: number,
  resamples: number,
): Float64Array {
  const counts = new Map<number, number>();
  for (const { indices, count } of resamplesOf(seed, values.length, resamples)) {
    let sum = 0;
    for (const index of indices) sum += values[index];
    const replicate = sum / values.length;
    counts.set(replicate, (counts.get(replicate) ?? 0) + count);
  }
  const sorted = new Float64Array(resamples);
  let at = 0;
  for (const replicate of Float64Array.from(counts.keys()).sort()) {
    sorted.fill(replicate, at, at += counts.get(replicate)!);
  }
  return sorted;
}

/** What a resample takes, in the order of the draws, and how often it comes. */
interface Resample {
  readonly indices: readonly number[];
  readonly count: number;
}

/** The resamples of a seed: the same for every point of a study, and few where the folds are few. */
function resamplesOf(seed: number, length: number, resamples: number): readonly Resample[] {
  const key = `${seed} ${length} ${resamples}`;
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const stream = randomStream(seed, "bootstrap");
  const all = Array.from(
    { length: resamples },
    () => Array.from({ length }, () => stream.integer(length)),
  );
  const distinct = [...Map.groupBy(all, (indices) => indices.join()).values()]
    .map((same) => ({ indices: same[0], count: same.length }));
  if (drawn.size >= 8) drawn.clear();
  drawn.set(key, distinct);
  return distinct;
}

const drawn = new Map<string, readonly Resample[]>();

/** The interval that the sorted means of resamples make. */
export function intervalOfSorted(
  values: readonly number[],
  sorted: Float64Array,
  confidence: number,
  method: "bca" | "percentile",
): [number, number] {
  const tail = (1 - confidence) / 2;
  const shares = method === "bca" ? correctedShares(values, sorted, tail) : [tail, 1 - tail];
  return [quantile(sorted, shares[0]), quantile(sorted, shares[1])];
}

/** Φ(z₀ + (z₀ + z) / (1 − a (z₀ + z))), with a by the jackknife. */
function correctedShares(
  values: readonly number[],
  sorted: Float64Array,
  tail: number,
): [number, number] {
  const centre = mean(values);
  const below = placeOf(sorted, (each) => each < centre);
  const equal = placeOf(sorted, (each) => each <= centre) - below;
  const bias = normalQuantile((below + equal / 2) / sorted.length);
  // Leaving value i out moves the mean by (value − mean) / (n − 1), up to a common sign.
  const pulls = values.map((value) => value - centre);
  const cubes = pulls.reduce((sum, pull) => sum + pull ** 3, 0);
  const squares = pulls.reduce((sum, pull) => sum + pull ** 2, 0);
  const acceleration = cubes / (6 * squares ** 1.5);
  const share = (probability: number) => {
    const moved = bias + normalQuantile(probability);
    return normalCumulative(bias + moved / (1 - acceleration * moved));
  };
  return [share(tail), share(1 - tail)];
}

/** How many values of a sorted list, its first ones, are as asked. */
function placeOf(sorted: Float64Array, isBefore: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorted[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Quantile with linear interpolation between order statistics. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const index = Math.min(sorted.length - 2, Math.floor(place));
  return sorted[index] + (sorted[index + 1] - sorted[index]) * (place - index);
}
