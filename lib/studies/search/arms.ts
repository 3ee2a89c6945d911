import { checkKeys, checkText, show, showLong } from "../../core/check.ts";
import { mostPoints } from "../../core/limits.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { checkOptions, integer, oneOf } from "../../core/options.ts";
import { randomStream } from "../../core/random.ts";
import type { ArmRecord, SpaceRecord } from "../../records/study_record.ts";
import { armAxis } from "../../statistics/arms_study.ts";
import type { Dimension } from "./dimensions.ts";
import { checkDimensions, pointOf } from "./random_search.ts";
import { sobolCoordinate, sobolDimensions } from "./sobol.ts";

/** An arm: a way of training with ranges of its own. */
export interface ArmOptions {
  /** Name of the arm that it is judged against; left out of the one that has none. */
  readonly parent?: string;
  /** What its axes draw from; none for an arm that is a single point, not tuned. */
  readonly dimensions?: { readonly [axis: string]: Dimension };
}

/** How the points of arms are drawn. */
export interface ArmsOptions {
  /** Points of every arm that has dimensions, from 2. */
  readonly count: number;
  /** Whole number from which all draws derive. */
  readonly seed: number;
  /**
   * `sobol`: a scrambled Sobol sequence; `random`: independent points.
   *
   * @default {"sobol"}
   */
  readonly draw?: "sobol" | "random";
}

/** Draws in a row that may give a point which is there already, before an arm gives up. */
const allowedRepeats = 1000;

/**
 * A search space of arms: ways of training that are each tuned with the same number of points, so that
 * what is compared is tuned against tuned.
 *
 * A point is `{ arm: "decay", learningRate: …, alpha: … }`, and `specify` receives it. One arm is the
 * root; every other names the arm that it is judged against. An axis that several arms have draws from
 * the same dimension and has the same values in all of them, as far as conditions allow: a verdict owes
 * a rival the same tuning. Two rates that cannot be compared, as of two optimizers, are two axes with
 * names of their own.
 *
 * Points are drawn by a scrambled {@link sobolCoordinate | Sobol sequence}, an axis by its place among
 * the axes of all arms, or independently of each other (`draw: "random"`, which `expectedBest` wants). A
 * larger `count` begins with the same points, so that a study may grow by it, as it may by arms that come
 * after the others; a point that comes again is left out. Other ranges give other points, and are another
 * study. An arm without dimensions is one point, which is said to be untuned.
 *
 * @param arms Arms by name.
 * @param options See {@link ArmsOptions}.
 * @returns The space as plain JSON.
 * @throws {TypeError | RangeError} If an option is refused, there is not exactly one root, parents go in
 * a circle, arms differ in the range of an axis that they share, or an arm has not so many points.
 *
 * @example
 * ```ts
 * import { arms } from "./arms.ts";
 * import { logRange } from "./dimensions.ts";
 * import assert from "node:assert/strict";
 * const learningRate = logRange(1e-3, 3e-2);
 * const space = arms({
 *   none: { dimensions: { learningRate } },
 *   decay: { parent: "none", dimensions: { learningRate, alpha: logRange(0.03, 3) } },
 * }, { count: 8, seed: 1 });
 * assert.equal(space.points.length, 16);
 * assert.deepEqual(Object.keys(space.points[8]), ["arm", "learningRate", "alpha"]);
 * assert.equal(space.points[8].learningRate, space.points[0].learningRate);
 * ```
 */
export function arms(
  arms: { readonly [name: string]: ArmOptions },
  options: ArmsOptions,
): SpaceRecord {
  const { count, seed, draw } = checkOptions("arms", options, {
    count: integer({ from: 2, to: mostPoints }),
    seed: integer(),
    draw: oneOf(["sobol", "random"], "sobol"),
  });
  checkArms(arms);
  const axes = [
    ...new Set(Object.values(arms).flatMap(({ dimensions = {} }) => Object.keys(dimensions))),
  ];
  if (draw === "sobol" && axes.length > sobolDimensions) {
    throw new RangeError(
      `arms: there must be at most ${sobolDimensions} axes for draw "sobol", found ${axes.length}.`,
    );
  }
  const coordinates = new Map(axes.map((axis, place) => [
    axis,
    draw === "sobol"
      ? sobolCoordinate(place, randomStream(seed, "arms", axis))
      : (index: number) => randomStream(seed, "arms", index, axis).uniform(),
  ]));
  const records = Object.entries(arms).map(([name, arm]): ArmRecord => {
    const dimensions = arm.dimensions ?? {};
    const tuned = Object.keys(dimensions).length > 0;
    return { name, parent: arm.parent ?? null, dimensions, count: tuned ? count : 1, draw, seed };
  });
  const points = records.flatMap((arm) =>
    drawArm(arm, (axis, index) => coordinates.get(axis)!(index))
  );
  return JSON.parse(JSON.stringify({ kind: "arms", points, arms: records }));
}

function drawArm(
  arm: ArmRecord,
  shareOf: (axis: string, index: number) => number,
): JsonObject[] {
  const points = new Map<string, JsonObject>();
  for (let index = 0, repeats = 0; points.size < arm.count; index++) {
    const point = pointOf(arm.dimensions, (axis) => shareOf(axis, index));
    const key = canonicalJson(point);
    repeats = points.has(key) ? repeats + 1 : 0;
    if (repeats > allowedRepeats) {
      throw new RangeError(
        `arms: count must be at most what the dimensions of each arm offer, found ${arm.count} and, ` +
          `after ${index} draws, ${points.size} different points of arm ${show(arm.name)}.`,
      );
    }
    if (!points.has(key)) points.set(key, { [armAxis]: arm.name, ...point });
  }
  return [...points.values()];
}

function checkArms(arms: { readonly [name: string]: ArmOptions }): void {
  if (arms === null || typeof arms !== "object" || Array.isArray(arms)) {
    throw new TypeError(`arms: arms must be an object of arms by name, found ${show(arms)}.`);
  }
  const names = Object.keys(arms);
  if (names.length < 2) {
    throw new RangeError(`arms: there must be at least two arms, found ${names.length}.`);
  }
  const shared = new Map<string, { readonly arm: string; readonly dimension: string }>();
  for (const [name, arm] of Object.entries(arms)) {
    checkText("arms: the name of an arm", name);
    checkKeys(`arms: ${name}`, arm, ["parent", "dimensions"]);
    const { dimensions = {} } = arm;
    if (Object.keys(dimensions).length > 0) checkDimensions(`arms: ${name}`, dimensions);
    for (const [axis, { condition: _, ...dimension }] of Object.entries(dimensions)) {
      if (axis === armAxis) {
        throw new RangeError(`arms: ${name}: an axis must not be called "${armAxis}".`);
      }
      const other = shared.get(axis);
      if (other === undefined) shared.set(axis, { arm: name, dimension: canonicalJson(dimension) });
      else if (other.dimension !== canonicalJson(dimension)) {
        throw new RangeError(
          `arms: an axis must draw from the same range in every arm that has it, because a verdict ` +
            `owes a rival the same tuning; found ${show(axis)} as ${other.dimension} in ` +
            `${show(other.arm)} and ${showLong(dimension)} in ${show(name)}. Where the ranges ` +
            `cannot be the same, as for rates of two optimizers, give the axes names of their own.`,
        );
      }
    }
  }
  checkParents(arms);
}

function checkParents(arms: { readonly [name: string]: ArmOptions }): void {
  const names = Object.keys(arms);
  const roots = names.filter((name) => arms[name].parent === undefined);
  for (const name of names) {
    const way = [name];
    for (let at = arms[name].parent; at !== undefined; at = arms[at].parent) {
      if (!names.includes(at)) {
        throw new RangeError(
          `arms: ${way.at(-1)}: parent must be one of the arms ${
            names.map(show).join(", ")
          }, found ` +
            `${show(at)}.`,
        );
      }
      if (way.includes(at)) {
        throw new RangeError(
          `arms: parents must end at a root, found ${[...way, at].join(" → ")}.`,
        );
      }
      way.push(at);
    }
  }
  if (roots.length !== 1) {
    throw new RangeError(
      `arms: exactly one arm must have no parent, found ${
        roots.map(show).join(", ")
      }: give all but ` +
        `one the arm that they are judged against.`,
    );
  }
}
