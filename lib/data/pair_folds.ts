import { checkOneOf } from "../core/check.ts";
import {
  checkOptions,
  type Given,
  oneOf,
  option,
  orAbsent,
  passed,
  stated,
} from "../core/options.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { checkFoldCount, commonFolds, foldsOver, storedChoosing } from "./folds.ts";
import { groupKey, type LaidPair } from "./_pair_order.ts";

/** What decides which pairs are folded. */
export type PairFoldUnit = "tokens" | "pairs";

const units = oneOf<PairFoldUnit>(["tokens", "pairs"]);

/** What {@link PairFoldsSpecification} holds. */
export const pairFoldsOptions = {
  ...commonFolds,
  unit: option(
    (name, value) => units.check(name, value) === "pairs" ? "pairs" as const : undefined,
    "tokens",
  ),
};

/** How pairs are folded, as a specification holds it. */
export type PairFoldsSpecification = {
  readonly kind: "grouped";
  /** Number of held-out blocks K, from 2; from 3 with choosing blocks. */
  readonly count: number;
  /**
   * Share of the pairs, at the end of the list, that no fold ever reads: 0 (no final block) to 0.5.
   *
   * @default {0.1}
   */
  readonly finalShare: number;
  /**
   * What decides which pairs there are and which of them have one source. `tokens`: the tokenizer, so that
   * all points need the same one. `pairs`: the texts of the corpus alone, so that what trains and what is held
   * out is settled before a pair has tokens: every tokenizer reads the same pairs, and learns from the
   * training part alone.
   *
   * @default {"tokens"}
   */
  readonly unit?: PairFoldUnit;
  /**
   * Whether each fold holds a second block out, by which points and steps are chosen, so that the first
   * block scores what it had no part in choosing.
   *
   * @default {false}
   */
  readonly choosing?: boolean;
};

/**
 * Cross-validation for pairs: K held-out blocks over everything before a final block, with all pairs
 * of one source in the same block.
 *
 * Blocks are stretches of the list, so its order matters: see `order` of the corpus. The same *target*
 * may stand in two blocks, with different sources.
 *
 * @param options See {@link PairFoldsSpecification}.
 *
 * @example
 * ```ts
 * import { groupedFolds } from "./pair_folds.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(groupedFolds({ count: 5 }), { kind: "grouped", count: 5, finalShare: 0.1 });
 * ```
 */
export function groupedFolds(
  options: Given<PairFoldsSpecification, "finalShare">,
): PairFoldsSpecification {
  const checked = checkOptions("groupedFolds", options, pairFoldsOptions);
  return validatePairFolds({ kind: "grouped", ...checked });
}

/** Checks that a value read from JSON says how to fold pairs. */
export function validatePairFolds(value: unknown): PairFoldsSpecification {
  const { kind } = Object(value) as Partial<PairFoldsSpecification>;
  checkOneOf("folds of pairs (by groupedFolds or fixedSplit): kind", kind, ["grouped"]);
  const checked = checkOptions("groupedFolds", value, {
    kind: passed<"grouped">(),
    ...stated(commonFolds),
    choosing: storedChoosing,
    unit: orAbsent(oneOf(["pairs"])),
  });
  checkFoldCount("groupedFolds", checked);
  return checked;
}

/**
 * Lays folds over N pairs whose equal sources stand together. With D = N − round(finalShare · N) moved
 * to the nearest border between two sources, fold i holds out [b_i, b_{i+1}), where b_i is the border
 * nearest to iD/K, and trains on the rest of [0, D). The final fold trains on [0, D) and holds out the
 * rest.
 *
 * With choosing blocks fold i chooses on block (i + 1) mod K and trains on the rest of [0, D) without
 * both; the final fold has none.
 *
 * @param specification As {@link groupedFolds} gave it.
 * @param pairs As loadTokenPairs gives them, or loadTextPairs for `unit: "pairs"`.
 * @returns K folds and the final fold, which is null when `finalShare` is 0. Spans count pairs.
 * @throws {RangeError} If a block would be empty, or pairs of one source stand apart.
 *
 * @example
 * ```ts
 * import { groupedFolds, makePairFolds } from "./pair_folds.ts";
 * import assert from "node:assert/strict";
 * const pairs = ["a", "b", "b", "c"].map((token) => ({ source: [token], target: [token] }));
 * const { folds, finalFold } = makePairFolds(groupedFolds({ count: 2, finalShare: 0.25 }), pairs);
 * assert.deepEqual(folds.map(({ heldOut }) => heldOut), [
 *   [{ start: 0, end: 1 }],
 *   [{ start: 1, end: 3 }],
 * ]);
 * assert.deepEqual(finalFold?.heldOut, [{ start: 3, end: 4 }]);
 * ```
 */
export function makePairFolds(
  specification: PairFoldsSpecification,
  pairs: readonly LaidPair[],
): { folds: FoldRecord[]; finalFold: FoldRecord | null } {
  const { count, finalShare, unit, choosing = false } = validatePairFolds(specification);
  const keys = pairs.map(groupKey);
  const borders = [0, pairs.length];
  for (let at = 1; at < keys.length; at++) if (keys[at] !== keys[at - 1]) borders.push(at);
  if (new Set(keys).size < borders.length - 1) {
    throw new RangeError(
      "groupedFolds: pairs of one source must stand together, found some apart.",
    );
  }
  const nearest = (position: number) =>
    borders.reduce((best, border) =>
      Math.abs(border - position) < Math.abs(best - position) ? border : best
    );
  const end = nearest(pairs.length - Math.round(finalShare * pairs.length));
  const starts = Array.from({ length: count + 1 }, (_, index) => nearest(index * end / count));
  const blocks = finalShare === 0 ? starts : [...starts, pairs.length];
  if (blocks.some((start, index) => index > 0 && start <= blocks[index - 1])) {
    throw new RangeError(
      `groupedFolds: each of ${count} blocks${finalShare === 0 ? "" : " and the final one"} must ` +
        `have a source of its own, found ${setsInWords(borders.length - 1, pairs)} in ` +
        `${pairs.length} pairs. Use more pairs or fewer folds.`,
    );
  }
  const folds = foldsOver(
    Array.from({ length: count }, (_, index) => ({ start: starts[index], end: starts[index + 1] })),
    { end, gap: 0, choosing },
  );
  const finalFold: FoldRecord | null = finalShare === 0 ? null : {
    index: "final",
    training: [{ start: 0, end }],
    heldOut: [{ start: end, end: pairs.length }],
  };
  if (unit !== "pairs") return { folds, finalFold };
  return {
    folds: folds.map((fold) => ({ ...fold, unit })),
    finalFold: finalFold && { ...finalFold, unit },
  };
}

/** How many sets of pairs folds have to lay, and what keeps one together. */
function setsInWords(count: number, pairs: readonly LaidPair[]): string {
  if (pairs.every(({ group }) => group === undefined)) return `${count} different sources`;
  return `${count} ${
    count === 1 ? "set" : "sets"
  } of pairs that may not be parted (same group, dialogue or prompt)`;
}
