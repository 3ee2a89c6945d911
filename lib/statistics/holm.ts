import { checkNumber } from "../core/check.ts";

/**
 * Adjusts p-values of several tests by Holm's step-down method: the i-th smallest of m becomes the
 * largest of (m − j + 1) · p_j over j ≤ i, at most 1.
 *
 * @param pValues Raw p-values; null where there was no test, which is not counted in m.
 * @returns Adjusted p-values in the same order, null where there was none.
 * @throws {RangeError} If a p-value is not from 0 to 1.
 *
 * Paper: Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979.
 *
 * @example
 * ```ts
 * import { holm } from "./holm.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(holm([0.25, null, 0.125, 0.0625]), [0.25, null, 0.25, 0.1875]);
 * ```
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  for (const value of pValues) {
    if (value !== null) checkNumber("holm: a p-value", value, { from: 0, to: 1 });
  }
  const order = pValues.flatMap((value, index) => value === null ? [] : [{ value, index }])
    .sort((a, b) => a.value - b.value);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let largest = 0;
  for (const [rank, { value, index }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (order.length - rank) * value));
    adjusted[index] = largest;
  }
  return adjusted;
}
