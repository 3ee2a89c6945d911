import { checkFinite } from "./_check_finite.ts";
import { mean, standardDeviation } from "./estimate.ts";
import { noncentralityAt } from "./noncentral_t.ts";
import { confidence as confidenceOption, overlap as overlapOption } from "./options.ts";
import { logGamma } from "./special_functions.ts";

/** How large a paired difference is beside its spread, or the reason why that cannot be said. */
export interface EffectSize {
  /** `estimated`, or why there is none. */
  readonly state: "estimated" | "identical" | "constant" | "tooFewFolds";
  /** Cohen's d_z: mean difference / standard deviation of the differences; null unless estimated. */
  readonly dz: number | null;
  /** d_z times Hedges's correction for few folds; null unless estimated. */
  readonly hedges: number | null;
  /**
   * Interval of the population's d_z; null unless estimated, or where an end lies beyond what the
   * noncentral t distribution can be computed for.
   */
  readonly interval: readonly [number, number] | null;
}

/**
 * Effect size of paired differences: d_z = d̄ / s, with Hedges's correction
 * J = Γ(ν/2) / (√(ν/2) Γ((ν − 1)/2)), ν = K − 1, and an interval by the noncentral t distribution.
 *
 * The interval is that of t = d_z / √(1/K + n_test/n_train), the corrected resampled statistic, so
 * that it does not take runs with overlapping training sets for independent ones; without `sizes` it
 * is the usual one, with t = d_z √K.
 *
 * @param differences One difference a fold, seeds already averaged.
 * @param options.sizes Held-out and training tokens of a fold, above 0.
 * @param options.confidence Of the interval; 0.95.
 * @returns The effect size; equal differences have no spread to be measured by and give none.
 * @throws {RangeError} If a difference is not finite or a size not above 0.
 *
 * Papers: Hedges, Journal of Educational Statistics 6, 1981; Cumming and Finch, Educational and
 * Psychological Measurement 61, 2001.
 *
 * @example
 * ```ts
 * import { effectSize } from "./effect_size.ts";
 * import assert from "node:assert/strict";
 * assert.equal(effectSize([1, 2, 3]).dz, 2);
 * assert.equal(effectSize([0, 0, 0]).state, "identical");
 * ```
 */
export function effectSize(
  differences: readonly number[],
  options: {
    readonly sizes?: { readonly test: number; readonly training: number };
    readonly confidence?: number;
  } = {},
): EffectSize {
  const confidence = confidenceOption.check("effectSize: confidence", options.confidence);
  checkFinite("effectSize: differences", differences);
  const count = differences.length;
  const none = { dz: null, hedges: null, interval: null };
  if (count < 2) return { ...none, state: "tooFewFolds" };
  const spread = spreadOf(differences);
  if (spread !== "varying") return { ...none, state: spread };
  const dz = mean(differences) / standardDeviation(differences);
  const freedom = count - 1;
  const overlap = overlapOption.check("effectSize: sizes", options.sizes);
  const scale = Math.sqrt(1 / count + overlap);
  const tail = (1 - confidence) / 2;
  const ends = [1 - tail, tail].map((each) => noncentralityAt(dz / scale, freedom, each));
  return {
    state: "estimated",
    dz,
    hedges: freedom < 2 ? null : dz * hedgesCorrection(freedom),
    interval: ends[0] === null || ends[1] === null ? null : [ends[0] * scale, ends[1] * scale],
  };
}

/** Hedges's factor at ν degrees of freedom, above 1. */
function hedgesCorrection(freedom: number): number {
  return Math.exp(logGamma(freedom / 2) - logGamma((freedom - 1) / 2)) / Math.sqrt(freedom / 2);
}

/** Whether differences vary; averages of equal numbers differ in their last digits. */
export function spreadOf(differences: readonly number[]): "varying" | "identical" | "constant" {
  if (differences.every((difference) => difference === 0)) return "identical";
  const largest = Math.max(...differences.map(Math.abs));
  return standardDeviation(differences) <= 1e-12 * largest ? "constant" : "varying";
}
