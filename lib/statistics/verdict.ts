/** Below this adjusted p-value a difference is said to be beyond noise, or equivalence to be shown. */
export const significanceLevel = 0.05;

/**
 * What a difference shows: that it is `lower` or `higher` beyond noise, that it is `equivalent`, which takes a
 * region that was declared beforehand, or neither: `notShown`.
 */
export type Verdict = "lower" | "higher" | "equivalent" | "notShown";

/** What a verdict is read off. */
export interface Judged {
  /** The test of the difference; null where there is none. */
  readonly test: { readonly mean: number } | null;
  /** Its p-value after Holm; null where there is none. */
  readonly adjustedPValue: number | null;
  /** What is shown of its size; absent where no region was declared. */
  readonly equivalence?: { readonly withinRegion: boolean } | null;
}

/**
 * The verdict on a difference. One that is shown keeps its direction also where it is smaller than the region:
 * `equivalence.withinRegion` says that it is.
 *
 * @param difference Such as a point of `compareWithBaseline`.
 * @returns The verdict; null where there is no test.
 *
 * @example
 * ```ts
 * import { verdictOn } from "./verdict.ts";
 * import assert from "node:assert/strict";
 * assert.equal(verdictOn({ test: { mean: -0.1 }, adjustedPValue: 0.01 }), "lower");
 * assert.equal(verdictOn({ test: { mean: -0.1 }, adjustedPValue: 0.2 }), "notShown");
 * assert.equal(verdictOn({ test: null, adjustedPValue: null }), null);
 * ```
 */
export function verdictOn({ test, adjustedPValue, equivalence }: Judged): Verdict | null {
  if (test === null || adjustedPValue === null) return null;
  if (adjustedPValue < significanceLevel) return test.mean < 0 ? "lower" : "higher";
  return equivalence?.withinRegion ? "equivalent" : "notShown";
}
