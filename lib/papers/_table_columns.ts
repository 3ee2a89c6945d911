import { escapeTex } from "./escape_tex.ts";
import { textWidth } from "./_glyph_width.ts";
import { inlineTex, proseTex } from "./inline.ts";
import type { ReportCell, ReportTable } from "./table_model.ts";

/** A column of a report's table as one or more columns of TeX. */
export interface TexColumn {
  readonly title: string;
  /** Columns of TeX that it takes. */
  readonly span: number;
  /** Letter that aligns its head. */
  readonly align: "l" | "c" | "r";
  /** Width in em of what it shows, with its head in lines. */
  readonly width: number;
  /** Least width in em at which its lines can be broken; its width where they are not. */
  readonly least: number;
  /** Whether it has estimates, intervals or shares: no setting of the row. */
  readonly measured: boolean;
  /** Width in em of each cell where its lines may be broken; empty where they may not. */
  readonly lengths: readonly number[];
  /** Its part of the preamble of a table, with a width in points where its lines are broken. */
  spec(points: number | null): string;
  /** Cell of each row, as TeX. */
  readonly cells: readonly string[];
}

const number = String.raw`[+−-]?\d+(?:\.\d+)?`;
const patterns = {
  none: /^[–-]?$/,
  number: new RegExp(`^(?:< )?${number}$`),
  power: new RegExp(`^${number}(?:e[+-]?\\d+)?$`),
  percent: new RegExp(`^${number} %$`),
  estimate: new RegExp(`^${number} ± ${number}$`),
  interval: new RegExp(`^\\[(${number}), (${number})\\]$`),
  difference: new RegExp(`^(${number})(?: (\\[${number}, ${number}\\]|\\([^()]*\\)))?$`),
};

/** How a column of a report is set, from what its cells are. */
export function texColumn(table: ReportTable, index: number): TexColumn {
  const { title, numeric } = table.columns[index];
  const cells = table.rows.map((row) => row.cells[index]);
  const filled = cells.map(({ text }) => text).filter((text) => !patterns.none.test(text));
  const all = (pattern: RegExp) => filled.length > 0 && filled.every((text) => pattern.test(text));
  if (all(patterns.number)) return numberColumn(title, cells);
  if (all(patterns.percent)) return { ...numberColumn(`${title} (%)`, cells), measured: true };
  if (all(patterns.estimate)) return estimateColumn(title, cells);
  if (all(patterns.interval)) return intervalColumn(title, cells);
  if (all(patterns.power) && filled.every((text) => text.includes("e"))) {
    return numberColumn(title, cells);
  }
  if (all(patterns.difference)) return differenceColumn(title, cells);
  return textColumn(title, cells, numeric && filled.some((text) => /^[\d−+]/.test(text)));
}

const input = (text: string) => text.replaceAll("−", "-").replace(/ %$/, "").replaceAll(" ", "");

/** What siunitx is told of a column: signs, digits before and after the point, those of an exponent. */
function tableFormat(texts: readonly string[]): { format: string; width: number } {
  const parts = texts.map((text) =>
    /^(<?)([+-]?)(\d+)(?:\.(\d+))?(?:e([+-]?)(\d+))?$/.exec(input(text))!
  );
  const longest = (at: number) => Math.max(0, ...parts.map((part) => (part[at] ?? "").length));
  const comparator = parts.some(([, sign]) => sign !== "") ? "<" : "";
  const sign = parts.some((part) => part[2] === "+")
    ? "+"
    : parts.some((part) => part[2] === "-")
    ? "-"
    : "";
  const [whole, decimals, exponent] = [longest(3), longest(4), longest(6)];
  const exponentSign = parts.some((part) => part[5] === "-") ? "-" : "";
  return {
    format: `${comparator}${sign}${whole}.${decimals}${
      exponent === 0 ? "" : `e${exponentSign}${exponent}`
    }`,
    width: 0.5 * (whole + decimals) + (decimals > 0 ? 0.28 : 0) + (sign === "" ? 0 : 0.78) +
      (comparator === "" ? 0 : 0.78) + (exponent === 0 ? 0 : 2.3 + 0.4 * exponent) +
      (exponentSign === "" ? 0 : 0.6),
  };
}

const headWidth = (title: string, content: number) =>
  Math.max(...headLines(title, content).map(textWidth));

/** Lines of a head that are no tower. */
const highestHead = 3;

/** A head in lines that are about as wide as what stands below it; in three lines, if it can be. */
export function headLines(title: string, content: number): string[] {
  const words = title.split(" ").flatMap(headParts);
  let room = Math.max(content, ...words.map(textWidth), 3);
  for (;;) {
    const lines = linesWithin(words, room);
    if (lines.length <= highestHead || room >= 12) return lines;
    room += 0.5;
  }
}

/** Characters of a head's word that stay on one line. */
const longestHeadWord = 24;

/** A word of a head in parts that are no wider than a head may be. */
function headParts(word: string): string[] {
  const letters = [...word];
  return Array.from(
    { length: Math.max(1, Math.ceil(letters.length / longestHeadWord)) },
    (_, at) => letters.slice(at * longestHeadWord, (at + 1) * longestHeadWord).join(""),
  );
}

function linesWithin(words: readonly string[], room: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

type Shown = Pick<TexColumn, "span" | "align" | "cells" | "measured"> & {
  readonly content: number;
  readonly spec: string;
};

function fixed(title: string, { content, spec, ...shown }: Shown): TexColumn {
  const width = Math.max(content, headWidth(title, content));
  return { title, ...shown, width, least: width, lengths: [], spec: () => spec };
}

const isNone = ({ text }: ReportCell) => patterns.none.test(text);
const filledTexts = (cells: readonly ReportCell[]) =>
  cells.filter((cell) => !isNone(cell)).map(({ text }) => text);

function numberColumn(title: string, cells: readonly ReportCell[]): TexColumn {
  const { format, width } = tableFormat(filledTexts(cells));
  return fixed(title, {
    span: 1,
    align: "c",
    measured: false,
    content: width,
    spec: `S[table-format=${format}]`,
    cells: cells.map((cell) => isNone(cell) ? noneIn(cell) : input(cell.text)),
  });
}

/** An empty cell stays empty; a dash stands where nothing was measured. */
const noneIn = ({ text }: ReportCell) => text === "" ? "" : "{--}";

function estimateColumn(title: string, cells: readonly ReportCell[]): TexColumn {
  const filled = filledTexts(cells).map((text) => text.split(" ± "));
  const [means, errors] = [0, 1].map((at) => tableFormat(filled.map((each) => each[at])));
  return fixed(title, {
    span: 2,
    align: "c",
    measured: true,
    content: means.width + errors.width + 1.25,
    spec: `S[table-format=${means.format}]@{$\\,\\pm\\,$}S[table-format=${errors.format}]`,
    cells: cells.map((cell) =>
      isNone(cell)
        ? `\\multicolumn{2}{c}{${cell.text === "" ? "" : "--"}}`
        : cell.text.split(" ± ").map(input).join(" & ")
    ),
  });
}

function intervalColumn(title: string, cells: readonly ReportCell[]): TexColumn {
  const aligned = alignedIntervals(filledTexts(cells));
  return fixed(title, {
    span: 1,
    align: "r",
    measured: true,
    content: Math.max(...filledTexts(cells).map(textWidth)) + 0.5,
    spec: "r",
    cells: cells.map((cell) => isNone(cell) ? cell.text === "" ? "" : "--" : aligned(cell.text)),
  });
}

/** A number with its interval, or with a word instead of it. */
function differenceColumn(title: string, cells: readonly ReportCell[]): TexColumn {
  const parts = cells.map((cell) => isNone(cell) ? null : patterns.difference.exec(cell.text)!);
  const shown = parts.filter((part) => part !== null);
  const { format, width } = tableFormat(shown.map(([, mean]) => mean));
  const intervals = shown.map(([, , interval]) => interval ?? "");
  const aligned = alignedIntervals(intervals.filter((each) => each.startsWith("[")));
  return fixed(title, {
    span: 2,
    align: "c",
    measured: true,
    content: width + Math.max(...intervals.map(textWidth)) + 1,
    spec: `S[table-format=${format}]@{\\hspace{0.5em}}r`,
    cells: parts.map((part, index) => {
      if (part === null) return `${noneIn(cells[index])} & `;
      const [, mean, interval = ""] = part;
      return `${input(mean)} & ${
        interval.startsWith("[") ? aligned(interval) : escapeTex(interval)
      }`;
    }),
  });
}

/** Intervals whose ends stand below each other: signs and digits that one lacks are left blank. */
function alignedIntervals(texts: readonly string[]): (text: string) => string {
  const ends = texts.map((text) => patterns.interval.exec(text)!.slice(1).map(input));
  const room = [0, 1].map((at) => ({
    signed: ends.some((each) => /^[+-]/.test(each[at])),
    digits: Math.max(0, ...ends.map((each) => wholeDigits(each[at]))),
  }));
  const blank = (end: string, at: number) => {
    const sign = room[at].signed && !/^[+-]/.test(end) ? "\\phantom{$-$}" : "";
    const digits = room[at].digits - wholeDigits(end);
    return `${sign}${digits > 0 ? `\\phantom{${"0".repeat(digits)}}` : ""}`;
  };
  return (text) => {
    const [from, to] = patterns.interval.exec(text)!.slice(1).map(input);
    return `[${blank(from, 0)}\\num{${from}}, ${blank(to, 1)}\\num{${to}}]`;
  };
}

const wholeDigits = (text: string) => /\d+/.exec(text)![0].length;

/** The width of a text with its powers of ten set as such. */
const shownWidth = (text: string) => textWidth(text.replace(/(\d)e([+-]?\d+)/g, "$1 × 10$2"));

/** The longest part of a text that stays on one line. */
function longestPart(text: string): number {
  return Math.max(0, ...text.split(/[ /]/).map((word) => textWidth(word.slice(0, 22))));
}

function textColumn(title: string, cells: readonly ReportCell[], right: boolean): TexColumn {
  const content = Math.max(0, ...cells.map(({ text }) => shownWidth(text)));
  const width = Math.max(content, headWidth(title, content));
  const least = right ? width : Math.min(
    width,
    Math.max(...cells.map(({ text }) => longestPart(text)), headWidth(title, 0)) + 0.3,
  );
  return {
    title,
    span: 1,
    align: right ? "r" : "l",
    width,
    least,
    lengths: cells.map(({ text }) => shownWidth(text)),
    measured: false,
    spec: (points) =>
      points === null
        ? right ? "r" : "l"
        : `>{\\raggedright\\arraybackslash}p{${points.toFixed(1)}pt}`,
    cells: cells.map(({ nodes, text }) =>
      patterns.none.test(text) ? text === "" ? "" : "--" : cellTex(nodes, text)
    ),
  };
}

/** A number among texts is one of siunitx's too. */
function cellTex(nodes: ReportCell["nodes"], text: string): string {
  return /^[−+]?\d+(?:\.\d+)?$/.test(text) ? proseTex(text) : inlineTex(nodes).trim();
}
