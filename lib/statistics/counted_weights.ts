import type { Json, JsonObject } from "../core/json.ts";
import { strengthsByName } from "./axis_roles.ts";

/** What the weights are among which zeros are counted. */
export type CountedWeights =
  | "penalized weights"
  | "weights that its penalties target"
  | "weights of kernels";

/**
 * Among which weights the zeros of a point are counted, in words: those that a penalty targets, which are
 * penalized only where its strength is above 0, or, where no penalty is on weights, those of kernels.
 *
 * @param specification The point's specification.
 *
 * @example
 * ```ts
 * import { countedWeights } from "./counted_weights.ts";
 * import assert from "node:assert/strict";
 * const penalty = (strength: number) => ({ kind: "proximalL1", strength, targets: ["kernel"] });
 * assert.equal(countedWeights({ penalties: [penalty(1e-4)] }), "penalized weights");
 * assert.equal(countedWeights({ penalties: [penalty(0)] }), "weights that its penalties target");
 * assert.equal(countedWeights({ penalties: [] }), "weights of kernels");
 * ```
 */
export function countedWeights(specification: JsonObject): CountedWeights {
  const onWeights = penaltiesOf(specification).filter(({ targets }) =>
    Array.isArray(targets) && targets.length > 0
  );
  if (onWeights.length === 0) return "weights of kernels";
  const strengths = strengthsByName({ penalties: onWeights });
  return [...strengths.values()].some((strength) => strength > 0)
    ? "penalized weights"
    : "weights that its penalties target";
}

/**
 * The same for all points of a study, for an axis of a figure: what is counted at every point that has a
 * penalty, and at those that have none.
 *
 * @param specifications Of all points.
 */
export function countedWeightsOfAll(specifications: readonly JsonObject[]): string {
  const counted = new Set(specifications.map(countedWeights));
  if (!counted.has("weights of kernels")) return "penalized weights";
  return counted.size === 1 ? "weights of kernels" : "penalized weights, else of kernels";
}

function penaltiesOf({ penalties }: JsonObject): { readonly [option: string]: Json }[] {
  return Array.isArray(penalties) ? penalties as { readonly [option: string]: Json }[] : [];
}
