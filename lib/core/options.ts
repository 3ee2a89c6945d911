/**
 * Options described once: the keys that are allowed, the check of each, and its default.
 *
 * @module
 */

import {
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkObject,
  checkOneOf,
  checkText,
} from "./check.ts";

/** What one option must be, and what it is if not given. */
export interface Option<T> {
  /** Returns the value that is meant, or throws with the name, the value found and those allowed. */
  readonly check: (name: string, value: unknown) => T;
  /** What stands for the option where it is not given; without it `check` sees `undefined`. */
  readonly byDefault?: () => unknown;
  /** What stands between subject and option in messages, where it is not what the others have. */
  readonly join?: ": " | ".";
}

/** Options of a function, in the order in which they are checked and stand in the result. */
export type Options = { readonly [name: string]: Option<unknown> };

/** What {@link checkOptions} returns. */
export type Checked<Described extends Options> = {
  readonly [Name in keyof Described]: Described[Name] extends Option<infer T> ? T : never;
};

/**
 * What a function takes whose result is `Specification`: the options of the second parameter may be
 * left out, since they have a default.
 */
export type Given<Specification, Optional extends keyof Specification = never> =
  & Omit<Specification, "kind" | Optional>
  & Partial<Pick<Specification, Optional>>;

/**
 * Checks options against their descriptions and fills their defaults.
 *
 * Refuses what is no object and every key without a description, then checks each option in the order of
 * the descriptions. An option whose check returns `undefined` is left out of the result.
 *
 * @param subject Function or record that takes the options, for messages: `adam`.
 * @param given What the caller gave.
 * @param described Each option.
 * @param join What stands between subject and option in messages: `adam: beta1`, `training.steps`.
 * @returns Every option, with its default where it was not given.
 * @throws {TypeError | RangeError} As {@link checkKeys} and the checks of the options.
 *
 * @example
 * ```ts
 * import { checkOptions, integer, number } from "./options.ts";
 * import assert from "node:assert/strict";
 * const described = { rate: number({ from: 0, below: 1 }, 0.1), layers: integer({ from: 1 }) };
 * assert.deepEqual(checkOptions("model", { layers: 2 }, described), { rate: 0.1, layers: 2 });
 * assert.throws(() => checkOptions("model", { layers: 0 }, described), /model: layers must be/);
 * assert.throws(() => checkOptions("model", { size: 1 }, described), /allowed are rate, layers/);
 * ```
 */
export function checkOptions<Described extends Options>(
  subject: string,
  given: unknown,
  described: Described,
  join: ": " | "." = ": ",
): Checked<Described> {
  checkKeys(subject, given, Object.keys(described));
  const values = given as { readonly [name: string]: unknown };
  return Object.fromEntries(
    Object.entries(described).map(([name, { check, byDefault, join: own = join }]) => {
      const value = values[name] === undefined ? byDefault?.() : values[name];
      return [name, check(`${subject}${own}${name}`, value)];
    }).filter(([, value]) => value !== undefined),
  ) as Checked<Described>;
}

/** Defaults of options, by name; without those that must be given. */
export function defaultsOf(described: Options): { readonly [name: string]: unknown } {
  return Object.fromEntries(
    Object.entries(described).flatMap(([name, { byDefault }]) =>
      byDefault === undefined ? [] : [[name, byDefault()]]
    ),
  );
}

/** The same options, all of which must be given, as stored JSON gives them. */
export function stated<Described extends Options>(described: Described): Described {
  return Object.fromEntries(
    Object.entries(described).map(([name, { byDefault: _, ...rest }]) => [name, rest]),
  ) as Described;
}

/** An option with a check of its own; it must be given where there is no default. */
export function option<T>(
  check: (name: string, value: unknown) => T,
  ...byDefault: readonly unknown[]
): Option<T> {
  return byDefault.length === 0 ? { check } : { check, byDefault: () => byDefault[0] };
}

/** An option that is checked where it goes. */
export function passed<T>(...byDefault: readonly NoInfer<T>[]): Option<T> {
  return option((_, value) => value as T, ...byDefault);
}

/** A finite number inside a range; see {@link checkNumber}. */
export function number(
  range: { from?: number; above?: number; to?: number; below?: number } = {},
  ...byDefault: readonly number[]
): Option<number> {
  return option((name, value) => checkNumber(name, value, range), ...byDefault);
}

/** A whole number inside a range; see {@link checkInteger}. */
export function integer(
  range: { from?: number; to?: number } = {},
  ...byDefault: readonly number[]
): Option<number> {
  return option((name, value) => checkInteger(name, value, range), ...byDefault);
}

/** True or false. */
export function boolean(...byDefault: readonly boolean[]): Option<boolean> {
  return option(checkBoolean, ...byDefault);
}

/** A text that is not empty. */
export function text(...byDefault: readonly string[]): Option<string> {
  return option(checkText, ...byDefault);
}

/** One of a list. */
export function oneOf<const T extends string | number | boolean>(
  allowed: readonly T[],
  ...byDefault: readonly NoInfer<T>[]
): Option<T> {
  return option((name, value) => checkOneOf(name, value, allowed), ...byDefault);
}

/** The same, or null; null by default. */
export function orNull<T>({ check }: Option<T>): Option<T | null> {
  return option((name, value) => value === null ? null : check(name, value), null);
}

/** The same, or nothing, and then it is left out of the result. */
export function orAbsent<T>({ check }: Option<T>): Option<T | undefined> {
  return { check: (name, value) => value === undefined ? undefined : check(name, value) };
}

/** The same, with null for what is not given. */
export function orNotGiven<T>({ check, byDefault, ...rest }: Option<T>): Option<T> {
  return { ...rest, check: (name, value) => check(name, value ?? byDefault?.()), byDefault };
}

/** Options of an option, such as `training.samples`. */
export function nested<Described extends Options>(
  described: Described,
  ...byDefault: readonly object[]
): Option<Checked<Described>> {
  return option(
    (name, value) => checkOptions(name, value, described, "."),
    ...byDefault,
  );
}

/** Options by any names, each with the same description. */
export function mapped<T>({ check }: Option<T>): Option<{ readonly [name: string]: T }> {
  return option((name, value) => {
    checkObject(name, value);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, check(`${name}.${key}`, each)]),
    );
  });
}
