import type { JsonObject } from "../core/json.ts";
import { axesOfStudy } from "./axis_roles.ts";
import { formatAxisValue } from "./format.ts";
import { type RangeRecord, shareOf } from "./share_of_range.ts";
import type { StudyRecords } from "./study_records.ts";

/** End of a range. */
export type End = "lower" | "upper";

/** The outer part of a range that counts as its end even where a value beyond was tried. */
export const outerShare = 0.05;

/**
 * Whether a value lies at the edge of what was tried, so that a better one may lie beyond.
 *
 * It does where no other value that was tried lies beyond it, or where it lies in the outer twentieth of
 * the range (of its logarithm on a logarithmic one). 0 is no edge: below nothing there is nothing. A single
 * value has no edge, because nothing was tried.
 *
 * @param chosen The value.
 * @param tried All values that were tried, the chosen one among them.
 * @param range What they were drawn from; left out for a list of values.
 *
 * @example
 * ```ts
 * import { edgeOf } from "./edges.ts";
 * import assert from "node:assert/strict";
 * assert.equal(edgeOf(3, [0.1, 0.3, 1, 3]), "upper");
 * assert.equal(edgeOf(1, [0.1, 0.3, 1, 3]), null);
 * assert.equal(edgeOf(0, [0, 0.1]), null);
 * ```
 */
export function edgeOf(
  chosen: number,
  tried: readonly number[],
  range?: RangeRecord,
): End | null {
  if (new Set(tried).size < 2) return null;
  const share = range === undefined ? undefined : shareOf(
    range.kind === "log" ? { ...range, zeroShare: 0 } : range,
    chosen,
  );
  const inRange = (from: number, to: number) => share !== undefined && share >= from && share <= to;
  if (chosen >= Math.max(...tried) || inRange(1 - outerShare, 1)) return "upper";
  if (chosen === 0 || (range?.from === 0 && !(chosen < 0))) return null;
  return chosen <= Math.min(...tried) || inRange(0, outerShare) ? "lower" : null;
}

/** An axis at whose end a point of a study lies. */
export interface PointEdge {
  /** The axis. */
  readonly axis: string;
  /** Which end. */
  readonly end: End;
  /** The point's value there. */
  readonly value: number;
}

/**
 * The axes at whose end a point lies, among those on which more could have been tried: strengths, settings of
 * training and sizes, and the user's own. The lower end of a strength at 0 is none.
 *
 * @param study The study's record.
 * @param point One of its points.
 *
 * @example
 * ```ts
 * import { pointEdges } from "./edges.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study } = syntheticStudy({ axes: { lambda: [0, 1e-5, 1e-4], alpha: [0, 0.1, 1] } });
 * assert.deepEqual(pointEdges({ record: study }, { lambda: 0, alpha: 1 }), [
 *   { axis: "alpha", end: "upper", value: 1 },
 * ]);
 * ```
 */
export function pointEdges(
  { record: study }: Pick<StudyRecords, "record">,
  point: JsonObject,
): PointEdge[] {
  const { points } = study.space;
  return axesOfStudy(study).flatMap(({ name, role, numeric }): PointEdge[] => {
    if (!numeric || role === "data" || role === "choice" || !(name in point)) return [];
    const tried = points.filter((each) => name in each).map((each) => each[name] as number);
    const value = point[name] as number;
    const end = edgeOf(value, tried);
    return end === null ? [] : [{ axis: name, end, value }];
  });
}

/**
 * That a point lies at the edge of what was tried, in a sentence; null where it does not.
 *
 * @param what The subject of the sentence, such as `The lowest mean`.
 *
 * @example
 * ```ts
 * import { describeEdges } from "./edges.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study: record } = syntheticStudy({ axes: { alpha: [0, 0.1, 1] } });
 * assert.equal(
 *   describeEdges({ record }, { alpha: 1 }, "The lowest mean"),
 *   "The lowest mean lies at the edge of what was tried (α = 1, the largest): a better value may lie " +
 *     "beyond, so it is not shown to be the best.",
 * );
 * assert.equal(describeEdges({ record }, { alpha: 0.1 }, "The lowest mean"), null);
 * ```
 */
export function describeEdges(
  study: Pick<StudyRecords, "record">,
  point: JsonObject,
  what: string,
): string | null {
  const edges = pointEdges(study, point);
  if (edges.length === 0) return null;
  const named = edges.map(({ axis, end, value }) =>
    `${formatAxisValue(axis, value)}, the ${end === "upper" ? "largest" : "smallest"}`
  );
  return `${what} lies at the edge of what was tried (${
    named.join("; ")
  }): a better value may lie ` +
    `beyond, so it is not shown to be the best.`;
}
