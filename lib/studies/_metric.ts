import { show, showLong } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { bitsRefusal } from "../data/tokenizers/bits_refusal.ts";
import type { SelectionRule, SpaceRecord } from "../records/study_record.ts";
import { differInTokens } from "../statistics/tokens_of_specification.ts";
import type { StudyDefinition } from "./same_definition.ts";

/** What is compared where no rule was asked for: bits per byte of points with different tokens. */
export function defaultMetric(specifications: readonly JsonObject[]): SelectionRule["metric"] {
  return differInTokens(specifications) ? "bitsPerByte" : "validationLoss";
}

/**
 * Refuses a rule that compares what cannot be compared: losses per token of different tokens, or losses per
 * byte where the bytes are not the same, or not told by the tokens.
 *
 * @param lost What the tokens of each specification do not tell of the held-out text; null for nothing.
 * @throws {RangeError} With the reason, and what to do.
 */
export function checkMetric(
  { metric }: SelectionRule,
  { space, specifications, folds }: Pick<StudyDefinition, "folds" | "specifications"> & {
    readonly space: SpaceRecord;
  },
  lost: readonly (string | null)[],
): void {
  if (metric === "validationLoss") {
    if (!differInTokens(specifications)) return;
    throw new RangeError(
      `select: metric must be "bitsPerByte" or "bitsPerCharacter" where points have different tokenizers, ` +
        `or learn tokens from texts of different sizes, found ${
          show(metric)
        }: a loss per token is of other tokens at each of them.`,
    );
  }
  if (folds.some(({ unit }) => unit === undefined)) {
    throw new RangeError(
      `select: metric must be "validationLoss" where folds are in tokens, found ${
        show(metric)
      }. For losses ` +
        `per byte lay the folds before there are tokens: blockedFolds({ unit: "bytes" }) of a text, ` +
        `groupedFolds({ unit: "pairs" }) of pairs.`,
    );
  }
  const at = lost.findIndex((each) => each !== null);
  if (at < 0) return;
  throw new RangeError(
    bitsRefusal(`select: metric ${show(metric)}`, showLong(space.points[at]), lost[at]!),
  );
}
