import { escapeTex } from "./escape_tex.ts";
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
export const paperWidth = 487.8;

/** Rows beyond which a table goes on on the next page. */
const longestFloat = 34;

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
 */
export function tableTex(table: ReportTable, label: string): string {
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
  const bold = notes.length === 0 ? shown.rows.map(({ mark }) => mark === "marked") : [];
  const parts = { caption: proseTex(caption), label, remarks };
  const long = shown.rows.length * layout.panels.length > longestFloat;
  return `${needs(long)}${
    long ? longTable(layout, parts, bold) : floatingTable(layout, parts, bold)
  }`;
}

function needs(long: boolean): string {
  return `% Needs the packages booktabs, siunitx${
    long ? ", array and longtable" : " and array"
  }, ` +
    `and what preamble.tex defines.\n`;
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

/** Columns of a table, its roles as marks behind the first one. */
function columnsOf(table: ReportTable): { columns: TexColumn[]; notes: string[] } {
  const notes = [...new Set(table.rows.flatMap(({ cells }) => cells.flatMap(({ tags }) => tags)))];
  const shown = table.columns.map((_, index) => index).filter((index) =>
    // A column of nothing but roles is there by its marks.
    !table.rows.some(({ cells }) => cells[index].tags.length > 0) ||
    table.rows.some(({ cells }) => cells[index].text !== "")
  );
  const columns = shown.map((index) => texColumn(table, index));
  if (notes.length === 0) return { columns, notes };
  const marks = table.rows.map(({ cells }) =>
    cells.flatMap(({ tags }) => tags.map((tag) => letter(notes.indexOf(tag)))).join(",")
  );
  const width = 0.37 * Math.max(...marks.map(({ length }) => length));
  const [first, ...others] = columns;
  return {
    notes,
    columns: [
      first,
      {
        title: "",
        span: 1,
        align: "l",
        width,
        least: width,
        isKey: true,
        spec: () => "@{\\,}l",
        cells: marks.map((mark) => mark === "" ? "" : `\\textsuperscript{${mark}}`),
      },
      ...others,
    ],
  };
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
    // No column of a hand's breadth of lines.
    const least = ({ least, width }: TexColumn) => Math.min(width, Math.max(least, width / 4));
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
  const settings = columns.findIndex(({ isKey }) => !isKey);
  const leading = columns.slice(0, Math.max(settings, 1));
  const natural = ({ width }: TexColumn) => width;
  const keys = pointsOf(leading, size, natural) <= 0.45 * paperWidth
    ? leading
    : columns.slice(0, 1);
  const panels: TexColumn[][] = [];
  const widths = new Map<TexColumn, number>();
  const room = paperWidth - pointsOf(keys, size, natural) - 2 * size.separation;
  for (const column of columns.slice(keys.length)) {
    const current = panels.at(-1);
    if (pointsOf([column], size, natural) > room) {
      widths.set(column, room);
      panels.push([...keys, column]);
    } else if (
      current !== undefined && pointsOf([...current, column], size, natural) <= paperWidth &&
      !current.some((each) => widths.has(each))
    ) current.push(column);
    else panels.push([...keys, column]);
  }
  if (pointsOf(keys, size, natural) > 0.7 * paperWidth) {
    for (const key of keys) widths.set(key, 0.3 * paperWidth);
  }
  return { size, panels, widths };
}

interface Parts {
  readonly caption: string;
  readonly label: string;
  readonly remarks: readonly string[];
}

function floatingTable(
  { size, panels, widths }: Layout,
  parts: Parts,
  bold: readonly boolean[],
): string {
  const tabulars = panels.map((columns) =>
    `\\begin{tabular}{${specOf(columns, widths)}}
\\toprule
${headOf(columns)}\\midrule
${bodyOf(columns, bold)}\\bottomrule
\\end{tabular}
`
  );
  return `\\begin{table}[!htbp]
\\centering
\\caption[]{${parts.caption}}
\\label{${parts.label}}
\\${size.name}
\\setlength{\\tabcolsep}{${size.separation}pt}
${tabulars.join("\n\\medskip\n\n")}${remarksOf(parts)}\\end{table}
`;
}

function longTable(
  { size, panels, widths }: Layout,
  parts: Parts,
  bold: readonly boolean[],
): string {
  const tables = panels.map((columns, index) => {
    const span = columns.reduce((sum, each) => sum + each.span, 0);
    const head = headOf(columns);
    return `\\begin{longtable}{${specOf(columns, widths)}}
${index === 0 ? `\\caption[]{${parts.caption}}\\label{${parts.label}}\\\\\n` : ""}\\toprule
${head}\\midrule
\\endfirsthead
\\multicolumn{${span}}{@{}l}{\\textit{continued}}\\\\
\\toprule
${head}\\midrule
\\endhead
\\bottomrule
\\endfoot
${bodyOf(columns, bold)}\\end{longtable}
`;
  });
  return `\\begingroup
\\${size.name}
\\setlength{\\tabcolsep}{${size.separation}pt}
\\setcounter{LTchunksize}{1000}
${tables.join("")}${remarksOf(parts)}\\endgroup
`;
}

function remarksOf({ remarks }: Parts): string {
  return remarks.length === 0 ? "" : `\n\\tablenotes{${remarks.join(" ")}}\n`;
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

const headTex = (text: string) => text === "p" ? "$p$" : proseTex(text, escapeTex);

function bodyOf(columns: readonly TexColumn[], bold: readonly boolean[]): string {
  const rows = columns[0].cells.length;
  return Array.from({ length: rows }, (_, row) =>
    columns.map(({ cells, align }, index) => {
      const cell = cells[row];
      return index === 0 && bold[row] && align === "l" ? `\\textbf{${cell}}` : cell;
    }).join(" & ") + " \\\\\n").join("");
}
