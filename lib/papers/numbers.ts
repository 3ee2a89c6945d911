import { visibleLine } from "../core/html.ts";
import { axisOfSymbol } from "../statistics/format.ts";
import {
  type FormattedNumber,
  type ShownNumber,
  splitTraced,
} from "../statistics/trace_numbers.ts";
import { findRecords, type NumberSource } from "./number_records.ts";

/** A number of an article's running text that TeX has by a name. */
export interface NumberMacro extends ShownNumber {
  /** Name of the macro, such as `NumAbstractB`: section and place in it. */
  readonly name: string;
  /** Whether it stood in the sentence as it is, without having been formatted. */
  readonly typed: boolean;
  /** The words around its first place. */
  readonly context: string;
}

/** Gives the numbers of a text their macros. */
export interface NumberMacros {
  /**
   * A text of the article in pieces: macros where numbers are, and what stands between them. A number that
   * stands twice in a section has one macro.
   *
   * @param section Section that it stands in, such as `abstract`.
   * @param text The text, with the marks of the trace.
   */
  inText(section: string, text: string): readonly (string | NumberMacro)[];
  /** All macros so far, in the order in which they were met. */
  all(): readonly NumberMacro[];
}

/**
 * Numbers that are no results: years of papers, levels of confidence and power, bounds of scales, constants
 * of formulas. They stay as they are typed.
 */
const conventions = new RegExp(
  [
    // Nadeau and Bengio 2003; Hinton et al. 2015.
    String.raw`\p{Lu}[\p{L}.]+ (?:et al\. )?(?:19|20)\d\d`,
    String.raw`(?:95|90|80) %`,
    String.raw`ln 2`,
    String.raw`p < 0\.05`,
    String.raw`has 0 there`,
    String.raw`sign\(0\) = 0`,
    String.raw`K − 1`,
    String.raw`0 to 100?(?![\d.])`,
    String
      .raw`(?:exactly|above|below|holds|from|is|of|at|or|by|counts?|not) [01](?![\d.,]\d|\d| of )`,
  ].join("|"),
  "gu",
);

const number =
  /(?<![\p{L}\p{N}_√^]|[\p{L}\p{N}][-./_:])[+−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?(?![\p{L}\p{N}_]|[-./_:][\p{L}\p{N}])/gu;

/**
 * Starts the macros of an article.
 *
 * @param numbers The numbers of its trace.
 * @param names Texts of the user that may have digits, such as names and licences: no digit of them is a number.
 *
 * @example
 * ```ts
 * import { numberMacros, renderNumbers } from "./numbers.ts";
 * import { formatNumber } from "../statistics/format.ts";
 * import { traceNumbers } from "../statistics/trace_numbers.ts";
 * import assert from "node:assert/strict";
 * const { value, numbers } = traceNumbers(() => `The loss is ${formatNumber(1.23456)}.`);
 * const macros = numberMacros(numbers, []);
 * const [before, macro, after] = macros.inText("abstract", value);
 * assert.deepEqual([before, after], ["The loss is ", "."]);
 * assert.equal(typeof macro === "string" ? "" : macro.name, "NumAbstractA");
 * assert.match(renderNumbers(macros.all(), []), /\\newcommand\{\\NumAbstractA\}\{1.235\}/);
 * ```
 */
export function numberMacros(
  numbers: readonly FormattedNumber[],
  names: readonly string[],
): NumberMacros {
  const macros = new Map<string, NumberMacro>();
  const places = new Map<string, number>();
  const macroOf = (section: string, shown: ShownNumber, typed: boolean, context: string) => {
    const { text, value, counts, of } = shown;
    // Small whole numbers are the same only where they count the same.
    const meaning = Number.isInteger(value) ? [counts, of] : [];
    const key = JSON.stringify([section, text, value, typed, ...meaning]);
    let macro = macros.get(key);
    if (macro === undefined) {
      const place = places.get(section) ?? 0;
      places.set(section, place + 1);
      const name = `Num${wordOf(section)}${lettersOf(place)}`;
      macros.set(key, macro = { ...shown, name, typed, context });
    }
    return macro;
  };
  const known = namesPattern(names);
  return {
    inText(section, text) {
      const pieces = splitTraced(text, numbers).flatMap((piece): (string | Found)[] =>
        typeof piece === "string" ? typedNumbers(piece, known) : [{ ...piece, typed: false }]
      );
      const words = pieces.map((piece) => typeof piece === "string" ? piece : piece.text);
      return pieces.map((piece, index) =>
        typeof piece === "string"
          ? piece
          : macroOf(section, withNoun(piece, words, index), piece.typed, around(words, index))
      );
    },
    all: () => [...macros.values()],
  };
}

/** A number of a text, which its formatting marked or which was found by its digits. */
type Found = ShownNumber & { readonly typed: boolean };

/** A text without marks in pieces: numbers that stood in it, and what stands between them. */
function typedNumbers(
  text: string,
  names: RegExp | null,
): (string | Found)[] {
  const kept = [conventions, ...(names === null ? [] : [names])].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length])
  );
  const pieces: (string | Found)[] = [];
  let end = 0;
  for (const match of text.matchAll(number)) {
    const at = match.index;
    if (kept.some(([from, to]) => from <= at && at < to)) continue;
    if (at > end) pieces.push(text.slice(end, at));
    const value = Number(match[0].replace("−", "-").replaceAll(",", ""));
    pieces.push({ text: match[0], value, counts: null, of: null, typed: true });
    end = at + match[0].length;
  }
  return end < text.length ? [...pieces, text.slice(end)] : pieces;
}

/** A number with the words around it where its formatting did not know what it is. */
function withNoun(shown: ShownNumber, words: readonly string[], index: number): ShownNumber {
  const { text, value, counts, of } = shown;
  if (counts !== null || of !== null) return { text, value, counts, of };
  const after = /^\s+(\p{L}+)/u.exec(words.slice(index + 1).join(""))?.[1];
  return {
    text,
    value,
    counts: after?.replace(/s$/, "") ?? null,
    of: wordBefore(words.slice(0, index).join("")),
  };
}

/** The last word before a number, or before the list or range that it stands in; null where a sentence ends before. */
function wordBefore(text: string): string | null {
  for (const word of text.slice(-80).split(/[\s(,=]+/).reverse()) {
    if (/^(from|to|among|and|or|[\d.e+-]*)$/.test(word)) continue;
    const axis = axisOfSymbol(word);
    if (axis !== null) return axis;
    return /^\p{L}[\p{L}\d]+$/u.test(word) ? word : null;
  }
  return null;
}

function around(words: readonly string[], index: number): string {
  const before = words.slice(0, index).join("").slice(-48).replace(/^\S*\s/, "");
  const after = words.slice(index + 1).join("").slice(0, 32).replace(/\s\S*$/, "");
  return visibleLine(`${before}[${words[index]}]${after}`.replace(/\s+/g, " ")).trim();
}

function namesPattern(names: readonly string[]): RegExp | null {
  const withDigits = [...new Set(names)].filter((name) => /\d/.test(name) && /\p{L}/u.test(name))
    .sort((a, b) => b.length - a.length);
  return withDigits.length === 0 ? null : new RegExp(withDigits.map(RegExp.escape).join("|"), "gu");
}

/** A section as it may stand in the name of a macro. */
function wordOf(section: string): string {
  const letters = section.replace(/[^A-Za-z]/g, "").toLowerCase();
  return letters.charAt(0).toUpperCase() + letters.slice(1);
}

/** 0 as `A`, 25 as `Z`, 26 as `AA`. */
export function lettersOf(count: number): string {
  const rest = Math.floor(count / 26);
  return (rest === 0 ? "" : lettersOf(rest - 1)) + String.fromCharCode(65 + count % 26);
}

/** A macro as it stands in a sentence; the braces keep the space behind it. */
export function useOf({ name }: NumberMacro): string {
  return `\\${name}{}`;
}

/**
 * `numbers.tex`: each number of the running text as a macro, with the record that it is.
 *
 * @param macros The macros.
 * @param sources Where the numbers come from.
 */
export function renderNumbers(
  macros: readonly NumberMacro[],
  sources: readonly NumberSource[],
): string {
  const records = findRecords(macros, sources);
  const files = new Map(sources.map(({ file, digest }) => [file, digest]));
  const header = [
    "% Every number of the article's running text, from these records with their SHA-256 and by these rules:",
    ...[...files].map(([file, digest]) => `%   ${visibleLine(file)} ${digest}`),
    "% Above each: the words around it, then the number in full and the record that it is.",
  ];
  const lines = macros.flatMap((macro, index) => {
    const { name, text, value, context } = macro;
    const record = records[index];
    const from = record === null ? computed(macro, files) : recordWords(record.source, record.path);
    return [
      "",
      `% ${context}`,
      `% ${value}: ${from}`,
      `\\newcommand{\\${name}}{${texOfNumber(text)}}`,
    ];
  });
  return [...header, ...lines].join("\n") + "\n";
}

function recordWords({ file, digest }: NumberSource, path: string): string {
  return visibleLine(`${path}, of ${file} (${digest.slice(0, 12)})`);
}

/** What is said of a number that no record has as it is. */
function computed(
  { typed, counts, value }: NumberMacro,
  files: ReadonlyMap<string, string>,
): string {
  const from = [...files].map(([file, digest]) => `${file} (${digest.slice(0, 12)})`).join(" and ");
  const how = typed
    ? "part of the sentence, which is made"
    : counts === null || !Number.isInteger(value)
    ? "computed for the sentence"
    : `counted for the sentence (${counts})`;
  return visibleLine(`${how}${from === "" ? "" : ` from ${from}`}`);
}

/** The digits of a number as TeX. */
function texOfNumber(text: string): string {
  const [, digits, , power] = /^(\S+)( · 10\^|e)([+-]?\d+)$/.exec(text) ?? [];
  if (power !== undefined) {
    return `\\ensuremath{${digits.replace("−", "-")} \\times 10^{${Number(power)}}}`;
  }
  return text.replace(/[−+]/, (sign) => `\\ensuremath{${sign === "−" ? "-" : "+"}}`);
}
