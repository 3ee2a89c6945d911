import { show } from "../../core/check.ts";
import { mostPoints } from "../../core/limits.ts";
import { canonicalJson, type Json, type JsonObject } from "../../core/json.ts";
import { checkOptions, integer, option } from "../../core/options.ts";
import { randomStream } from "../../core/random.ts";
import type { SpaceRecord } from "../../records/study_record.ts";
import { canGive, checkDimension, type Dimension, valueAt, whatItGives } from "./dimensions.ts";
import { checkSpace } from "./space.ts";

/** What {@link randomSearch} and {@link latinHypercube} take. */
export interface SearchOptions {
  /** What each axis draws from; an axis with a condition stands after those that it names. */
  readonly dimensions: { readonly [axis: string]: Dimension };
  /** How many points, from 1. */
  readonly count: number;
  /** Whole number from which all draws derive. */
  readonly seed: number;
}

/** Draws in a row that may give a point which is there already, before a search gives up. */
const allowedRepeats = 1000;

/**
 * Points drawn independently (Bergstra and Bengio 2012), none twice.
 *
 * Each axis of each point has a random stream of its own: a search of more points begins with the
 * same ones, so that a study may grow by it, and an axis that is added leaves the others' values as
 * they are.
 *
 * @param options See {@link SearchOptions}.
 * @returns The space as plain JSON: a list of points.
 * @throws {TypeError | RangeError} If an option is refused, or there are not so many points.
 *
 * @example
 * ```ts
 * import { logRange } from "./dimensions.ts";
 * import { randomSearch } from "./random_search.ts";
 * import assert from "node:assert/strict";
 * const dimensions = { lambda: logRange(1e-6, 1e-3, { zeroShare: 0.2 }) };
 * const few = randomSearch({ dimensions, count: 5, seed: 1 });
 * const more = randomSearch({ dimensions, count: 8, seed: 1 });
 * assert.deepEqual(more.points.slice(0, 5), few.points);
 * ```
 */
export function randomSearch(options: SearchOptions): SpaceRecord {
  const { dimensions, count, seed } = checkSearch("randomSearch", options);
  const points = new Map<string, JsonObject>();
  for (let draw = 0, repeats = 0; points.size < count; draw++) {
    const point = pointOf(
      dimensions,
      (axis) => randomStream(seed, "randomSearch", draw, axis).uniform(),
    );
    const key = canonicalJson(point);
    repeats = points.has(key) ? repeats + 1 : 0;
    if (repeats > allowedRepeats) {
      throw new RangeError(
        `randomSearch: count must be at most what the dimensions offer, found ${count} and, after ` +
          `${draw} draws, ${points.size} different points. Take a smaller count, or a grid.`,
      );
    }
    points.set(key, point);
  }
  return { kind: "randomSearch", points: [...points.values()] };
}

/**
 * Points of a Latin hypercube (McKay, Beckman and Conover 1979): each axis is cut into `count` parts
 * of equal probability, and each part of each axis holds one point, at a random place in it.
 *
 * A point that comes twice, which choices and zeros allow, is kept once. A larger Latin hypercube
 * does not contain a smaller one: to let a study grow, take {@link randomSearch}.
 *
 * @param options See {@link SearchOptions}.
 * @returns The space as plain JSON: a list of points.
 * @throws {TypeError | RangeError} If an option is refused.
 *
 * @example
 * ```ts
 * import { linearRange } from "./dimensions.ts";
 * import { latinHypercube } from "./random_search.ts";
 * import assert from "node:assert/strict";
 * const dimensions = { dropout: linearRange(0, 1), alpha: linearRange(0, 1) };
 * const { points } = latinHypercube({ dimensions, count: 10, seed: 1 });
 * const tenths = points.map(({ alpha }) => Math.floor(10 * Number(alpha)));
 * assert.deepEqual(tenths.sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
 * ```
 */
export function latinHypercube(options: SearchOptions): SpaceRecord {
  const { dimensions, count, seed } = checkSearch("latinHypercube", options);
  const shares = new Map(
    Object.keys(dimensions).map((axis) => {
      const stream = randomStream(seed, "latinHypercube", count, axis);
      const parts = stream.permutation(count);
      return [axis, Array.from(parts, (part) => (part + stream.uniform()) / count)];
    }),
  );
  const points = new Map<string, JsonObject>();
  for (let index = 0; index < count; index++) {
    const point = pointOf(dimensions, (axis) => shares.get(axis)![index]);
    points.set(canonicalJson(point), point);
  }
  return { kind: "latinHypercube", points: [...points.values()] };
}

/**
 * The points of several spaces, in their order, a point that comes again left out: a grid with the
 * points of a rule of thumb beside it, or a search around a grid.
 *
 * @param spaces As `grid`, `points`, `randomSearch` or `latinHypercube` give them, at least one.
 * @returns The space as plain JSON: a list of points.
 * @throws {TypeError} If there is none, or one is no space.
 *
 * @example
 * ```ts
 * import { grid, points } from "./space.ts";
 * import { joinSpaces } from "./random_search.ts";
 * import assert from "node:assert/strict";
 * const joined = joinSpaces(grid({ lambda: [0, 1e-4] }), points([{ lambda: 3e-5 }, { lambda: 0 }]));
 * assert.deepEqual(joined.points, [{ lambda: 0 }, { lambda: 1e-4 }, { lambda: 3e-5 }]);
 * ```
 */
export function joinSpaces(...spaces: readonly SpaceRecord[]): SpaceRecord {
  if (spaces.length === 0) throw new TypeError("joinSpaces: there must be a space, found none.");
  const points = new Map<string, JsonObject>();
  for (const space of spaces) {
    const { points: own, arms } = checkSpace("joinSpaces: a space", space);
    if (arms !== undefined) {
      throw new TypeError(
        "joinSpaces: a space must not be one of arms, which would no longer have the same number of " +
          "points. Give arms() another arm instead.",
      );
    }
    for (const point of own) {
      const key = canonicalJson(point);
      if (!points.has(key)) points.set(key, point);
    }
  }
  return { kind: "points", points: [...points.values()] };
}

/** A point of a search: of each axis that exists in it the value at a share of its probability. */
export function pointOf(
  dimensions: SearchOptions["dimensions"],
  shareOf: (axis: string) => number,
): JsonObject {
  const point: { [axis: string]: Json } = {};
  for (const [axis, dimension] of Object.entries(dimensions)) {
    if (existsIn(point, dimension)) point[axis] = valueAt(dimension, shareOf(axis));
  }
  return point;
}

/** Whether a dimension exists in a point: its condition holds. */
export function existsIn(point: JsonObject, dimension: Dimension): boolean {
  return Object.entries(dimension.condition ?? {}).every(([other, values]) =>
    other in point && values.some((value) => canonicalJson(value) === canonicalJson(point[other]))
  );
}

const kinds = ["linear", "log", "integer", "choice"];

function checkSearch(subject: string, options: SearchOptions): SearchOptions {
  return checkOptions(subject, options, {
    dimensions: option((_, value) => checkDimensions(subject, value)),
    count: integer({ from: 1, to: mostPoints }),
    seed: integer(),
  });
}

/**
 * Checks that a value holds a dimension for each axis, conditions only on axes before.
 *
 * @throws {TypeError | RangeError} With the axis and what was found.
 */
export function checkDimensions(subject: string, value: unknown): SearchOptions["dimensions"] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new TypeError(
      `${subject}: dimensions must be an object of dimensions, found ${show(value)}.`,
    );
  }
  const dimensions = value as SearchOptions["dimensions"];
  const seen: string[] = [];
  const needed = new Map<string, Needed>();
  for (const [axis, dimension] of Object.entries(dimensions)) {
    if (!kinds.includes(dimension?.kind)) {
      throw new TypeError(
        `${subject}: axis ${show(axis)} must be a dimension such as logRange(1e-6, 1e-3) or ` +
          `choice([ … ]), found ${show(dimension)}.`,
      );
    }
    checkDimension(`${subject}: axis ${show(axis)}`, dimension);
    const unknown = Object.keys(dimension.condition ?? {}).find((other) => !seen.includes(other));
    if (unknown !== undefined) {
      throw new RangeError(
        `${subject}: the condition of axis ${show(axis)} must name axes that stand before it ` +
          `(${seen.join(", ") || "none"}), found ${show(unknown)}.`,
      );
    }
    needed.set(axis, conditionsOf(subject, axis, dimensions, needed));
    seen.push(axis);
  }
  if (seen.length === 0) throw new TypeError(`${subject}: there must be a dimension, found none.`);
  return dimensions;
}

/** For other axes the values that one of them must have where an axis exists. */
type Needed = ReadonlyMap<string, readonly Json[]>;

/**
 * All conditions under which an axis exists: its own, and those of the axes that they name.
 *
 * @throws {RangeError} If they never hold.
 */
function conditionsOf(
  subject: string,
  axis: string,
  dimensions: SearchOptions["dimensions"],
  known: ReadonlyMap<string, Needed>,
): Needed {
  const needed = new Map<string, readonly Json[]>();
  const own = Object.entries(dimensions[axis].condition ?? {});
  for (const [other, values] of [...own, ...own.flatMap(([other]) => [...known.get(other)!])]) {
    const before = needed.get(other)?.map(canonicalJson);
    const left = values.filter((value) =>
      canGive(dimensions[other], value) && (before?.includes(canonicalJson(value)) ?? true)
    );
    if (left.length > 0) {
      needed.set(other, left);
      continue;
    }
    throw new RangeError(
      `${subject}: the condition of axis ${show(axis)} must be able to hold: ${
        show(other)
      } gives ` +
        `${whatItGives(dimensions[other])}, found ` +
        (before === undefined
          ? `${values.map(show).join(", ") || "no value"}.`
          : `${needed.get(other)!.map(show).join(", ")} for it and, for an axis that it names, ` +
            `${values.map(show).join(", ")}.`),
    );
  }
  return needed;
}
