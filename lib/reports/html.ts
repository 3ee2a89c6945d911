import { escapeHtml } from "../core/html.ts";
import { traced, untraced, withoutMarks } from "../statistics/trace_numbers.ts";

/** A piece of HTML, so that text and markup cannot be taken for each other. */
export interface Markup {
  readonly html: string;
}

/** HTML as it is written; only for markup of our own. */
export function markup(html: string): Markup {
  return { html };
}

/**
 * HTML from a template: every inserted text is escaped, inserted markup is not, lists are joined,
 * null and undefined are left out.
 *
 * @example
 * ```ts
 * import { fragment } from "./html.ts";
 * import assert from "node:assert/strict";
 * assert.equal(fragment`<p>${"a < b"}</p>`.html, "<p>a &lt; b</p>");
 * ```
 */
export function fragment(strings: TemplateStringsArray, ...values: readonly Insertion[]): Markup {
  return markup(strings.reduce((all, part, index) => all + write(values[index - 1]) + part));
}

/** What may be inserted into {@link fragment}. */
export type Insertion = string | number | null | undefined | Markup | readonly Insertion[];

function write(value: Insertion): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return escapeHtml(traced(String(value), value));
  if (typeof value === "string") return escapeHtml(value);
  if (Array.isArray(value)) return value.map(write).join("");
  return (value as Markup).html;
}

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** What a cell shows. */
  cell(row: Row): Insertion;
  /** Whether cells are numbers, set to the right; true when left out. */
  readonly numeric?: boolean;
}

/**
 * A table with a caption, its first column heading each row.
 *
 * @param caption What the table shows, as text.
 * @param columns Its columns.
 * @param rows Its rows.
 * @param classOf Class of a row, for marking it.
 */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  classOf: (row: Row) => string = () => "",
): Markup {
  // On paper a table of many columns is set smaller, to fit on the page.
  const width = columns.length > 14 ? ` class="widest"` : columns.length > 7 ? ` class="wide"` : "";
  // A region that scrolls sideways must be reached by keyboard too.
  return fragment`<div class="scroll" role="region" aria-label="${
    withoutMarks(caption)
  }" tabindex="0"><table${markup(width)}>
<caption>${caption}</caption>
${untraced(() => rowsOf(columns, rows, classOf))}</table></div>
`;
}

/** Head and body of a table: what stands in columns is set as it is, so that its numbers have no marks. */
function rowsOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  classOf: (row: Row) => string,
): Markup {
  const style = (column: Column<Row>) => column.numeric === false ? "text" : "number";
  const cell = (column: Column<Row>, row: Row, index: number) =>
    index === 0
      ? fragment`<th scope="row" class="${style(column)}">${column.cell(row)}</th>`
      : fragment`<td class="${style(column)}">${column.cell(row)}</td>`;
  return fragment`<thead><tr>${
    columns.map((each) => fragment`<th scope="col" class="${style(each)}">${each.title}</th>`)
  }</tr></thead>
<tbody>
${
    rows.map((row) =>
      fragment`<tr class="${classOf(row)}">${
        columns.map((column, index) => cell(column, row, index))
      }</tr>
`
    )
  }</tbody>`;
}
