import { actsOn, defaultTargets, type ParameterDescription } from "./penalty.ts";
import type { PenaltySpecification } from "./kinds.ts";
import { onWeights } from "./targets.ts";

/** Weights below this in absolute value count as near zero. */
export const nearZero = 1e-3;

/**
 * Counts the zeros among the penalized weights: those of every parameter that some penalty targets,
 * whatever its strength, so that the points of a grid that contains 0 are counted alike; without any
 * such penalty, those of kernels and recurrent kernels.
 *
 * @param penalties Penalties of the run.
 * @param parameters Descriptions, in the order of `weights`.
 * @param weights Weights of each parameter.
 * @returns Exact zeros (w = 0), near zeros (|w| < 1e-3, exact ones included), and how many weights
 * were looked at.
 *
 * @example
 * ```ts
 * import { countZeros } from "./zeros.ts";
 * import assert from "node:assert/strict";
 * const kernel = { name: "output/kernel", kind: "kernel", layer: "output", shape: [4] } as const;
 * assert.deepEqual(countZeros([], [kernel], [Float32Array.of(0, 5e-4, -2, 1)]), {
 *   exactZeros: 1,
 *   nearZeros: 2,
 *   countedWeights: 4,
 * });
 * ```
 */
export function countZeros(
  penalties: readonly PenaltySpecification[],
  parameters: readonly ParameterDescription[],
  weights: readonly Float32Array[],
): { exactZeros: number; nearZeros: number; countedWeights: number } {
  const penalized = onWeights(penalties);
  const counted = penalized.length === 0 ? [{ targets: defaultTargets }] : penalized;
  let exactZeros = 0;
  let nearZeros = 0;
  let countedWeights = 0;
  parameters.forEach((parameter, index) => {
    if (!counted.some((penalty) => actsOn(penalty, parameter))) return;
    const values = weights[index];
    countedWeights += values.length;
    for (let i = 0; i < values.length; i++) {
      if (values[i] === 0) exactZeros++;
      if (Math.abs(values[i]) < nearZero) nearZeros++;
    }
  });
  return { exactZeros, nearZeros, countedWeights };
}
