/** A number of a text, as it was when it was formatted. */
export interface FormattedNumber {
  /** In full. */
  readonly value: number;
  /** What it counts, such as `fold`; null where it is no count or its formatting does not know. */
  readonly counts: string | null;
  /** What it is a value of, such as an axis; null where its formatting does not know. */
  readonly of: string | null;
}

/** A number where a text shows it. */
export interface ShownNumber extends FormattedNumber {
  /** Its digits with their sign, as the text has them. */
  readonly text: string;
}

/** A value made within a trace, and the numbers whose places its texts mark. */
export interface Traced<Value> {
  readonly value: Value;
  readonly numbers: readonly FormattedNumber[];
}

/** The trace that is open, if one is: what formats numbers marks them in it. */
let open: { readonly numbers: FormattedNumber[]; readonly indexes: Map<string, number> } | null =
  null;

// Noncharacters: Unicode keeps them for what programs say to themselves, so that no text has them.
const opening = "\ufdd1";
const closing = "\ufdd0";
const firstDigit = 0xfdd2;
const base = 0xfdef - firstDigit + 1;
const marked = /\ufdd1([\ufdd2-\ufdef]+)([^\ufdd0\ufdd1]*)\ufdd0/g;

/** Source of a regular expression for a mark before a number that may be there. */
export const markBefore = "(?:\ufdd1[\ufdd2-\ufdef]+)?";

/** Source of a regular expression for a mark behind a number that may be there. */
export const markBehind = "\ufdd0?";

/**
 * Makes something while every number that is formatted for it is marked, so that the texts in it tell where
 * their numbers are and what these were before they were rounded.
 *
 * Outside of such a call the functions of `format.ts` give plain text.
 *
 * @param make Makes it, without waiting for anything.
 * @returns What was made, its texts with marks, and the numbers that these name.
 * @throws {Error} If a trace is open already.
 *
 * @example
 * ```ts
 * import { formatNumber } from "./format.ts";
 * import { splitTraced, traceNumbers } from "./trace_numbers.ts";
 * import assert from "node:assert/strict";
 * const { value, numbers } = traceNumbers(() => `a loss of ${formatNumber(1.23456)} nats`);
 * assert.deepEqual(splitTraced(value, numbers), [
 *   "a loss of ",
 *   { value: 1.23456, counts: null, of: null, text: "1.235" },
 *   " nats",
 * ]);
 * ```
 */
export function traceNumbers<Value>(make: () => Value): Traced<Value> {
  if (open !== null) throw new Error("Cannot trace numbers within another trace.");
  const numbers: FormattedNumber[] = [];
  open = { numbers, indexes: new Map() };
  try {
    return { value: make(), numbers };
  } finally {
    open = null;
  }
}

/**
 * Makes something without marks, also within a trace: what is laid out by the length of its texts.
 *
 * @param make Makes it, without waiting for anything.
 */
export function untraced<Value>(make: () => Value): Value {
  const outer = open;
  open = null;
  try {
    return make();
  } finally {
    open = outer;
  }
}

/**
 * A formatted number, marked within a trace; the text itself outside of one.
 *
 * @param text The number as it is shown.
 * @param value The number in full; what is not finite is not marked.
 * @param known What it counts, or what it is a value of.
 */
export function traced(
  text: string,
  value: number,
  known: { readonly counts?: string; readonly of?: string } = {},
): string {
  if (open === null || !Number.isFinite(value)) return text;
  const { numbers, indexes } = open;
  const { counts = null, of = null } = known;
  const key = JSON.stringify([Object.is(value, -0) ? "-0" : value, counts, of]);
  let index = indexes.get(key);
  // The same number has the same mark, so that texts that are alike stay alike.
  if (index === undefined) {
    indexes.set(key, index = numbers.length);
    numbers.push({ value, counts, of });
  }
  return `${opening}${digitsOf(index)}${text}${closing}`;
}

/** A text in pieces: numbers where it has marks of the trace, and what stands between them. */
export function splitTraced(
  text: string,
  numbers: readonly FormattedNumber[],
): (string | ShownNumber)[] {
  const pieces: (string | ShownNumber)[] = [];
  let end = 0;
  for (const match of text.matchAll(marked)) {
    const number = numbers[indexOf(match[1])];
    if (number === undefined) continue;
    const before = withoutMarks(text.slice(end, match.index));
    if (before !== "") pieces.push(before);
    pieces.push({ ...number, text: match[2] });
    end = match.index + match[0].length;
  }
  const rest = withoutMarks(text.slice(end));
  return rest === "" ? pieces : [...pieces, rest];
}

/** A text as it is outside of a trace. */
export function withoutMarks(text: string): string {
  return text.replace(/[\ufdd0-\ufdef]/g, "");
}

function digitsOf(index: number): string {
  const rest = Math.floor(index / base);
  return (rest === 0 ? "" : digitsOf(rest)) + String.fromCharCode(firstDigit + index % base);
}

function indexOf(digits: string): number {
  return [...digits].reduce((sum, each) => sum * base + each.charCodeAt(0) - firstDigit, 0);
}
