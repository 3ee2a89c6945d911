import type { Json, JsonObject } from "../core/json.ts";
import type { Estimate } from "./estimate.ts";
import { traced } from "./trace_numbers.ts";

const symbols: { readonly [axis: string]: string } = { lambda: "λ", alpha: "α", eta: "η" };

/** The symbol of an axis where the field has one (`lambda` is λ), else its name. */
export function formatAxis(axis: string): string {
  return symbols[axis] ?? axis;
}

/** The axis that a symbol stands for; null for what is no symbol of one. */
export function axisOfSymbol(symbol: string): string | null {
  return Object.entries(symbols).find(([, each]) => each === symbol)?.[0] ?? null;
}

/**
 * A value of a search space, short: powers of ten below 0.001, no trailing zeros; `none` for null.
 *
 * @example
 * ```ts
 * import { formatSetting } from "./format.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([0, 1e-5, 0.3, Math.sqrt(1e-9)].map(formatSetting), ["0", "1e-5", "0.3", "3.162e-5"]);
 * assert.equal(formatSetting(null), "none");
 * ```
 */
export function formatSetting(value: Json): string {
  return setting(value, null);
}

function setting(value: Json, axis: string | null): string {
  if (typeof value === "string") return value;
  if (value === null) return "none";
  if (typeof value !== "number") return JSON.stringify(value);
  const rounded = Number(value.toPrecision(4));
  const size = Math.abs(rounded);
  return traced(
    size !== 0 && (size < 1e-3 || size >= 1e6) ? rounded.toExponential() : String(rounded),
    value,
    axis === null ? {} : { of: axis },
  );
}

/** A value with its axis, such as `λ = 1e-5`. */
export function formatAxisValue(axis: string, value: Json): string {
  return `${formatAxis(axis)} = ${setting(value, axis)}`;
}

/** A point in words, such as `λ = 1e-5, α = 0.3`; `the only setting` where a study has no axis. */
export function formatPoint(point: JsonObject): string {
  return Object.entries(point)
    .map(([axis, value]) => formatAxisValue(axis, value)).join(", ") ||
    "the only setting";
}

/** A number with fixed decimals and a true minus sign, which what rounds to 0 has not; a dash for null. */
export function formatNumber(value: number | null, decimals = 3): string {
  return value === null ? "–" : traced(fixed(value, decimals), value);
}

function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(decimals);
  return text.replace("-", /[1-9]/.test(text) ? "−" : "");
}

/** A difference with its sign, also above 0; what rounds to 0 has none. */
export function formatSigned(value: number, decimals = 3): string {
  return traced(signed(fixed(value, decimals), value), value);
}

/** A difference as it is shown in some unit, with its sign, also above 0; what is shown as 0 has none. */
export function signed(text: string, value: number): string {
  if (!/[1-9]/.test(text)) return text.replace("−", "");
  return value > 0 ? `+${text}` : text;
}

/** Mean ± standard error, or the mean alone when there is none. */
export function formatEstimate(estimate: Estimate, decimals = 3): string {
  const centre = formatNumber(estimate.mean, decimals);
  return estimate.standardError === null
    ? centre
    : `${centre} ± ${formatNumber(estimate.standardError, decimals)}`;
}

/** A share as a percentage with one decimal, such as `53.1 %`. */
export function formatShare(value: number): string {
  return `${traced(fixed(100 * value, 1), value)} %`;
}

/** A p-value, never printed as 0. */
export function formatPValue(value: number | null): string {
  return value !== null && value < 0.001 ? `< ${traced("0.001", value)}` : formatNumber(value, 3);
}

/** 78592 as `78,592`. */
export function thousands(count: number): string {
  return traced(String(count).replace(/\B(?=(\d{3})+$)/g, ","), count);
}

/** A whole number as it is; in a trace with what it counts, in the singular. */
export function formatCount(count: number, noun: string): string {
  return traced(String(count), count, { counts: noun });
}

/** A limit of this library's rules as it is, by its name there. */
export function formatLimit(limit: number, name: string): string {
  return traced(String(limit), limit, { of: name });
}

/** A count with its noun, such as `1 fold` and `3 folds`. */
export function counted(number: number, noun: string): string {
  return `${formatCount(number, noun)} ${noun}${number === 1 ? "" : "s"}`;
}

/** A text with its first letter as a capital. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Names as a list in a sentence, such as `λ, α and β`. */
export function listInWords(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/**
 * Breaks a text at its spaces into lines that fit; a word that fits nowhere has a line of its own.
 *
 * @param fits Whether a line is short enough.
 */
export function wrapWords(text: string, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && !fits(longer)) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === "" ? lines : [...lines, line];
}
