/**
 * A Markdown table with aligned columns, as `deno fmt` leaves it.
 *
 * @param rows Cells; the first row is the header.
 *
 * @example
 * ```ts
 * import { markdownTable } from "./markdown_table.ts";
 * import assert from "node:assert/strict";
 * assert.equal(markdownTable([["λ", "loss"], ["0", "2.1"]]), "| λ | loss |\n| - | ---- |\n| 0 | 2.1  |\n");
 * ```
 */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => [...row[column]].length))
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => cell + " ".repeat(widths[at] - [...cell].length)).join(" | ")} |\n`;
  const [header, ...body] = rows;
  return line(header) + line(widths.map((width) => "-".repeat(width))) + body.map(line).join("");
}
