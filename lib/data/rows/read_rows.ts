import { show } from "../../core/check.ts";
import { csvRows } from "../csv_rows.ts";
import { parsedLine } from "../documents/json_lines_file.ts";
import type { Row } from "./row.ts";

/** How rows stand in a file. */
export const rowFormats = ["jsonLines", "csv", "tsv"] as const;

/** One of {@link rowFormats}. */
export type RowFormat = typeof rowFormats[number];

/**
 * The rows of a text; empty lines are passed over.
 *
 * @param text A JSON object a line (`jsonLines`), or values parted by commas (`csv`) or tabs (`tsv`) as RFC
 * 4180 says, the first row with the names of the fields.
 * @param subject What messages call it.
 * @throws {RangeError} With the line at which a row begins that is none.
 */
export function readRows(format: RowFormat, text: string, subject: string): Row[] {
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
