import type { DataFrame } from "./_danfojs.js";
import { show } from "../core/check.ts";
import { type Cell, frameOf, type Row } from "./_frame_of.ts";

/**
 * A table from rows of objects, each with the same columns, in the order of the first.
 *
 * @param rows At least one; a value is a number, a text, a truth value or null.
 * @returns A danfojs frame that a cell shows as a table.
 * @throws {RangeError} If there is no row, or one has other columns.
 *
 * @example
 * ```ts
 * import { table } from "./table.ts";
 * import assert from "node:assert/strict";
 * const losses = table([{ arm: "none", loss: 2.25 }, { arm: "decay", loss: 2 }]);
 * assert.deepEqual(losses.columns, ["arm", "loss"]);
 * assert.deepEqual(losses.values, [["none", 2.25], ["decay", 2]]);
 * ```
 */
export function table<Columns extends object>(
  rows: readonly { readonly [column in keyof Columns]: Cell }[],
): DataFrame {
  if (rows.length === 0) throw new RangeError("table: there must be at least one row, found none.");
  const columns = Object.keys(rows[0]);
  const other = rows.findIndex((row) =>
    Object.keys(row).length !== columns.length || columns.some((column) => !(column in row))
  );
  if (other > 0) {
    throw new RangeError(
      `table: every row must have the columns ${
        columns.map((column) => show(column)).join(", ")
      }, ` +
        `found ${show(rows[other])} in row ${other}.`,
    );
  }
  return frameOf(rows as readonly Row[]);
}
