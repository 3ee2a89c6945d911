import { checkOptions, integer, orNotGiven } from "../core/options.ts";
import { checkFinite } from "./_check_finite.ts";
import { mean, standardDeviation } from "./estimate.ts";
import type { FoldSizes } from "./mean_interval.ts";
import { confidence, overlap } from "./options.ts";
import { studentQuantile } from "./student_t.ts";

/** Options of {@link predictionInterval}. */
export interface PredictionOptions {
  /**
   * Of how many more values the mean is predicted.
   *
   * @default {1}
   */
  readonly count?: number;
  /** Held-out and training tokens of a fold, where the values are those of overlapping folds. */
  readonly sizes?: FoldSizes;
  /**
   * From 0 to 1, both excluded.
   *
   * @default {0.95}
   */
  readonly confidence?: number;
}

const described = {
  count: orNotGiven(integer({ from: 1 }, 1)),
  sizes: overlap,
  confidence,
};

/**
 * Interval of one more value, or of the mean of m more: x̄ ± t s √(1/m + 1/n + 2 n_test/n_train), t the
 * quantile of Student's t at n − 1 degrees of freedom.
 *
 * Without `sizes` the values are independent, such as those of seeds, and the last term is left out.
 * Values of folds share what their overlapping training texts have in common. With variance σ²ρ shared
 * and σ²(1 − ρ) of each, s² estimates σ²(1 − ρ) and ρ/(1 − ρ) is n_test/n_train (Nadeau and Bengio
 * 2003); a stretch with other training text differs from x̄ by σ²ρ + σ²(1 − ρ)/m of its own and σ²ρ +
 * σ²(1 − ρ)/n of the mean.
 *
 * @param values At least two, finite; of folds with seeds averaged.
 * @param options See {@link PredictionOptions}.
 * @returns Lower and upper end; both the mean where all values are equal.
 * @throws {RangeError} If there are fewer than two values or one is not finite.
 *
 * @example
 * ```ts
 * import { predictionInterval } from "./prediction_interval.ts";
 * import assert from "node:assert/strict";
 * const [low, high] = predictionInterval([1, 2, 3]);
 * assert.ok(Math.abs(high - 2 - 4.30265273 * Math.sqrt(4 / 3)) < 1e-8);
 * assert.ok(Math.abs(low + high - 4) < 1e-12);
 * ```
 */
export function predictionInterval(
  values: readonly number[],
  options: PredictionOptions = {},
): [number, number] {
  const { count, sizes: overlap, confidence } = checkOptions(
    "predictionInterval",
    options,
    described,
  );
  checkFinite("predictionInterval: values", values);
  if (values.length < 2) {
    throw new RangeError(
      `predictionInterval: there must be at least two values, found ${values.length}.`,
    );
  }
  const centre = mean(values);
  const half = studentQuantile(1 - (1 - confidence) / 2, values.length - 1) *
    standardDeviation(values) * Math.sqrt(1 / count + 1 / values.length + 2 * overlap);
  return [centre - half, centre + half];
}
