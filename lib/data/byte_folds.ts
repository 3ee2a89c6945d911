import { checkInteger } from "../core/check.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { type FixedSplitSpecification, makeFixedSplit } from "./fixed_split.ts";
import { type FoldsSpecification, layBlocks, validateFolds } from "./folds.ts";
import type { TextSource } from "./text_source.ts";

/** Bytes of UTF-8 that a character has at most. */
const longestCharacter = 4;

/** Bytes by which a span can be shorter than planned: three places move, by three bytes each. */
const moved = 3 * (longestCharacter - 1);

/**
 * Lays blocked folds over the bytes of a text, before it has tokens, as `makeFolds` lays them over tokens.
 *
 * Every span begins and ends where a character does, and none between a carriage return and its line
 * feed: a block begins at the nearest such place from its own on, and training text that ends before a
 * gap or begins after one gives way, so that no gap is shorter than it should be.
 *
 * Without a gap of its own it is 4 (W + 1) bytes: a character has at most four, so that at least one
 * window and one character lie between training and held-out text in every script, as with folds in
 * tokens; subwords of English have about four too.
 *
 * @param specification As `blockedFolds` gave it, with `unit: "bytes"`.
 * @param text The text.
 * @param windowLength Tokens that a training window predicts, W; the longest one of a study.
 * @returns K folds and the final fold, which is null when `finalShare` is 0. Their spans are in bytes.
 * @throws {RangeError} As `makeFolds`, with bytes in place of tokens. Whether a span has a window's tokens
 * is known only once it has tokens.
 *
 * @example
 * ```ts
 * import { makeByteFolds } from "./byte_folds.ts";
 * import { blockedFolds } from "./folds.ts";
 * import { textOf } from "./text_source.ts";
 * import assert from "node:assert/strict";
 * const specification = blockedFolds({ count: 3, finalShare: 0, unit: "bytes", gap: 6 });
 * const { folds } = makeByteFolds(specification, textOf("鯨".repeat(25)), 4);
 * assert.deepEqual(folds[0].heldOut, [{ start: 0, end: 27 }]); // 25 bytes, and two to a character
 * assert.deepEqual(folds[0].training, [{ start: 33, end: 75 }]);
 * ```
 */
export function makeByteFolds(
  specification: FoldsSpecification,
  text: Pick<TextSource, "bytes" | "boundary">,
  windowLength: number,
): { folds: FoldRecord[]; finalFold: FoldRecord | null } {
  const valid = validateFolds(specification);
  checkInteger("blockedFolds: windowLength", windowLength, { from: 1 });
  const { folds, finalFold } = layBlocks(valid, {
    subject: "blockedFolds",
    unit: "bytes",
    length: text.bytes,
    windowLength,
    gap: valid.gap ?? longestCharacter * (windowLength + 1),
    moved,
    boundary: (position, direction) => text.boundary(position, direction),
  });
  return {
    folds: folds.map((fold) => ({ ...fold, unit: "bytes" })),
    finalFold: finalFold && { ...finalFold, unit: "bytes" },
  };
}

/**
 * Lays a fixed split over the bytes of a text; nothing is moved.
 *
 * @param specification As `fixedSplit` gave it, with `unit: "bytes"`.
 * @throws {RangeError} If a span ends after the text, or begins or ends inside of a character or between a
 * carriage return and its line feed; the message has the nearest places at which it could.
 */
export function makeByteSplit(
  specification: FixedSplitSpecification,
  text: Pick<TextSource, "bytes" | "boundary">,
): { folds: FoldRecord[]; finalFold: FoldRecord | null } {
  const laid = makeFixedSplit(specification, text.bytes);
  for (
    const { training, heldOut } of [...laid.folds, ...(laid.finalFold ? [laid.finalFold] : [])]
  ) {
    for (const position of [...training, ...heldOut].flatMap(({ start, end }) => [start, end])) {
      const [before, after] = (["backward", "forward"] as const)
        .map((direction) => text.boundary(position, direction));
      if (before === after) continue;
      throw new RangeError(
        `fixedSplit: spans in bytes must begin and end where a character does, as at ${before} or ` +
          `${after}; found ${position}.`,
      );
    }
  }
  return laid;
}
