import { escapeHtml } from "../core/html.ts";

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
  if (typeof value === "string" || typeof value === "number") return escapeText(String(value));
  if (Array.isArray(value)) return value.map(write).join("");
  return (value as Markup).html;
}

// Control characters but tab and line feed; marks that reorder text; line and paragraph separators.
const invisible =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;

/**
 * A text with characters that are invisible or turn the text around (control and bidirectional marks)
 * shown by their code, such as `‹U+202E›`.
 */
export function visibleText(text: string): string {
  return text.toWellFormed().replace(
    invisible,
    (character) => `‹U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`,
  );
}

/** A text of a corpus, a sample or a user as it may stand in HTML: visible, and no markup. */
export function escapeText(text: string): string {
  return escapeHtml(visibleText(text));
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
  const style = (column: Column<Row>) => column.numeric === false ? "text" : "number";
  const cell = (column: Column<Row>, row: Row, index: number) =>
    index === 0
      ? fragment`<th scope="row" class="${style(column)}">${column.cell(row)}</th>`
      : fragment`<td class="${style(column)}">${column.cell(row)}</td>`;
  // A region that scrolls sideways must be reached by keyboard too.
  return fragment`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${
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
  }</tbody></table></div>
`;
}
