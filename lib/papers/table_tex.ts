import { proseTex } from "./inline.ts";
import { headLines, type TexColumn, texColumn } from "./_table_columns.ts";
import { type ReportTable, transposed } from "./table_model.ts";

/** Type sizes of tables, from the largest, in a document of 11 points: points, and width beside 10 points. */
const sizes = [
  { name: "small", points: 10, factor: 1, separation: 6 },
  { name: "footnotesize", points: 9, factor: 1.03, separation: 4.5 },
  { name: "scriptsize", points: 8, factor: 1.065, separation: 3.5 },
] as const;

type Size = typeof sizes[number];

/** Points of TeX in two columns of print, 6.75 inches. */
const paperWidth = 487.8;

/** How a table is set. */
interface Layout {
  readonly size: Size;
  /** Columns, in panels below each other that repeat the first ones. */
  readonly panels: readonly (readonly TexColumn[])[];
  /** Points of columns whose lines are broken. */
  readonly widths: ReadonlyMap<TexColumn, number>;
}

/**
 * A table of a report in booktabs and siunitx, as wide as the page at most.
 *
 * It is set in the largest of three type sizes in which it fits; else lines of its texts are broken; else
 * its columns are split into panels that repeat the settings of the rows. Roles of rows become marks,
 * explained in notes below, and so is what the caption says beyond its first sentence.
 *
 * @param table The table.
 * @param label Its name for `\ref`.
 * @param options.bold Whether rows that the page marks begin in bold type, where the text speaks of them; false.
 */
export function tableTex(
  table: ReportTable,
  label: string,
  options: { readonly bold?: boolean } = {},
): string {
  const shown = isWide(table) ? transposed(table) : table;
  const { columns, notes } = columnsOf(shown);
  const layout = layOut(columns);
  const [caption, ...rest] = sentences(shown.caption);
  const remarks = [
    ...(rest.length === 0 ? [] : [proseTex(rest.join(" "))]),
    ...(notes.length === 0 ? [] : [
      notes.map((note, index) => `\\textsuperscript{${letter(index)}}\\,${proseTex(note)}`).join(
        "; ",
      ) + ".",
    ]),
  ];
  const bold = options.bold ? shown.rows.map(({ mark }) => mark === "marked") : [];
  const parts = { caption: proseTex(caption), label, remarks };
  return `% Needs the packages booktabs, siunitx and array, and what preamble.tex defines.\n${
    floats(layout, parts, bold)
  }`;
}

/** Texts in more columns than rows are read better the other way round. */
function isWide({ columns, rows }: ReportTable): boolean {
  return columns.length > 5 && columns.length > rows.length + 2 &&
    columns.every(({ numeric }) => !numeric);
}

/** The first sentence, and the others together. */
function sentences(text: string): string[] {
  const end = /[.;] (?=[A-Z±])/.exec(text);
  if (end === null) return [text];
  return [`${text.slice(0, end.index)}.`, text.slice(end.index + 2)];
}

const letter = (index: number) => index < 26 ? String.fromCharCode(97 + index) : String(index - 25);

/** Columns of a table, its roles as marks at the first one. */
function columnsOf(table: ReportTable): { columns: TexColumn[]; notes: string[] } {
  const groups = rolesOf(table);
  const notes = groups.map((tags) => tags.join(", "));
  const shown = table.columns.map((_, index) => index).filter((index) =>
    // A column of nothing but roles is there by its marks.
    !table.rows.some(({ cells }) => cells[index].tags.length > 0) ||
    table.rows.some(({ cells }) => cells[index].text !== "")
  );
  const columns = shown.map((index) => texColumn(table, index));
  if (notes.length === 0) return { columns, notes };
  const marks = table.rows.map(({ cells }) => {
    const own = cells.flatMap(({ tags }) => tags);
    return groups.flatMap((tags, index) => own.includes(tags[0]) ? [letter(index)] : []).join(",");
  });
  const width = 0.37 * Math.max(...marks.map(({ length }) => length));
  const raised = marks.map((mark) => mark === "" ? "" : `\\textsuperscript{${mark}}`);
  const [first, ...others] = columns;
  const marked: TexColumn[] = first.align === "l"
    ? [{
      ...first,
      width: first.width + width,
      least: first.least + width,
      cells: first.cells.map((cell, row) => `${cell}${raised[row]}`),
    }]
    : [first, {
      title: "",
      span: 1,
      align: "l",
      width,
      least: width,
      measured: false,
      lengths: [],
      spec: () => "@{\\,}l",
      cells: raised,
    }];
  return { notes, columns: [...marked, ...others] };
}

/** Labels of the rows; those that the same rows have are one. */
function rolesOf({ rows }: ReportTable): string[][] {
  const where = new Map<string, string>();
  for (const [row, { cells }] of rows.entries()) {
    for (const tag of cells.flatMap(({ tags }) => tags)) {
      where.set(tag, `${where.get(tag) ?? ""},${row}`);
    }
  }
  return [...Map.groupBy(where.keys(), (tag) => where.get(tag)!).values()];
}

/** Points that columns take at a size. */
function pointsOf(columns: readonly TexColumn[], size: Size, width: (column: TexColumn) => number) {
  const em = size.points * size.factor;
  return columns.reduce((sum, column) => sum + em * width(column), 0) +
    2 * size.separation * (columns.length - 1);
}

function layOut(columns: readonly TexColumn[]): Layout {
  const natural = ({ width }: TexColumn) => width;
  const widths = new Map<TexColumn, number>();
  for (const size of sizes) {
    if (pointsOf(columns, size, natural) <= paperWidth) return { size, panels: [columns], widths };
  }
  for (const size of sizes.slice(1)) {
    // No column so narrow that its cells become towers.
    const least = ({ least, width }: TexColumn) =>
      Math.min(width, Math.max(least, Math.min(width / 4, 14)));
    if (pointsOf(columns, size, least) <= paperWidth) {
      return { size, panels: [columns], widths: brokenWidths(columns, size) };
    }
  }
  return inPanels(columns);
}

/** The widths of columns with broken lines: the widest ones give way to the others. */
function brokenWidths(columns: readonly TexColumn[], size: Size): Map<TexColumn, number> {
  const em = size.points * size.factor;
  const at = (limit: number) => ({ least, width }: TexColumn) =>
    Math.max(Math.min(width, limit), least);
  let [low, high] = [0, Math.max(...columns.map(({ width }) => width))];
  for (let round = 0; round < 40; round++) {
    const limit = (low + high) / 2;
    if (pointsOf(columns, size, at(limit)) <= paperWidth) low = limit;
    else high = limit;
  }
  return new Map(
    columns.filter((column) => at(low)(column) < column.width)
      .map((column) => [column, at(low)(column) * em]),
  );
}

/** Columns in as few panels as they fit in, each with the settings of the rows. */
function inPanels(columns: readonly TexColumn[]): Layout {
  const size = sizes[1];
  const natural = ({ width }: TexColumn) => width;
  const leading = columns.slice(0, Math.max(columns.findIndex(({ measured }) => measured), 1));
  const keys = pointsOf(leading, size, natural) <= 0.6 * paperWidth ? leading : columns.slice(0, 1);
  const widths = new Map<TexColumn, number>();
  if (pointsOf(keys, size, natural) > 0.6 * paperWidth) widths.set(keys[0], 0.3 * paperWidth);
  const taken = widths.get(keys[0]) ?? pointsOf(keys, size, natural);
  const room = paperWidth - taken - 2 * size.separation;
  const panels: TexColumn[][] = [];
  let used = Infinity;
  for (const column of columns.slice(keys.length)) {
    const wide = pointsOf([column], size, natural);
    if (wide > room) widths.set(column, room);
    const points = Math.min(wide, room) + 2 * size.separation;
    if (used + points <= paperWidth) panels.at(-1)!.push(column);
    else {
      panels.push([...keys, column]);
      used = taken;
    }
    used += points;
  }
  return { size, panels, widths };
}

interface Parts {
  readonly caption: string;
  readonly label: string;
  readonly remarks: readonly string[];
}

/** Points of a page that are there for the rows of a table. */
const pageHeight = 560;

/** A table as one float, or where it is longer than a page as several. */
function floats(
  layout: Layout,
  { caption, label, remarks }: Parts,
  bold: readonly boolean[],
): string {
  const { size, panels } = layout;
  const pages = pagesOf(layout);
  const head = `\\centering
\\${size.name}
\\setlength{\\tabcolsep}{${size.separation}pt}
`;
  return pages.map((page, index) => {
    const tabulars = page.map(({ panel, from, to }) =>
      tabularTex(panels[panel], layout, bold, from, to)
    );
    const first = `\\caption[]{${caption}}\n\\label{${label}}\n`;
    const later = `{\\small\\textbf{Table~\\ref{${label}}}, continued\\par}\\smallskip\n`;
    const notes = index === pages.length - 1 && remarks.length > 0
      ? `\n\\tablenotes{${remarks.join(" ")}}\n`
      : "";
    return `\\begin{table}\n${index === 0 ? first : `\\centering\n${later}`}${head}${
      tabulars.join("\n\\medskip\n\n")
    }${notes}\\end{table}\n`;
  }).join("\n");
}

/** Rows of a panel that stand together. */
interface Piece {
  readonly panel: number;
  readonly from: number;
  readonly to: number;
}

/** Panels in rows that fit on a page, as many on one as there is room for. */
function pagesOf({ size, panels, widths }: Layout): Piece[][] {
  const pages: Piece[][] = [[]];
  let used = 0;
  for (const [panel, columns] of panels.entries()) {
    let from = 0;
    // The head, the rules and the space around them.
    const head = size.points * 5;
    used += head;
    const heights = columns[0].cells.map((_, row) =>
      1.2 * size.points * linesOf(columns, widths, size, row)
    );
    for (const [row, height] of heights.entries()) {
      if (used + height > pageHeight && row > from) {
        pages.at(-1)!.push({ panel, from, to: row });
        pages.push([]);
        from = row;
        used = head;
      }
      used += height;
    }
    if (heights.length > from) pages.at(-1)!.push({ panel, from, to: heights.length });
  }
  return pages.filter(({ length }) => length > 0);
}

/** Lines of a row: of the cell that has most. */
function linesOf(
  columns: readonly TexColumn[],
  widths: ReadonlyMap<TexColumn, number>,
  size: Size,
  row: number,
): number {
  return Math.max(
    1,
    ...columns.map((column) => {
      const width = widths.get(column);
      const length = column.lengths[row] ?? 0;
      return width === undefined ? 1 : Math.ceil(1.15 * length * size.points * size.factor / width);
    }),
  );
}

function tabularTex(
  columns: readonly TexColumn[],
  { widths }: Layout,
  bold: readonly boolean[],
  from: number,
  to: number,
): string {
  return `\\begin{tabular}{${specOf(columns, widths)}}
\\toprule
${headOf(columns)}\\midrule
${bodyOf(columns, bold, from, to)}\\bottomrule
\\end{tabular}
`;
}

function specOf(columns: readonly TexColumn[], widths: ReadonlyMap<TexColumn, number>): string {
  return `@{}${columns.map((column) => column.spec(widths.get(column) ?? null)).join("")}@{}`;
}

/** Heads in as many lines as the highest of them has, each standing on the last. */
function headOf(columns: readonly TexColumn[]): string {
  const heads = columns.map((column) => headLines(column.title, column.width));
  const height = Math.max(...heads.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    columns.map(({ span, align }, index) => {
      const text = heads[index][line - height + heads[index].length] ?? "";
      return headCell(text, span, align);
    }).join(" & ") + " \\\\\n").join("");
}

function headCell(text: string, span: number, align: string): string {
  if (span > 1) return `\\multicolumn{${span}}{c}{${headTex(text)}}`;
  return text === "" ? "" : align === "c" ? `{${headTex(text)}}` : headTex(text);
}

const headTex = (text: string) => proseTex(text).replace(/^p(?![\p{L}])/u, "$p$$");

function bodyOf(
  columns: readonly TexColumn[],
  bold: readonly boolean[],
  from: number,
  to: number,
): string {
  return Array.from({ length: to - from }, (_, index) =>
    columns.map(({ cells, align }, at) => {
      const cell = cells[from + index];
      return at === 0 && bold[from + index] && align === "l" ? `\\textbf{${cell}}` : cell;
    }).join(" & ") + " \\\\\n").join("");
}
