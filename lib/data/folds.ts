import { checkBoolean, checkInteger, show } from "../core/check.ts";
import { longestText, mostFolds } from "../core/limits.ts";
import {
  checkOptions,
  type Given,
  integer,
  number,
  oneOf,
  option,
  orAbsent,
  orNull,
  passed,
  stated,
} from "../core/options.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";

/** What a position of a fold of a text is. */
export type FoldUnit = "tokens" | "bytes";

/** How a text is folded, as a specification holds it. */
export type FoldsSpecification = {
  readonly kind: "blocked";
  /** Number of held-out blocks K, from 2; from 3 with choosing blocks. */
  readonly count: number;
  /**
   * Share of the tokens, at the end of the text, that no fold ever reads: 0 (no final block) to 0.5.
   *
   * @default {0.1}
   */
  readonly finalShare: number;
  /**
   * Tokens left out between training and held-out text; null for one window and one token, which is the
   * least. With `unit: "bytes"` bytes, and null for four times as many.
   *
   * @default {null}
   */
  readonly gap: number | null;
  /**
   * What a position is. `tokens`: a token, so that all points need the same tokenizer. `bytes`: a byte of
   * the text in UTF-8, so that what trains and what is held out is settled before a text has tokens: every
   * tokenizer reads the same texts, and learns from the training part alone (see `makeByteFolds`).
   *
   * @default {"tokens"}
   */
  readonly unit?: FoldUnit;
  /**
   * Whether each fold holds a second block out, by which points and steps are chosen, so that the first
   * block scores what it had no part in choosing.
   *
   * @default {false}
   */
  readonly choosing?: boolean;
};

/** What folds of texts and of pairs have in common. */
export const commonFolds = {
  count: passed<number>(),
  finalShare: number({ from: 0, to: 0.5 }, 0.1),
  choosing: option((name, value) => checkBoolean(name, value) || undefined, false),
};

/** The same of stored folds. */
export const storedChoosing = orAbsent(oneOf([true]));

const units = oneOf<FoldUnit>(["tokens", "bytes"]);

/** What a position of a fold is, as a function takes it; absent for tokens. */
const foldUnit = option(
  (name, value) => units.check(name, value) === "bytes" ? "bytes" as const : undefined,
  "tokens",
);

/** The same of stored folds. */
const storedUnit = orAbsent(oneOf(["bytes"]));

/** What {@link FoldsSpecification} holds. */
export const blockedFoldsOptions = {
  count: commonFolds.count,
  finalShare: commonFolds.finalShare,
  gap: orNull(integer({ from: 2, to: longestText })),
  unit: foldUnit,
  choosing: commonFolds.choosing,
};

/**
 * Blocked cross-validation for a text: K contiguous held-out blocks, with a gap on both sides, over
 * everything before a final block.
 *
 * @param options See {@link FoldsSpecification}.
 *
 * @example
 * ```ts
 * import { blockedFolds } from "./folds.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(blockedFolds({ count: 5 }), {
 *   kind: "blocked", count: 5, finalShare: 0.1, gap: null,
 * });
 * ```
 */
export function blockedFolds(
  options: Given<FoldsSpecification, "finalShare" | "gap">,
): FoldsSpecification {
  const checked = checkOptions("blockedFolds", options, blockedFoldsOptions);
  return validateFolds({ kind: "blocked", ...checked });
}

/**
 * Checks that a value read from JSON says how to fold a text.
 *
 * @throws {TypeError | RangeError} With the field, the value found and those allowed.
 */
export function validateFolds(value: unknown): FoldsSpecification {
  const { kind } = Object(value) as { readonly kind?: unknown };
  if (kind === "grouped") {
    throw new RangeError(
      `blockedFolds: kind must be "blocked", found ${
        show(kind)
      }: groupedFolds folds pairs, a text is ` +
        `folded by blockedFolds or fixedSplit, and documents by documentFolds.`,
    );
  }
  const checked = checkOptions("blockedFolds", value, {
    kind: oneOf(["blocked"]),
    ...stated(blockedFoldsOptions),
    unit: storedUnit,
    choosing: storedChoosing,
  });
  checkFoldCount("blockedFolds", checked);
  return checked;
}

/**
 * Checks how many folds there are: from 2, and from 3 where each holds two blocks out, so that one is
 * left that trains.
 */
export function checkFoldCount(
  subject: string,
  { count, choosing = false }: { readonly count: number; readonly choosing?: boolean },
): void {
  checkInteger(choosing ? `${subject}: count with a choosing block` : `${subject}: count`, count, {
    from: choosing ? 3 : 2,
    to: mostFolds,
  });
}

/**
 * Lays blocked folds over a text of N tokens. With window length W, gap G and final block of
 * F = round(finalShare · N) tokens, the folds cover D = N − F − G tokens (D = N without a final
 * block): fold i holds out [⌊iD/K⌋, ⌊(i+1)D/K⌋) and trains on the rest of [0, D) that is at least G
 * tokens away. The final fold trains on [0, D) and holds out [N − F, N).
 *
 * With choosing blocks fold i scores block i as above, chooses on block j = (i + 1) mod K, which is
 * [⌊jD/K⌋, ⌊(j+1)D/K⌋), and trains on the rest of [0, D) that is at least G tokens away from both. Every
 * block scores once and chooses once. The final fold has no choosing block: what is refitted was chosen
 * by the folds.
 *
 * Spans stay apart, so that no window straddles a removed block.
 *
 * @param specification As {@link blockedFolds} gave it.
 * @param tokenCount Tokens of the excerpt, N.
 * @param windowLength Tokens that a training window predicts, W.
 * @returns K folds and the final fold, which is null when `finalShare` is 0.
 * @throws {RangeError} If the gap is shorter than W + 1, if there are fewer windows than folds, or
 * if a span that trains or is held out would be shorter than W + 1.
 *
 * @example
 * ```ts
 * import { blockedFolds, makeFolds } from "./folds.ts";
 * import assert from "node:assert/strict";
 * const { folds, finalFold } = makeFolds(blockedFolds({ count: 3 }), 100, 4);
 * assert.deepEqual(folds[1].heldOut, [{ start: 28, end: 56 }]);
 * assert.deepEqual(folds[1].training, [{ start: 0, end: 23 }, { start: 61, end: 85 }]);
 * assert.deepEqual(finalFold?.training, [{ start: 0, end: 85 }]);
 * assert.deepEqual(finalFold?.heldOut, [{ start: 90, end: 100 }]);
 * ```
 */
export function makeFolds(
  specification: FoldsSpecification,
  tokenCount: number,
  windowLength: number,
): { folds: FoldRecord[]; finalFold: FoldRecord | null } {
  const { unit } = validateFolds(specification);
  checkInteger("blockedFolds: tokenCount", tokenCount, { from: 0, to: longestText });
  if (unit !== undefined) {
    throw new RangeError(
      `blockedFolds: unit must be "tokens", found ${show(unit)}: makeByteFolds lays these folds.`,
    );
  }
  return layBlocks(specification, {
    subject: "blockedFolds",
    unit: "tokens",
    length: tokenCount,
    windowLength,
    gap: specification.gap ?? windowLength + 1,
    moved: 0,
    boundary: (position) => position,
  });
}

/** A text over which blocks are laid, by its positions. */
interface Positions {
  /** What it is called in messages. */
  readonly subject: string;
  /** What a position is. */
  readonly unit: string;
  readonly length: number;
  readonly windowLength: number;
  readonly gap: number;
  /** How much shorter than planned a span may be, as its ends move. */
  readonly moved: number;
  /** The nearest place at which the text may be cut. */
  boundary(position: number, direction: "forward" | "backward"): number;
}

/**
 * Lays blocked folds over positions: blocks begin at the nearest boundary from their place on, and what
 * comes next to a gap gives way to it, so that no gap is shorter than it should be.
 */
export function layBlocks(
  specification: FoldsSpecification,
  positions: Positions,
): { folds: FoldRecord[]; finalFold: FoldRecord | null } {
  const { count, finalShare, choosing = false } = specification;
  const { subject, unit, length, gap, windowLength, boundary } = positions;
  checkInteger(`${subject}: windowLength`, windowLength, { from: 1, to: longestText });
  const shortest = windowLength + 1;
  if (gap < shortest) {
    throw new RangeError(
      `${subject}: gap must be at least windowLength + 1 = ${shortest} ${unit}, found ${gap}.`,
    );
  }
  const finalLength = Math.round(finalShare * length);
  const finalStart = boundary(length - finalLength, "forward");
  const planned = finalShare === 0 ? length : finalStart - gap;
  refuseShort(positions, { count, choosing, folded: Math.max(0, planned) });
  if (finalShare > 0 && length - finalStart < shortest) {
    throw new RangeError(
      `${subject}: the final block must have at least windowLength + 1 = ${shortest} ${unit}, ` +
        `found ${length - finalStart} (finalShare ${finalShare} of ${length} ${unit}).`,
    );
  }
  const end = boundary(planned, "backward");
  const start = (index: number) => boundary(Math.floor(index * end / count), "forward");
  const folds = foldsOver(
    Array.from({ length: count }, (_, index) => ({ start: start(index), end: start(index + 1) })),
    { end, gap, choosing, boundary },
  );
  const finalFold: FoldRecord | null = finalShare === 0 ? null : {
    index: "final",
    training: [{ start: 0, end }],
    heldOut: [{ start: finalStart, end: length }],
  };
  return { folds, finalFold };
}

/**
 * A fold for each block: fold i holds out block i and, with `choosing`, block (i + 1) mod K too, and
 * trains on the rest of [0, end) that is at least `gap` positions away.
 */
export function foldsOver(
  blocks: readonly TokenSpan[],
  options: Partial<Pick<Positions, "boundary">> & {
    readonly end: number;
    readonly gap: number;
    readonly choosing: boolean;
  },
): FoldRecord[] {
  const { end, gap, choosing, boundary = (position: number) => position } = options;
  return blocks.map((block, index): FoldRecord => {
    const next = blocks[(index + 1) % blocks.length];
    const removed = (choosing ? [block, next] : [block]).sort((a, b) => a.start - b.start);
    const training: TokenSpan[] = [];
    let from = 0;
    for (const { start, end: stop } of removed) {
      // Before the beginning there is nothing, and nothing to move.
      training.push({ start: from, end: boundary(Math.max(0, start - gap), "backward") });
      from = boundary(Math.min(end, stop + gap), "forward");
    }
    training.push({ start: from, end });
    return {
      index,
      training: training.filter((span) => span.end > span.start),
      heldOut: [block],
      ...(choosing ? { choosing: [next] } : {}),
    };
  });
}

function refuseShort(
  { subject, unit, length, windowLength, gap, moved }: Positions,
  { count, choosing, folded }: {
    readonly count: number;
    readonly choosing: boolean;
    readonly folded: number;
  },
): void {
  const shortest = windowLength + 1;
  const found = `${length} ${unit}, ${folded} of them before the final block and its gap`;
  const windows = Math.floor(folded / shortest);
  if (windows < count) {
    throw new RangeError(
      `${subject}: the text must hold at least as many windows of windowLength + 1 = ` +
        `${shortest} ${unit} as folds, ${count}; found ${windows} (${found}).`,
    );
  }
  // Next to the first or last block lies one block less a gap: the shortest span that trains. Of three
  // folds with choosing blocks the last one trains on the middle block, less a gap at either end.
  const blockLength = Math.floor(folded / count);
  const gaps = choosing && count === 3 ? 2 : 1;
  const needed = gaps * gap + shortest + moved;
  if (blockLength < needed) {
    throw new RangeError(
      `${subject}: each of ${count} blocks must have at least ${
        gaps === 1 ? "gap" : "2 · gap"
      } + windowLength + 1${moved === 0 ? "" : ` + ${moved}, as ends move to characters,`} = ` +
        `${needed} ${unit}, so that every training span holds a window; found ` +
        `${blockLength} (${found}). Use a longer text, fewer folds or a shorter window.`,
    );
  }
}
