import { DataFrame } from "./_danfojs.js";

/** A value of a frame; null where there is none, such as an axis that a point lacks. */
export type Cell = string | number | boolean | null;

/** A row of a frame by column. */
export type Row = { [column: string]: Cell };

/** A frame of rows that have the same columns. */
export function frameOf(rows: readonly Row[]): DataFrame {
  if (rows.length === 0) {
    throw new RangeError("Cannot make a frame of no rows: the study has no such runs yet.");
  }
  const columns = Object.keys(rows[0]);
  return new DataFrame(rows.map((row) => columns.map((column) => row[column])), { columns });
}

/** The rows of a frame, by column. */
export function rowsOf(frame: DataFrame): Row[] {
  return (frame.values as Cell[][]).map((values) =>
    Object.fromEntries(frame.columns.map((column, at) => [String(column), values[at]]))
  );
}

/**
 * A name that no other column has: the name itself, or with `prefix` before it as often as is needed.
 *
 * @param taken Names that others have.
 */
export function freeName(name: string, prefix: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? freeName(prefix + name, prefix, taken) : name;
}
