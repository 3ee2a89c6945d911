/**
 * A Markdown table whose columns line up, so that it also reads in a terminal.
 *
 * @param columns Headings; those of numbers end their column on the right.
 * @param rows Cells, as many as columns in each.
 * @param words How many columns, from the first, are words and not numbers; 1 by default.
 */
export function markdownTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  words = 1,
): string {
  const widths = columns.map((column, index) =>
    Math.max(3, column.length, ...rows.map((cells) => cells[index].length))
  );
  const line = (cells: readonly string[]) =>
    `| ${
      cells.map((cell, index) =>
        index < words ? cell.padEnd(widths[index]) : cell.padStart(widths[index])
      ).join(" | ")
    } |`;
  const rule = widths.map((width, index) =>
    index < words ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [line(columns), line(rule), ...rows.map(line)].join("\n");
}

/** A duration with three digits, such as `7.21` or `1430`. */
export function threeDigits(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
