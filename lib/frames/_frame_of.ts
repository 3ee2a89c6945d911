import { DataFrame } from "danfojs";

/** A value of a frame. */
export type Cell = string | number | boolean;

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
