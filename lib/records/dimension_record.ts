import type { Json } from "../core/json.ts";
import { type Check, fields, listOf, mapOf, number, oneOf, share, value } from "./_fields.ts";

/** What one axis of a search draws its values from. */
export type DimensionRecord =
  & (
    | { readonly kind: "linear"; readonly from: number; readonly to: number }
    | {
      readonly kind: "log";
      readonly from: number;
      readonly to: number;
      readonly zeroShare: number;
    }
    | {
      readonly kind: "integer";
      readonly from: number;
      readonly to: number;
      readonly scale: "linear" | "log";
    }
    | { readonly kind: "choice"; readonly values: readonly Json[] }
  )
  & { readonly condition?: ConditionRecord };

/** Values of other axes, any one of each list, under which an axis exists. */
export interface ConditionRecord {
  /** Values of an axis. */
  readonly [axis: string]: readonly Json[];
}

/** What a dimension read from JSON must be. */
export const dimension: Check = fields({ kind: oneOf(["linear", "log", "integer", "choice"]) }, {
  from: number,
  to: number,
  zeroShare: share,
  scale: oneOf(["linear", "log"]),
  values: listOf(value("a value", (found) => found !== undefined)),
  condition: mapOf(listOf(value("a value", (found) => found !== undefined))),
});
