/** A mean over folds with its standard error. */
export interface Estimate {
  /** Mean of the fold means. */
  readonly mean: number;
  /** Standard deviation of the fold means / √K; null when there are fewer than two folds. */
  readonly standardError: number | null;
  /** Mean over seeds of each fold, in the order of the folds that were counted. */
  readonly foldMeans: readonly number[];
}

/**
 * Arithmetic mean; NaN of no values. Over the runs of a point: `mean(study.runs({ point }).map(read))`.
 *
 * @param values Such as a loss of each run, nats per token.
 *
 * @example
 * ```ts
 * import { mean } from "./estimate.ts";
 * import assert from "node:assert/strict";
 * assert.equal(mean([1, 2, 6]), 3);
 * ```
 */
export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * Sample standard deviation, √(Σ(x − x̄)² / (n − 1)); NaN of fewer than two values.
 *
 * @example
 * ```ts
 * import { standardDeviation } from "./estimate.ts";
 * import assert from "node:assert/strict";
 * assert.equal(standardDeviation([1, 2, 3]), 1);
 * ```
 */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return NaN;
  const centre = mean(values);
  let sum = 0;
  for (const value of values) sum += (value - centre) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/**
 * Mean over folds with its standard error: seeds are averaged within a fold first, because runs of
 * one fold share their training text and are no independent evidence about other text.
 *
 * The standard error is sd(fold means) / √K, as in glmnet's cross-validation. Training sets of
 * folds overlap, so it is too small by an unknown amount; for tests use
 * {@link ./compare.ts | the corrected resampled t-test}.
 *
 * @param valuesByFold For each fold the values of its seeds; a fold without values is left out.
 * @returns The estimate, or null when there is no value at all.
 *
 * @example
 * ```ts
 * import { estimateOverFolds } from "./estimate.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(estimateOverFolds([[1, 3], [4, 4], [6, 6]]), {
 *   mean: 4,
 *   standardError: 2 / Math.sqrt(3),
 *   foldMeans: [2, 4, 6],
 * });
 * ```
 */
export function estimateOverFolds(
  valuesByFold: readonly (readonly number[])[],
): Estimate | null {
  const foldMeans = valuesByFold.filter((values) => values.length > 0).map(mean);
  if (foldMeans.length === 0) return null;
  const standardError = foldMeans.length < 2
    ? null
    : standardDeviation(foldMeans) / Math.sqrt(foldMeans.length);
  return { mean: mean(foldMeans), standardError, foldMeans };
}
