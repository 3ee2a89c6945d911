/**
 * Checks of options given by users. Every message says what could not be done, the value found and
 * the values allowed.
 *
 * @module
 */

import { visibleText } from "./html.ts";

/**
 * Shows a value in an error message: short, on one line, and unambiguous; what would be invisible or
 * turn the line around is shown by its code.
 */
export function show(value: unknown): string {
  return shown(value, 80);
}

/** {@link show} for what says little when it is cut, such as a point of many axes: up to 200 characters. */
export function showLong(value: unknown): string {
  return shown(value, 200);
}

function shown(value: unknown, longest: number): string {
  if (typeof value === "string") return visibleText(JSON.stringify(clip(value, longest)));
  if (typeof value === "function") return `a function`;
  // What is missing: JSON has no other word for it.
  if (value === undefined) return "nothing";
  if (value === null || typeof value !== "object") return String(value);
  try {
    return visibleText(clip(JSON.stringify(value), longest));
  } catch {
    return Array.isArray(value) ? "a list" : "an object";
  }
}

function clip(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
}

/** Refuses what is no object of options by name, whichever these are. */
export function checkObject(subject: string, options: unknown): asserts options is object {
  if (options !== null && typeof options === "object" && !Array.isArray(options)) return;
  throw new TypeError(`${subject}: options must be an object, found ${show(options)}.`);
}

/**
 * Refuses options that are not a plain object or that have a key which is not allowed.
 *
 * @param subject Name of the function that takes the options, for the message.
 * @param options What the caller gave.
 * @param allowed Allowed keys.
 * @throws {TypeError} If the options are no object or an unknown key is present.
 */
export function checkKeys(subject: string, options: unknown, allowed: readonly string[]): void {
  checkObject(subject, options);
  for (const key of Object.keys(options)) {
    if (!allowed.includes(key)) {
      throw new TypeError(
        `${subject}: unknown option ${show(key)}; allowed are ${allowed.join(", ") || "none"}.`,
      );
    }
  }
}

/**
 * Returns a finite number inside a range, or throws.
 *
 * @param name Name of the option with its function, as in `l1: strength`.
 * @param value What the caller gave.
 * @param range Bounds; `above` and `below` exclude their bound, `from` and `to` include it.
 * @throws {TypeError} If the value is no number.
 * @throws {RangeError} If it is NaN, infinite, or outside the range.
 */
export function checkNumber(
  name: string,
  value: unknown,
  range: { from?: number; above?: number; to?: number; below?: number } = {},
): number {
  const { from, above, to, below } = range;
  const lower = above !== undefined ? `above ${above}` : from !== undefined ? `from ${from}` : "";
  const upper = below !== undefined ? `below ${below}` : to !== undefined ? `to ${to}` : "";
  const allowed = `a finite number ${[lower, upper].filter(Boolean).join(" ")}`.trim();
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be ${allowed}, found ${show(value)}.`);
  }
  const inside = Number.isFinite(value) && !(from !== undefined && value < from) &&
    !(above !== undefined && value <= above) && !(to !== undefined && value > to) &&
    !(below !== undefined && value >= below);
  if (!inside) throw new RangeError(`${name} must be ${allowed}, found ${show(value)}.`);
  return value;
}

/**
 * Returns a whole number inside a range (both bounds included), or throws as {@link checkNumber}.
 */
export function checkInteger(
  name: string,
  value: unknown,
  range: { from?: number; to?: number } = {},
): number {
  const number = checkNumber(name, value, range);
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(`${name} must be a whole number, found ${show(value)}.`);
  }
  return number;
}

/** What a message says of the values of a list: the value itself where there is one alone. */
export function choiceOf(allowed: readonly (string | number | boolean)[]): string {
  return `${allowed.length === 1 ? "" : "one of "}${allowed.map(show).join(", ")}`;
}

/** Returns a value that is one of a list, or throws a RangeError that names the list. */
export function checkOneOf<T extends string | number | boolean>(
  name: string,
  value: unknown,
  allowed: readonly T[],
): T {
  if (!allowed.includes(value as T)) {
    throw new RangeError(
      `${name} must be ${choiceOf(allowed)}, found ${show(value)}.`,
    );
  }
  return value as T;
}

/** Returns a boolean, or throws a TypeError. */
export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") {
    throw new TypeError(`${name} must be true or false, found ${show(value)}.`);
  }
  return value;
}

/** Returns a non-empty string, or throws a TypeError. */
export function checkText(name: string, value: unknown): string {
  if (typeof value !== "string" || value.length === 0) {
    throw new TypeError(`${name} must be a non-empty text, found ${show(value)}.`);
  }
  return value;
}

/** Returns a string, which may be empty, or throws a TypeError. */
export function checkString(name: string, value: unknown): string {
  if (typeof value !== "string") {
    throw new TypeError(`${name} must be a text, found ${show(value)}.`);
  }
  return value;
}
