import type { Batch } from "../data/batches.ts";
import type { PairVocabulary } from "../data/pair_tokens.ts";
import type { Model } from "../models/model.ts";
import { type DropoutStream, movedBy, ownMasks } from "../ops/dropout_stream.ts";

/**
 * A model that reads some of its input tokens as the unknown token in training: each with probability
 * `share`, targets and loss as they are (for a decoder the word dropout of Bowman et al. 2016; on the frontier
 * of 2026 arXiv 2606.06888). In evaluation, and when it writes, it reads them all.
 *
 * The unknown token stands for them since every vocabulary has one, in every model, your own too: a mask token
 * of its own would be another row of the table, and with tied weights another logit. It is read, never
 * predicted in its place, and learns what to predict after a token that is not known. Of pairs the decoder's
 * inputs are masked, of prompts with completions both of them, but not the begin token and padding.
 *
 * The masks come from a stream of their own (`ownMasks`): runs with and without them share all others.
 *
 * @param model Any model.
 * @param share Share of the input tokens, in [0, 1); 0 leaves the model as it is.
 * @param kept Whether a row of a batch is never masked.
 */
export function withMaskedInputs<Masked extends Model>(
  model: Masked,
  share: number,
  { unknownId, kept = () => false }: {
    readonly unknownId: number;
    readonly kept?: (batch: Batch, row: number) => boolean;
  },
): Masked {
  if (share === 0) return model;
  const maskedBatch = (batch: Batch, stream: DropoutStream): Batch => ({
    ...batch,
    inputs: batch.inputs.map((token, row) =>
      // Drawn for every row, so that masks do not depend on what is kept.
      stream.uniform() < share && !kept(batch, row) ? unknownId : token
    ),
  });
  return {
    ...model,
    loss(batch, dropout, terms) {
      if (dropout === null) return model.loss(batch, null, terms);
      const masked = maskedBatch(batch, ownMasks(dropout, "masked inputs"));
      return movedBy(dropout, () => model.loss(masked, dropout, terms));
    },
  };
}

/** Rows of a batch of prompts with completions that stay: the mark between both, and padding. */
export function isMark({ beginId, paddingId }: Pick<PairVocabulary, "beginId" | "paddingId">) {
  return ({ inputs }: Batch, row: number): boolean =>
    inputs[row] === beginId || inputs[row] === paddingId;
}

/** Rows of a batch of pairs that stay: begin tokens, and padding that is masked. */
export function isBeginOrPadding({ batch, mask }: Batch, row: number): boolean {
  return row < batch || mask?.[row] === 0;
}
