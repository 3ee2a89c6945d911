import { checkInteger } from "../core/check.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";

/**
 * A fold that trains on the first tokens of its training text alone; its held-out text stays.
 *
 * The smaller of two counts is a part of the larger one. A span in which the count is reached is cut.
 *
 * @param fold A fold, or the final fold.
 * @param count Tokens to train on, from 1; undefined for all.
 * @returns The fold, with shorter or fewer training spans.
 * @throws {RangeError} If the fold has fewer training tokens.
 *
 * @example
 * ```ts
 * import { withFirstTokens } from "./first_tokens.ts";
 * import assert from "node:assert/strict";
 * const training = [{ start: 0, end: 10 }, { start: 30, end: 90 }];
 * const fold = { index: 0, training, heldOut: [{ start: 15, end: 25 }] };
 * assert.deepEqual(withFirstTokens(fold, 12).training, [
 *   { start: 0, end: 10 },
 *   { start: 30, end: 32 },
 * ]);
 * ```
 */
export function withFirstTokens(fold: FoldRecord, count: number | undefined): FoldRecord {
  if (count === undefined) return fold;
  const available = spanTokens(fold.training);
  if (available < count) {
    throw new RangeError(
      `training.trainingTokens must be at most ${available}, the training tokens of fold ` +
        `${fold.index}, found ${count}.`,
    );
  }
  let left = checkInteger("training.trainingTokens", count, { from: 1 });
  const training: TokenSpan[] = [];
  for (const { start, end } of fold.training) {
    if (left > 0) training.push({ start, end: Math.min(end, start + left) });
    left -= Math.min(left, end - start);
  }
  return { ...fold, training };
}

/** How many positions spans hold. */
export function spanTokens(spans: readonly TokenSpan[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}
