import { checkInteger, checkNumber, show } from "../../core/check.ts";
import { mostPoints } from "../../core/limits.ts";
import { canonicalJson, type Json, type JsonObject } from "../../core/json.ts";
import type { SpaceRecord } from "../../records/study_record.ts";

/**
 * Every combination of the values of some axes; the first axis varies slowest.
 *
 * @param axes For each axis its values: numbers, texts, booleans or null, none twice. Zero is a
 * value like any other, also on an axis whose other values come from {@link logSpace}.
 * @returns The space as plain JSON.
 * @throws {TypeError} If there is no axis, or an axis is no list or holds what JSON cannot hold.
 * @throws {RangeError} If an axis is empty or has a value twice.
 *
 * @example
 * ```ts
 * import { grid, logSpace } from "./space.ts";
 * import assert from "node:assert/strict";
 * const space = grid({ lambda: [0, ...logSpace(1e-5, 1e-4, 2)], alpha: [0, 1] });
 * assert.equal(space.points.length, 6);
 * assert.deepEqual(space.points[1], { lambda: 0, alpha: 1 });
 * ```
 */
export function grid(axes: { readonly [axis: string]: readonly Json[] }): SpaceRecord {
  const names = axesOf(axes);
  for (const name of names) checkAxis(name, axes[name]);
  const lengths = names.map((name) => axes[name].length);
  const count = lengths.reduce((product, length) => product * length, 1);
  if (count > mostPoints) {
    throw new RangeError(
      `grid: there must be at most ${mostPoints} points, found ${
        lengths.join(" × ")
      } = ${count}. Use fewer values, or draw points with randomSearch.`,
    );
  }
  let points: JsonObject[] = [{}];
  for (const name of names) {
    const values = axes[name];
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  }
  return plain({ kind: "grid", axes, points });
}

function axesOf(axes: unknown): string[] {
  if (axes === null || typeof axes !== "object" || Array.isArray(axes)) {
    throw new TypeError(`grid: axes must be an object of lists, found ${show(axes)}.`);
  }
  const names = Object.keys(axes);
  if (names.length === 0) throw new TypeError("grid: there must be at least one axis, found none.");
  return names;
}

function checkAxis(name: string, values: unknown): void {
  if (!Array.isArray(values)) {
    throw new TypeError(
      `grid: axis ${show(name)} must be a list of values, found ${show(values)}.`,
    );
  }
  if (values.length === 0) {
    throw new RangeError(`grid: axis ${show(name)} must have at least one value, found none.`);
  }
  refuseRepeats(`grid: axis ${show(name)}`, values);
}

/**
 * The points as listed.
 *
 * @param list Points: objects of plain JSON values, none twice; a point may lack an axis that
 * another one has.
 * @returns The space as plain JSON.
 * @throws {TypeError} If a point is no object or holds what JSON cannot hold.
 * @throws {RangeError} If the list is empty or has a point twice.
 *
 * @example
 * ```ts
 * import { points } from "./space.ts";
 * import assert from "node:assert/strict";
 * assert.throws(() => points([{ lambda: 0 }, { lambda: -0 }]), /twice/);
 * ```
 */
export function points(list: readonly JsonObject[]): SpaceRecord {
  if (!Array.isArray(list)) {
    throw new TypeError(`points: the points must be a list, found ${show(list)}.`);
  }
  if (list.length === 0) throw new RangeError("points: there must be at least one, found none.");
  for (const point of list) {
    if (point === null || typeof point !== "object" || Array.isArray(point)) {
      throw new TypeError(`points: a point must be an object of values, found ${show(point)}.`);
    }
  }
  refuseRepeats("points", list);
  return plain({ kind: "points", points: list });
}

/**
 * Values at equal ratios, v_i = from · (to / from)^(i / (count − 1)), to 12 significant digits so
 * that powers of ten come out as such.
 *
 * @param from First value, above 0.
 * @param to Last value, above 0.
 * @param count How many, from 2.
 * @returns `count` numbers.
 * @throws {TypeError | RangeError} If a bound is not above 0, both are equal, or count is below 2.
 *
 * @example
 * ```ts
 * import { logSpace } from "./space.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(logSpace(1e-6, 1e-3, 4), [1e-6, 1e-5, 1e-4, 1e-3]);
 * ```
 */
export function logSpace(from: number, to: number, count: number): number[] {
  if (from === 0 || to === 0) {
    throw new RangeError(
      `logSpace: from and to must be finite numbers above 0, found 0: a logarithm has no 0. Put it ` +
        `beside them: [0, ...logSpace(…)].`,
    );
  }
  checkNumber("logSpace: from", from, { above: 0 });
  checkNumber("logSpace: to", to, { above: 0 });
  checkInteger("logSpace: count", count, { from: 2, to: mostPoints });
  if (from === to) {
    throw new RangeError(`logSpace: from and to must differ, found ${from} for both.`);
  }
  return Array.from({ length: count }, (_, index) => {
    if (index === 0) return from;
    if (index === count - 1) return to;
    return Number((from * (to / from) ** (index / (count - 1))).toPrecision(12));
  });
}

function refuseRepeats(subject: string, values: readonly unknown[]): void {
  const seen = new Set<string>();
  for (const value of values) {
    let key: string;
    try {
      key = canonicalJson(value);
    } catch (error) {
      throw new TypeError(`${subject}: ${(error as Error).message}`);
    }
    if (seen.has(key)) {
      throw new RangeError(`${subject} must not hold a value twice, found ${key}.`);
    }
    seen.add(key);
  }
}

/** What reading the JSON back gives: a caller's later change does not reach it, and -0 is 0. */
function plain(space: SpaceRecord): SpaceRecord {
  return JSON.parse(JSON.stringify(space));
}

/**
 * Checks that a value is a search space, as {@link grid} and {@link points} give it.
 *
 * @throws {TypeError | RangeError} If it has no points or holds a point twice.
 */
export function checkSpace(subject: string, value: unknown): SpaceRecord {
  const space = value as SpaceRecord | null;
  if (space === null || typeof space !== "object" || typeof space.kind !== "string") {
    throw new TypeError(
      `${subject} must be a search space such as grid({ … }) or points([ … ]), found ${
        show(value)
      }.`,
    );
  }
  return { ...space, points: points(space.points).points };
}
