import { checkOptions } from "../core/options.ts";
import { checkFinite } from "./_check_finite.ts";
import { spreadOf } from "./effect_size.ts";
import { mean, standardDeviation } from "./estimate.ts";
import { confidence, overlap } from "./options.ts";
import { studentQuantile } from "./student_t.ts";

/** Held-out and training tokens of a fold, both above 0. */
export interface FoldSizes {
  /** Tokens that a run was scored on. */
  readonly test: number;
  /** Tokens that it was trained on. */
  readonly training: number;
}

/** Options of {@link meanInterval}. */
export interface MeanIntervalOptions {
  /** Held-out and training tokens of a fold. */
  readonly sizes?: FoldSizes;
  /**
   * From 0 to 1, both excluded.
   *
   * @default {0.95}
   */
  readonly confidence?: number;
}

const described = { sizes: overlap, confidence };

/** An interval of a mean by Student's t, or the reason why there is none. */
export interface MeanInterval {
  /** `estimated`, or why there is no interval. */
  readonly state: "estimated" | "identical" | "constant" | "tooFewFolds";
  /** Mean of the values. */
  readonly mean: number;
  /** √((1/K + n_test/n_train) · s²); null when there are too few folds. */
  readonly standardError: number | null;
  /** K − 1; null when there are too few folds. */
  readonly degreesOfFreedom: number | null;
  /** Null unless estimated. */
  readonly interval: readonly [number, number] | null;
}

/**
 * Interval of a mean over folds by Student's t: x̄ ± t · √((1/K + n_test/n_train) · s²) at K − 1
 * degrees of freedom.
 *
 * The term n_test/n_train stands for the dependence of folds whose training sets overlap (Nadeau and
 * Bengio 2003); without `sizes` it is left out, as for independent values.
 *
 * @param values One value a fold, seeds already averaged; finite.
 * @param options See {@link MeanIntervalOptions}.
 * @returns The interval; equal values give none, for they show no spread: `identical` when all are 0,
 * else `constant`.
 * @throws {RangeError} If a value is not finite or a size not above 0.
 *
 * @example
 * ```ts
 * import { meanInterval } from "./mean_interval.ts";
 * import assert from "node:assert/strict";
 * const { interval } = meanInterval([1, 2, 3]);
 * assert.ok(Math.abs(interval![0] - (2 - 4.302652729911275 / Math.sqrt(3))) < 1e-9);
 * assert.equal(meanInterval([2]).state, "tooFewFolds");
 * ```
 */
export function meanInterval(
  values: readonly number[],
  options: MeanIntervalOptions = {},
): MeanInterval {
  const { sizes: overlap, confidence } = checkOptions("meanInterval", options, described);
  checkFinite("meanInterval: values", values);
  const centre = mean(values);
  const count = values.length;
  const none = { mean: centre, interval: null };
  if (count < 2) {
    return { ...none, state: "tooFewFolds", standardError: null, degreesOfFreedom: null };
  }
  const degreesOfFreedom = count - 1;
  const spread = spreadOf(values);
  if (spread !== "varying") return { ...none, state: spread, standardError: 0, degreesOfFreedom };
  const standardError = Math.sqrt(1 / count + overlap) * standardDeviation(values);
  const half = studentQuantile(1 - (1 - confidence) / 2, degreesOfFreedom) * standardError;
  return {
    state: "estimated",
    mean: centre,
    standardError,
    degreesOfFreedom,
    interval: [centre - half, centre + half],
  };
}
