import { show, showLong } from "../../core/check.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { checkOptions, text } from "../../core/options.ts";
import type { WarmStartPathRecord } from "../../records/strategy_record.ts";
import type { SpaceRecord } from "../../records/study_record.ts";
import type { DefinedPoints, StrategyKind } from "./strategy.ts";

/**
 * A path of warm starts along a strength: for each fold and seed, and for each value of the other
 * axes, a point begins with the trained weights of the next weaker one; the weakest with the
 * initializer's. A run's id includes the run whose weights it began with.
 *
 * **It changes what is estimated**: a point is then not "trained for these steps" but "trained along
 * the path up to here", and its number depends on which weaker points there are. Off by default, and
 * stated in tables and reports. From weak to strong, because a recurrent model that begins with all
 * weights at zero never leaves. A point whose weaker neighbour did not complete is not trained. For
 * linear models see `linearRegressionPath`, from strong to weak.
 *
 * @param options `axis`: a number in every point of the space.
 *
 * @example
 * ```ts
 * import { warmStartPath } from "./warm_start_path.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(warmStartPath({ axis: "lambda" }), { kind: "warmStartPath", axis: "lambda" });
 * ```
 */
export function warmStartPath(options: { readonly axis: string }): WarmStartPathRecord {
  return { kind: "warmStartPath", ...checkOptions("warmStartPath", options, { axis: text() }) };
}

/** What `kinds.ts` lists. */
export const warmStartPathKind: StrategyKind<WarmStartPathRecord> = {
  make: warmStartPath,
  does: ({ axis }) => ({
    checkFits: (study) => checkWeights(axis, study),
    beginsWith: (space) => weakerPoints(space, axis),
    notes: () => [
      `Each point begins with the weights of the next weaker point along ${axis}: this ` +
      `changes what is estimated, since a point was trained for the steps of all weaker ones too.`,
    ],
  }),
};

function checkWeights(
  axis: string,
  { space, specifications, checkWarmStart }: DefinedPoints,
): void {
  for (const [index, weaker] of weakerPoints(space, axis).entries()) {
    if (weaker === null) continue;
    try {
      checkWarmStart(specifications[weaker], specifications[index]);
    } catch (error) {
      throw new RangeError(
        `warmStartPath: the model of ${showLong(space.points[index])} cannot begin with ` +
          `the weights of ${showLong(space.points[weaker])}: ${(error as Error).message}`,
      );
    }
  }
}

/**
 * For each point the next weaker one on an axis that agrees on all others; the weakest has none.
 *
 * @returns Index of that point in the space, or null, by index.
 * @throws {RangeError} If the axis is not a number in every point.
 *
 * @example
 * ```ts
 * import { grid } from "./space.ts";
 * import { weakerPoints } from "./warm_start_path.ts";
 * import assert from "node:assert/strict";
 * const space = grid({ lambda: [1e-4, 0], alpha: [0, 1] });
 * assert.deepEqual(weakerPoints(space, "lambda"), [2, 3, null, null]);
 * ```
 */
export function weakerPoints({ points }: SpaceRecord, axis: string): (number | null)[] {
  const paths = new Map<string, number[]>();
  for (const [index, point] of points.entries()) {
    if (typeof point[axis] !== "number") {
      throw new RangeError(
        `warmStartPath: axis ${show(axis)} must be a number in every point, found ` +
          `${show(point[axis])} in ${showLong(point)}.`,
      );
    }
    const key = canonicalJson(without(point, axis));
    paths.set(key, [...paths.get(key) ?? [], index]);
  }
  const weaker: (number | null)[] = points.map(() => null);
  for (const path of paths.values()) {
    path.sort((a, b) => Number(points[a][axis]) - Number(points[b][axis]));
    path.forEach((index, place) => weaker[index] = place === 0 ? null : path[place - 1]);
  }
  return weaker;
}

function without(point: JsonObject, axis: string): JsonObject {
  return Object.fromEntries(Object.entries(point).filter(([name]) => name !== axis));
}
