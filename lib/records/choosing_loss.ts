import type { CurvePoint } from "./run_record.ts";

/**
 * The loss by which a step or a point is chosen: on the fold's choosing spans where it has some, else on
 * its held-out text.
 *
 * @param at An evaluation.
 * @returns Nats per token.
 *
 * @example
 * ```ts
 * import { choosingLossOf } from "./choosing_loss.ts";
 * import assert from "node:assert/strict";
 * assert.equal(choosingLossOf({ heldOutLoss: 2 }), 2);
 * assert.equal(choosingLossOf({ heldOutLoss: 2, choosingLoss: 3 }), 3);
 * ```
 */
export function choosingLossOf(at: Pick<CurvePoint, "heldOutLoss" | "choosingLoss">): number {
  return at.choosingLoss ?? at.heldOutLoss;
}
