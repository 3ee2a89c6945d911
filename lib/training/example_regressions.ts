import { checkOptions, integer, orNotGiven } from "../core/options.ts";
import type { RegressionData } from "./linear_regression.ts";
import reference from "./_reference/linear_regression.json" with { type: "json" };

/**
 * A regression with a known answer: the lasso's weights at several strengths, as scikit-learn finds them,
 * on sixty rows of ten columns without a bias.
 *
 * @example
 * ```ts
 * import { lassoExample } from "./example_regressions.ts";
 * import { largestL1Strength } from "./linear_regression.ts";
 * import { linearRegression } from "../models/linear_regression.ts";
 * import assert from "node:assert/strict";
 * const model = linearRegression({ inputs: lassoExample.inputs, bias: false });
 * const largest = largestL1Strength(model, lassoExample.data);
 * assert.ok(Math.abs(largest - lassoExample.largestStrength) < 1e-5);
 * assert.deepEqual(lassoExample.weights[0], Array(10).fill(0));
 * ```
 */
export const lassoExample = {
  data: {
    features: Float32Array.from(reference.features),
    labels: Float32Array.from(reference.labels),
  },
  /** Columns. */
  inputs: reference.columns,
  /** Values of λ, the largest first. */
  strengths: reference.strengths as readonly number[],
  /** scikit-learn's weights, a list for each strength. */
  weights: reference.lasso as readonly (readonly number[])[],
  /** The smallest λ that leaves no weight, λ_max = max |xᵀy| / n over the columns. */
  largestStrength: reference.largestStrength,
  /** Version of scikit-learn. */
  scikitLearn: reference.versions.scikitLearn,
} as const;

/**
 * Rows of a fixed sine pattern whose labels are 2x₀ − x₃ with a small sine as noise: a regression for
 * which any will do, the same everywhere.
 *
 * @param options `rows` and `inputs` of them, at least 4; 40 and 10 by default.
 *
 * @example
 * ```ts
 * import { sineRegression } from "./example_regressions.ts";
 * import assert from "node:assert/strict";
 * const { features, labels } = sineRegression({ rows: 2 });
 * assert.deepEqual([features.length, labels.length], [20, 2]);
 * assert.equal(labels[0], Math.fround(2 * features[0] - features[3]));
 * ```
 */
export function sineRegression(
  options: { readonly rows?: number; readonly inputs?: number } = {},
): RegressionData {
  const { rows, inputs } = checkOptions("sineRegression", options, {
    rows: orNotGiven(integer({ from: 1 }, 40)),
    inputs: orNotGiven(integer({ from: 4 }, 10)),
  });
  const features = Float32Array.from(
    { length: rows * inputs },
    (_, i) => Math.sin(1.7 * i * i + i),
  );
  const labels = Float32Array.from(
    { length: rows },
    (_, row) => 2 * features[row * inputs] - features[row * inputs + 3] + 0.1 * Math.sin(row),
  );
  return { features, labels };
}
