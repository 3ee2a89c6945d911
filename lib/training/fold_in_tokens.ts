import type { TextSource } from "../data/text_source.ts";
import { tokenizerOf } from "../data/tokenizers/kinds.ts";
import { blankTokens, type Tokens } from "../data/tokens.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { areKept, prepareFold } from "./prepare_fold.ts";
import type { TextSpecification } from "./specification.ts";

/** What tokens make of a fold in bytes. */
export interface FoldInTokens {
  /** A fold in tokens whose spans are as long, the mark before each counted, and lie one after the other. */
  readonly fold: FoldRecord;
  /** How long its training spans are, and where documents end in them; absent where nobody asked. */
  readonly training?: readonly Tokens[];
  /** What of the held-out text they do not tell, in words; null where they tell it all. */
  readonly lost: string | null;
}

/**
 * Tokenizes a fold in bytes, to see whether a specification can be trained on it: only then is known how
 * many tokens a span has.
 *
 * A text whose tokens are kept on the disk is not tokenized before training processes do it, side by side:
 * its spans hold any window. Their lengths are then bytes, the most tokens that there can be.
 *
 * @param options.text The text of its corpus.
 * @param options.exact Whether somebody asks how many tokens there are.
 * @throws {RangeError} As `prepareFold`.
 */
export async function foldInTokens(
  specification: Pick<TextSpecification, "corpus" | "tokenizer" | "training">,
  fold: FoldRecord,
  { text, exact }: { readonly text: TextSource; readonly exact: boolean },
): Promise<FoldInTokens> {
  const { tokenizer } = specification;
  const { lost, spelling, textHoldsUnknown } = tokenizerOf(tokenizer);
  // What tokens do not tell depends on the text where it may have unknown ones.
  const decided = lost(tokenizer) !== null || spelling !== undefined || !textHoldsUnknown;
  if (!exact && decided && areKept(text, tokenizer)) {
    const { unit: _, ...inBytes } = fold;
    return { fold: inBytes, lost: lost(tokenizer) };
  }
  const { training, heldOut, choosing, evaluated } = await prepareFold(specification, fold, {
    text,
  });
  let end = 0;
  const laid = (spans: readonly { readonly length: number }[]) =>
    spans.map(({ length }): TokenSpan => ({ start: end, end: end += length }));
  return {
    fold: {
      index: fold.index,
      training: laid(training),
      heldOut: laid(heldOut),
      ...(choosing && { choosing: laid(choosing) }),
    },
    training: training.map(blankTokens),
    lost: evaluated?.heldOut.lost ?? evaluated?.choosing?.lost ?? evaluated?.training.lost ?? null,
  };
}
