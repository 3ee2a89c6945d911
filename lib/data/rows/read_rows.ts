import { show } from "../../core/check.ts";
import { csvRows } from "../csv_rows.ts";
import { parsedLine } from "../documents/json_lines_file.ts";
import { parquetRows } from "../documents/parquet_rows.ts";
import type { Row } from "./row.ts";

/** How rows stand in a text. */
export const textFormats = ["jsonLines", "csv", "tsv"] as const;

/** How rows stand in a file. */
export const rowFormats = [...textFormats, "parquet"] as const;

/** One of {@link rowFormats}. */
export type RowFormat = typeof rowFormats[number];

/** One of {@link textFormats}. */
export type TextFormat = typeof textFormats[number];

/**
 * The rows of a text; empty lines are passed over.
 *
 * @param text A JSON object a line (`jsonLines`), or values parted by commas (`csv`) or tabs (`tsv`) as RFC
 * 4180 says, the first row with the names of the fields.
 * @param subject What messages call it.
 * @throws {RangeError} With the line at which a row begins that is none.
 */
export function readRows(format: TextFormat, text: string, subject: string): Row[] {
  return format === "jsonLines" ? jsonLines(text, subject) : cells(format, text, subject);
}

function jsonLines(text: string, subject: string): Row[] {
  return text.split("\n").flatMap((line, index): Row[] => {
    if (line.trim() === "") return [];
    const where = `${subject}: line ${index + 1}`;
    return [{ fields: parsedLine(line, where) as Row["fields"], where }];
  });
}

function cells(format: "csv" | "tsv", text: string, subject: string): Row[] {
  const delimiter = format === "csv" ? "," : "\t";
  const [first, ...rows] = csvRows([{ text, last: true }], subject, { delimiter });
  const columns = first?.cells ?? [];
  const twice = columns.find((column, at) => columns.indexOf(column) !== at);
  if (twice !== undefined) {
    throw new RangeError(
      `${subject}: line ${first.line} must name each column once, found ${show(twice)} twice.`,
    );
  }
  return rows.map(({ cells, line }): Row => {
    const where = `${subject}: line ${line}`;
    if (cells.length === columns.length) {
      return { fields: Object.fromEntries(columns.map((name, at) => [name, cells[at]])), where };
    }
    throw new RangeError(
      `${where} must have ${columns.length} columns, as the first row has, found ${cells.length}.`,
    );
  });
}

/**
 * The rows of a Parquet file that is in memory.
 *
 * @param names Names of the columns that are read.
 * @throws {RangeError} If a column is not there, or the file is no Parquet.
 */
export async function readParquetRows(
  bytes: Uint8Array,
  subject: string,
  names: readonly string[],
): Promise<Row[]> {
  const file = {
    byteLength: bytes.length,
    slice: (from: number, to?: number) => Uint8Array.from(bytes.subarray(from, to)).buffer,
  };
  const rows = parquetRows(subject, file, (there) => {
    const missing = names.find((name) => !there.includes(name));
    if (missing === undefined) return names;
    throw new RangeError(
      `${subject} must have the column ${show(missing)}, found ${
        there.map(show).join(", ") || "none"
      }.`,
    );
  });
  return await Array.fromAsync(
    rows,
    ({ values, number }): Row => ({ fields: values, where: `${subject}: row ${number}` }),
  );
}
