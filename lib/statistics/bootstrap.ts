import { checkInteger, checkKeys, checkNumber, checkOneOf } from "../core/check.ts";
import { randomStream } from "../core/random.ts";
import { checkFinite } from "./_check_finite.ts";
import { spreadOf } from "./effect_size.ts";
import { mean } from "./estimate.ts";
import { normalCumulative, normalQuantile } from "./normal.ts";

/** Options of {@link bootstrapInterval}. */
export interface BootstrapOptions {
  /** Of the random stream that draws the resamples. */
  readonly seed: number;
  /** Number of resamples; 9999. */
  readonly resamples?: number;
  /** Of the interval; 0.95. */
  readonly confidence?: number;
  /** `bca`: bias-corrected and accelerated, the default; `percentile`: plain quantiles. */
  readonly method?: "bca" | "percentile";
}

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
 * @param options.seed Seed of the resamples: the same seed gives the same interval.
 * @param options.resamples How many, from 100.
 * @param options.confidence From 0 to 1, both excluded.
 * @param options.method `bca` or `percentile`.
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
  checkKeys("bootstrapInterval", options, ["seed", "resamples", "confidence", "method"]);
  const resamples = checkInteger("bootstrapInterval: resamples", options.resamples ?? 9999, {
    from: 100,
  });
  const confidence = checkNumber("bootstrapInterval: confidence", options.confidence ?? 0.95, {
    above: 0,
    below: 1,
  });
  const method = checkOneOf("bootstrapInterval: method", options.method ?? "bca", [
    "bca",
    "percentile",
  ]);
  checkFinite("bootstrapInterval: values", values);
  if (values.length < 2) return { state: "tooFewFolds", mean: mean(values), interval: null };
  const spread = spreadOf(values);
  if (spread !== "varying") return { state: spread, mean: mean(values), interval: null };
  const stream = randomStream(options.seed, "bootstrap");
  const replicates = Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < values.length; drawn++) {
      sum += values[stream.integer(values.length)];
    }
    return sum / values.length;
  });
  return {
    state: "estimated",
    mean: mean(values),
    interval: intervalOfReplicates(values, replicates, confidence, method),
  };
}

/** The interval that the means of given resamples make. */
export function intervalOfReplicates(
  values: readonly number[],
  replicates: readonly number[],
  confidence: number,
  method: "bca" | "percentile",
): [number, number] {
  const sorted = Float64Array.from(replicates).sort();
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
  const below = sorted.filter((each) => each < centre).length;
  const equal = sorted.filter((each) => each === centre).length;
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

/** Quantile with linear interpolation between order statistics. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const index = Math.min(sorted.length - 2, Math.floor(place));
  return sorted[index] + (sorted[index + 1] - sorted[index]) * (place - index);
}
