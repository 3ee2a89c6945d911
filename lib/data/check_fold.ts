import { checkInteger, checkKeys, show } from "../core/check.ts";
import { checkOptions, oneOf, option, orAbsent } from "../core/options.ts";
import { mostSpans } from "../core/limits.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";

/**
 * Checks that a value is a fold on which a run can be judged: spans of positions, none of which holds text
 * of another, so that nothing that is held out is trained on.
 *
 * @param subject What it is called in messages, such as `job.fold`.
 * @param value What was given.
 * @throws {TypeError | RangeError} With the part, what was found and what is allowed.
 *
 * @example
 * ```ts
 * import { checkFold } from "./check_fold.ts";
 * import assert from "node:assert/strict";
 * const fold = { index: 0, training: [{ start: 0, end: 60 }], heldOut: [{ start: 50, end: 90 }] };
 * assert.throws(() => checkFold("fold", fold), /must have spans that do not overlap/);
 * ```
 */
export function checkFold(subject: string, value: unknown): FoldRecord {
  const fold = checkOptions(subject, value, described, ".");
  const all = [...fold.training, ...fold.heldOut, ...fold.choosing ?? []]
    .sort((a, b) => a.start - b.start);
  const second = all.findIndex(({ start }, index) => index > 0 && start < all[index - 1].end);
  if (second > 0) {
    throw new RangeError(
      `${subject} must have spans that do not overlap, found ${
        show(all.slice(second - 1, second + 1))
      }.`,
    );
  }
  return fold;
}

const described = {
  index: option((name, index) =>
    index === "final" ? index : checkInteger(name, index, { from: 0 })
  ),
  training: option(checkSpans),
  heldOut: option(checkSpans),
  choosing: orAbsent(option(checkSpans)),
  unit: orAbsent(oneOf(["bytes", "pairs"])),
};

function checkSpans(name: string, spans: unknown): readonly TokenSpan[] {
  if (!Array.isArray(spans)) {
    throw new TypeError(`${name} must be a list of spans, found ${show(spans)}.`);
  }
  if (spans.length < 1 || spans.length > mostSpans) {
    throw new RangeError(`${name} must be 1 to ${mostSpans} spans, found ${spans.length}.`);
  }
  for (const span of spans) {
    checkKeys(name, span, ["start", "end"]);
    checkInteger(`${name}.start`, span.start, { from: 0 });
    checkInteger(`${name}.end`, span.end, { from: span.start + 1 });
  }
  return spans;
}
