import type { DimensionRecord } from "../records/dimension_record.ts";

/** A dimension that holds numbers from one to another. */
export type RangeRecord = Exclude<DimensionRecord, { readonly kind: "choice" }>;

/**
 * Where a number lies in a dimension: the inverse of `valueAt`; of a whole number the middle
 * of its part.
 *
 * @returns A share from 0 to 1, or undefined for a number that the dimension cannot give, and for 0
 * on a logarithmic axis, which has no place of its own.
 *
 * @example
 * ```ts
 * import { shareOf } from "./share_of_range.ts";
 * import assert from "node:assert/strict";
 * assert.equal(shareOf({ kind: "log", from: 0.01, to: 1, zeroShare: 0 }, 0.1), 0.5);
 * ```
 */
export function shareOf(
  dimension: RangeRecord,
  value: number,
): number | undefined {
  const { from, to } = dimension;
  if (value < from || value > to) return undefined;
  switch (dimension.kind) {
    case "linear":
      return (value - from) / (to - from);
    case "log": {
      const { zeroShare } = dimension;
      return zeroShare + (1 - zeroShare) * Math.log(value / from) / Math.log(to / from);
    }
    case "integer": {
      if (!Number.isInteger(value)) return undefined;
      const share = dimension.scale === "log"
        ? (each: number) => Math.log(each / from) / Math.log((to + 1) / from)
        : (each: number) => (each - from) / (to - from + 1);
      return (share(value) + share(value + 1)) / 2;
    }
  }
}
