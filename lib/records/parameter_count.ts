/**
 * Weights of a model: the product of each parameter's shape, summed.
 *
 * @param parameters Of a run's record, or of a trained model.
 *
 * @example
 * ```ts
 * import { parameterCount } from "./parameter_count.ts";
 * import assert from "node:assert/strict";
 * assert.equal(parameterCount([{ shape: [3, 4] }, { shape: [4] }]), 16);
 * ```
 */
export function parameterCount(
  parameters: readonly { readonly shape: readonly number[] }[],
): number {
  return parameters.reduce(
    (sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1),
    0,
  );
}
