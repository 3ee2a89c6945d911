import { checkInteger, show } from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import {
  checkOptions,
  type Given,
  integer,
  oneOf,
  option,
  orAbsent,
  orNull,
  passed,
  stated,
} from "../core/options.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import type { FoldUnit } from "./folds.ts";
import type { PairFoldUnit } from "./pair_folds.ts";

const units = oneOf<FoldUnit | PairFoldUnit>(["tokens", "bytes", "pairs"]);

/** A split that was published, as a specification holds it. */
export type FixedSplitSpecification = {
  readonly kind: "fixed";
  /**
   * What trains: positions [start, end) in the tokens of a text, in its bytes, or in pairs, as
   * `loadTokenPairs` orders them or, with `unit: "pairs"`, `loadTextPairs`.
   */
  readonly training: TokenSpan;
  /** What is held out. */
  readonly heldOut: TokenSpan;
  /**
   * What selected points are scored on at the end, by refits; null for none.
   *
   * @default {null}
   */
  readonly test: TokenSpan | null;
  /**
   * What a position of a text is: a token, or a byte in UTF-8 (see `blockedFolds`). Of pairs: what decides
   * which there are, the tokenizer or, with `pairs`, the corpus alone (see `groupedFolds`).
   *
   * @default {"tokens"}
   */
  readonly unit?: FoldUnit | PairFoldUnit;
};

const span = option((name, value) => {
  const checked = checkOptions(name, value, {
    start: integer({ from: 0, to: longestText }),
    end: passed<number>(),
  }, ".");
  checkInteger(`${name}.end`, checked.end, { from: checked.start + 1, to: longestText });
  return checked;
});

/** What {@link FixedSplitSpecification} holds. */
export const fixedSplitOptions = {
  training: span,
  heldOut: span,
  test: orNull(span),
  unit: option((name, value) => {
    const checked = units.check(name, value);
    return checked === "tokens" ? undefined : checked;
  }, "tokens"),
};

/**
 * One fold with given spans, to compare with results that others published on their split.
 *
 * There is no gap between the spans unless they leave one, and no cross-validation: one fold says
 * nothing about other text, so a study with it has no standard errors and no tests.
 *
 * @param options See {@link FixedSplitSpecification}; the spans must not overlap.
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
  options: Given<FixedSplitSpecification, "test">,
): FixedSplitSpecification {
  return validateFixedSplit({
    kind: "fixed",
    ...checkOptions("fixedSplit", options, fixedSplitOptions),
  });
}

/** Whether a value read from JSON is meant as a fixed split. */
export function isFixedSplit(value: unknown): boolean {
  return (value as { kind?: unknown } | null)?.kind === "fixed";
}

/** Checks that a value read from JSON is a fixed split. */
export function validateFixedSplit(value: unknown): FixedSplitSpecification {
  const split = checkOptions("fixedSplit", value, {
    kind: oneOf(["fixed"]),
    ...stated(fixedSplitOptions),
    unit: orAbsent(oneOf(["bytes", "pairs"])),
  });
  const spans = [split.training, split.heldOut, ...(split.test === null ? [] : [split.test])];
  const sorted = spans.toSorted((a, b) => a.start - b.start);
  if (sorted.some(({ start }, index) => index > 0 && start < sorted[index - 1].end)) {
    throw new RangeError(`fixedSplit: spans must not overlap, found ${show(spans)}.`);
  }
  return split;
}

/**
 * Lays a fixed split over a corpus.
 *
 * @param length Its tokens, its bytes, or its pairs.
 * @returns One fold, and with a test part the final fold: the same training, scored on that part.
 * @throws {RangeError} If a span ends after the corpus.
 */
export function makeFixedSplit(
  specification: FixedSplitSpecification,
  length: number,
): { folds: FoldRecord[]; finalFold: FoldRecord | null } {
  const { training, heldOut, test, unit } = validateFixedSplit(specification);
  for (const { end } of [training, heldOut, ...(test === null ? [] : [test])]) {
    if (end > length) {
      throw new RangeError(
        `fixedSplit: spans must end at or before ${length}, the length of the corpus, found ${end}.`,
      );
    }
  }
  const span = ({ start, end }: TokenSpan): TokenSpan => ({ start, end });
  const fold = (index: FoldRecord["index"], scored: TokenSpan): FoldRecord => ({
    index,
    training: [span(training)],
    heldOut: [span(scored)],
    ...(unit !== undefined && unit !== "tokens" && { unit }),
  });
  return { folds: [fold(0, heldOut)], finalFold: test && fold("final", test) };
}
