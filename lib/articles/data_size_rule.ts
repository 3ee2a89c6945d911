import { checkKeys, checkNumber } from "../core/check.ts";

/** A point of the rule, beside a grid over `lambda` and `alpha`. */
export type DataSizePoint = {
  /** λ = trainingSamples / allSamples. */
  readonly lambda: number;
  /** α = alphaShare · λ. */
  readonly alpha: number;
};

/**
 * Article 1's rule of thumb for strengths from the size of the data: λ = trainingSamples / allSamples, and α
 * a small fraction of λ.
 *
 * λ is a share and so always near 1 (0.8 for five folds), whatever the data: far above the strengths at which
 * a generator learns. Put it beside a grid to see what it does:
 * `joinSpaces(grid({ … }), points([dataSizeRule({ … })]))`.
 *
 * @param options.trainingSamples Samples, or tokens, to train on, above 0: of k folds k − 1 parts.
 * @param options.allSamples Samples of the whole data set, at least as many: of k folds k parts.
 * @param options.alphaShare The small fraction, from 0; 0.1 if not given.
 * @returns A point with `lambda` and `alpha`, to 12 significant digits.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { dataSizeRule } from "./data_size_rule.ts";
 * import assert from "node:assert/strict";
 * const point = dataSizeRule({ trainingSamples: 4, allSamples: 5 });
 * assert.deepEqual(point, { lambda: 0.8, alpha: 0.08 });
 * ```
 */
export function dataSizeRule(options: {
  readonly trainingSamples: number;
  readonly allSamples: number;
  readonly alphaShare?: number;
}): DataSizePoint {
  checkKeys("dataSizeRule", options, ["trainingSamples", "allSamples", "alphaShare"]);
  const { allSamples, alphaShare = 0.1 } = options;
  checkNumber("dataSizeRule: allSamples", allSamples, { above: 0 });
  const trainingSamples = checkNumber("dataSizeRule: trainingSamples", options.trainingSamples, {
    above: 0,
    to: allSamples,
  });
  checkNumber("dataSizeRule: alphaShare", alphaShare, { from: 0 });
  const rounded = (value: number) => Number(value.toPrecision(12));
  const lambda = trainingSamples / allSamples;
  return { lambda: rounded(lambda), alpha: rounded(alphaShare * lambda) };
}
