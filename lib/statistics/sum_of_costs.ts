import type { TrainingCost } from "../records/run_record.ts";

/**
 * What several trainings took together, such as those of an ensemble's members, or of a teacher and its
 * student.
 *
 * Weights and bytes are those of all models side by side, which is the size of an ensemble; of a student only
 * its own count when it is used.
 *
 * @param costs Of each training; undefined of a run whose record has none, as older ones.
 * @returns The sums; `flops` is null where one of them is, and all is null where a cost is missing.
 *
 * @example
 * ```ts
 * import { sumOfCosts } from "./sum_of_costs.ts";
 * import assert from "node:assert/strict";
 * const cost = { flops: 600, tokens: 10, weights: 10, bytes: 40 };
 * assert.deepEqual(sumOfCosts([cost, cost]), { flops: 1200, tokens: 20, weights: 20, bytes: 80 });
 * assert.equal(sumOfCosts([cost, { ...cost, flops: null }])?.flops, null);
 * assert.equal(sumOfCosts([cost, undefined]), null);
 * ```
 */
export function sumOfCosts(
  costs: readonly (TrainingCost | undefined)[],
): TrainingCost | null {
  let sum: TrainingCost = { flops: 0, tokens: 0, weights: 0, bytes: 0 };
  for (const cost of costs) {
    if (cost === undefined) return null;
    sum = {
      flops: sum.flops === null || cost.flops === null ? null : sum.flops + cost.flops,
      tokens: sum.tokens + cost.tokens,
      weights: sum.weights + cost.weights,
      bytes: sum.bytes + cost.bytes,
    };
  }
  return sum;
}
