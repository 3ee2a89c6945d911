import type { PenaltySpecification } from "./kinds.ts";
import type { ParameterDescription, StartOf } from "./penalty.ts";
import { pulledToStart } from "./targets.ts";

/** How many weights of a parameter are those that the training began with. */
export interface UnchangedWeights {
  /** Those that are, to the bit. */
  readonly unchanged: number;
  /** All. */
  readonly of: number;
}

/**
 * Counts the weights that did not change, of each parameter that some penalty pulls towards its start: whatever
 * its strength, so that the points of a grid that contains 0 are counted alike.
 *
 * @param penalties Penalties of the run.
 * @param parameters Descriptions, in the order of `weights`.
 * @param weights Weights of each parameter.
 * @param startOf Weights that the training began with.
 * @returns Null for a parameter that no penalty pulls back.
 *
 * @example
 * ```ts
 * import { proximalL1TowardsStart } from "./proximal_l1_towards_start.ts";
 * import { unchangedWeights } from "./unchanged.ts";
 * import assert from "node:assert/strict";
 * const kernel = { name: "output/kernel", kind: "kernel", layer: "output", shape: [3] } as const;
 * const penalties = [proximalL1TowardsStart({ strength: 1e-4 })];
 * const start = Float32Array.of(1, 2, 0);
 * assert.deepEqual(
 *   unchangedWeights(penalties, [kernel], [Float32Array.of(1, 3, 0)], () => start),
 *   [{ unchanged: 2, of: 3 }],
 * );
 * ```
 */
export function unchangedWeights(
  penalties: readonly PenaltySpecification[],
  parameters: readonly ParameterDescription[],
  weights: readonly Float32Array[],
  startOf: StartOf,
): (UnchangedWeights | null)[] {
  return parameters.map((parameter, index) => {
    if (!pulledToStart(penalties, parameter)) return null;
    const start = startOf(index);
    const values = weights[index];
    let unchanged = 0;
    for (let i = 0; i < values.length; i++) if (values[i] === start[i]) unchanged++;
    return { unchanged, of: values.length };
  });
}
