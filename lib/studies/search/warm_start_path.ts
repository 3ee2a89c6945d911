import { show, showLong } from "../../core/check.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import type { SpaceRecord } from "../../records/study_record.ts";

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
