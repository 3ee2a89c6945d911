import { checkInteger, checkKeys, checkOneOf, show } from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";

/** A split that was published, as a specification holds it. */
export type FixedSplitSpecification = {
  readonly kind: "fixed";
  /** What trains: positions in tokens, or in pairs. */
  readonly training: TokenSpan;
  /** What is held out. */
  readonly heldOut: TokenSpan;
  /** What selected points are scored on at the end, by refits; null for none. */
  readonly test: TokenSpan | null;
};

/**
 * One fold with given spans, to compare with results that others published on their split.
 *
 * There is no gap between the spans unless they leave one, and no cross-validation: one fold says
 * nothing about other text, so a study with it has no standard errors and no tests.
 *
 * @param options `training`, `heldOut` and `test` (none by default): positions [start, end) in the
 * tokens of a text, or in pairs as `loadTokenPairs` orders them; they must not overlap.
 *
 * @example
 * ```ts
 * import { fixedSplit } from "./fixed_split.ts";
 * import assert from "node:assert/strict";
 * const split = fixedSplit({ training: { start: 0, end: 90 }, heldOut: { start: 90, end: 100 } });
 * assert.equal(split.test, null);
 * ```
 */
export function fixedSplit(
  options:
    & Pick<FixedSplitSpecification, "training" | "heldOut">
    & Partial<Pick<FixedSplitSpecification, "test">>,
): FixedSplitSpecification {
  checkKeys("fixedSplit", options, ["training", "heldOut", "test"]);
  const { training, heldOut, test = null } = options;
  return validateFixedSplit({ kind: "fixed", training, heldOut, test });
}

/** Whether a value read from JSON is meant as a fixed split. */
export function isFixedSplit(value: unknown): boolean {
  return (value as { kind?: unknown } | null)?.kind === "fixed";
}

/** Checks that a value read from JSON is a fixed split. */
export function validateFixedSplit(value: unknown): FixedSplitSpecification {
  checkKeys("fixedSplit", value, ["kind", "training", "heldOut", "test"]);
  const split = value as FixedSplitSpecification;
  checkOneOf("fixedSplit: kind", split.kind, ["fixed"]);
  const spans = [checkSpan("training", split.training), checkSpan("heldOut", split.heldOut)];
  if (split.test !== null) spans.push(checkSpan("test", split.test));
  const sorted = spans.toSorted((a, b) => a.start - b.start);
  if (sorted.some(({ start }, index) => index > 0 && start < sorted[index - 1].end)) {
    throw new RangeError(`fixedSplit: spans must not overlap, found ${show(spans)}.`);
  }
  return split;
}

function checkSpan(name: string, span: unknown): TokenSpan {
  checkKeys(`fixedSplit: ${name}`, span, ["start", "end"]);
  const { start, end } = span as TokenSpan;
  checkInteger(`fixedSplit: ${name}.start`, start, { from: 0, to: longestText });
  checkInteger(`fixedSplit: ${name}.end`, end, { from: start + 1, to: longestText });
  return span as TokenSpan;
}

/**
 * Lays a fixed split over a corpus.
 *
 * @param length Its tokens, or its pairs.
 * @returns One fold, and with a test part the final fold: the same training, scored on that part.
 * @throws {RangeError} If a span ends behind the corpus.
 */
export function makeFixedSplit(
  specification: FixedSplitSpecification,
  length: number,
): { folds: FoldRecord[]; finalFold: FoldRecord | null } {
  const { training, heldOut, test } = validateFixedSplit(specification);
  for (const { end } of [training, heldOut, ...(test === null ? [] : [test])]) {
    if (end > length) {
      throw new RangeError(
        `fixedSplit: spans must end at or before ${length}, the length of the corpus, found ${end}.`,
      );
    }
  }
  const span = ({ start, end }: TokenSpan): TokenSpan => ({ start, end });
  return {
    folds: [{ index: 0, training: [span(training)], heldOut: [span(heldOut)] }],
    finalFold: test === null
      ? null
      : { index: "final", training: [span(training)], heldOut: [span(test)] },
  };
}
