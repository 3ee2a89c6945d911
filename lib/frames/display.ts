import { type DataFrame, NDframe, type Series } from "./_danfojs.js";
import { escapeHtml, visibleText } from "../core/html.ts";
import { formatSetting } from "../statistics/format.ts";

/** Rows that a cell shows of a frame; of a longer one the first and the last half. */
export const shownRows = 40;

/**
 * A frame or series as an HTML table: numbers to four digits, at most {@link shownRows} rows with a
 * note of how many are left out.
 */
export function frameHtml(frame: DataFrame | Series): string {
  const { columns, index, rows } = contentOf(frame);
  const cut = rows.length > shownRows;
  const half = shownRows / 2;
  const places = cut
    ? [...range(0, half), null, ...range(rows.length - half, rows.length)]
    : range(0, rows.length);
  const body = places.map((place) => {
    if (place === null) {
      return `<tr><td colspan="${columns.length + 1}">… ${
        rows.length - shownRows
      } rows …</td></tr>`;
    }
    const cells = rows[place].map((value) => `<td>${escapeHtml(showValue(value))}</td>`).join("");
    return `<tr><th scope="row">${escapeHtml(showValue(index[place]))}</th>${cells}</tr>`;
  });
  const head = columns.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  return `<table><thead><tr><td></td>${head}</tr></thead><tbody>${
    body.join("\n")
  }</tbody></table>` +
    `<div><small>${rows.length} rows × ${columns.length} columns</small></div>`;
}

/** The same as text with aligned columns. */
export function frameText(frame: DataFrame | Series): string {
  const { columns, index, rows } = contentOf(frame);
  const lines = [
    ["", ...columns],
    ...rows.slice(0, shownRows).map((row, at) => [
      showValue(index[at]),
      ...row.map(showValue),
    ]),
  ];
  const widths = lines[0].map((_, column) =>
    Math.max(...lines.map((line) => [...line[column]].length))
  );
  const text = lines.map((line) =>
    line.map((cell, column) => " ".repeat(widths[column] - [...cell].length) + cell).join("  ")
  );
  const left = rows.length - shownRows;
  return [...text, ...(left > 0 ? [`… ${left} rows more`] : [])].join("\n");
}

function contentOf(frame: DataFrame | Series) {
  const columns = frame.columns.map((column) => showValue(String(column)));
  const values = frame.values as unknown[] | unknown[][];
  return {
    columns,
    index: frame.index,
    rows: values.map((row) => Array.isArray(row) ? row as unknown[] : [row]),
  };
}

function showValue(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  // A line feed would break the row.
  if (typeof value !== "number") return visibleText(String(value).replaceAll("\n", " "));
  return Number.isInteger(value) ? String(value) : formatSetting(value);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/**
 * Lets every danfojs frame and series show itself as a table in a notebook, also those that queries,
 * groups and merges give; danfojs's own display prints the insides of the object.
 */
export function showFramesAsTables(): void {
  // What queries and groups return is no instance of the exported DataFrame, but of its base.
  Object.defineProperty(NDframe.prototype, Symbol.for("Jupyter.display"), {
    configurable: true,
    enumerable: false,
    value(this: DataFrame | Series) {
      return { "text/html": frameHtml(this), "text/plain": frameText(this) };
    },
  });
}
