import { choiceOf, show } from "../core/check.ts";

/** Where a value read from JSON is not what it must be. */
interface Problem {
  /** From the value that was checked, as in `.curve[0].step`. */
  readonly path: string;
  readonly must: string;
  readonly found: unknown;
}

/** Looks at a value; null when it is what it must be. */
export type Check = (value: unknown) => Problem | null;

/** A check by a property, with its words behind "must be". */
export function value(must: string, holds: (value: unknown) => boolean): Check {
  return (found) => holds(found) ? null : { path: "", must, found };
}

/** A list whose every element passes a check. */
export function listOf(element: Check): Check {
  return (found) => {
    if (!Array.isArray(found)) return { path: "", must: "a list", found };
    for (let index = 0; index < found.length; index++) {
      const problem = element(found[index]);
      if (problem !== null) return { ...problem, path: `[${index}]${problem.path}` };
    }
    return null;
  };
}

/** An object whose every value passes a check, whatever its keys. */
export function mapOf(element: Check): Check {
  return (found) => {
    if (!isObject(found)) return { path: "", must: "an object", found };
    return firstOf(Object.keys(found), found, () => element);
  };
}

/** An object with fields; optional ones are checked where they are there, others are not looked at. */
export function fields(
  needed: { readonly [name: string]: Check },
  optional: { readonly [name: string]: Check } = {},
): Check {
  const [names, others] = [Object.keys(needed), Object.keys(optional)];
  return (found) => {
    if (!isObject(found)) return { path: "", must: "an object", found };
    return firstOf(names, found, (name) => needed[name]) ??
      firstOf(others.filter((name) => found[name] !== undefined), found, (name) => optional[name]);
  };
}

/** Null, or what passes a check. */
export function orNull(check: Check): Check {
  return (found) => {
    if (found === null) return null;
    const problem = check(found);
    return problem === null || problem.path !== ""
      ? problem
      : { ...problem, must: `${problem.must} or null` };
  };
}

function firstOf(
  names: readonly string[],
  found: { readonly [name: string]: unknown },
  checkOf: (name: string) => Check,
): Problem | null {
  for (const name of names) {
    const problem = checkOf(name)(found[name]);
    if (problem !== null) return { ...problem, path: `${pathOf(name)}${problem.path}` };
  }
  return null;
}

function pathOf(name: string): string {
  return /^\w+$/.test(name) ? `.${name}` : `[${show(name)}]`;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Throws where a value does not pass a check: with its path, what it must be, and what it is. */
export function requireFields(subject: string, found: unknown, check: Check): void {
  const problem = check(found);
  if (problem === null) return;
  const { path, must } = problem;
  throw new TypeError(`${subject}${path} must be ${must}, found ${show(problem.found)}.`);
}

/** A text that is not empty. */
export const text = value("a non-empty text", (found) => typeof found === "string" && found !== "");
/** Any text. */
export const anyText = value("a text", (found) => typeof found === "string");
/** A finite number. */
export const number = value("a finite number", Number.isFinite);
/** A whole number from 0. */
export const count = value(
  "a whole number from 0",
  (found) => Number.isSafeInteger(found) && (found as number) >= 0,
);
/** A share of 1. */
export const share = value(
  "a number from 0 to 1",
  (found) => typeof found === "number" && found >= 0 && found <= 1,
);
/** Any whole number. */
export const integer = value("a whole number", Number.isSafeInteger);
/** True or false. */
export const truth = value("true or false", (found) => typeof found === "boolean");
/** Any object. */
export const object = fields({});
/** 64 hexadecimal digits. */
export const hash = value(
  "64 hexadecimal digits",
  (found) => typeof found === "string" && /^[0-9a-f]{64}$/.test(found),
);

/** One of some values. */
export function oneOf(allowed: readonly (string | number)[]): Check {
  return value(
    choiceOf(allowed),
    (found) => allowed.includes(found as string),
  );
}
