import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { prepareFold } from "./prepare_fold.ts";
import type { TextSpecification } from "./specification.ts";

/** What tokens make of a fold in bytes. */
export interface FoldInTokens {
  /** A fold in tokens whose spans are as long, the mark before each counted, and lie one after the other. */
  readonly fold: FoldRecord;
  /** What of the held-out text they do not tell, in words; null where they tell it all. */
  readonly lost: string | null;
}

/**
 * Tokenizes a fold in bytes, to see whether a specification can be trained on it: only then is known how
 * many tokens a span has.
 *
 * @throws {RangeError} As `prepareFold`.
 */
export async function foldInTokens(
  specification: Pick<TextSpecification, "corpus" | "tokenizer" | "training">,
  fold: FoldRecord,
): Promise<FoldInTokens> {
  const { training, heldOut, choosing, evaluated } = await prepareFold(specification, fold);
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
    lost: evaluated?.heldOut.lost ?? evaluated?.choosing?.lost ?? null,
  };
}
