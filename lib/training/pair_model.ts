import { completionBatch } from "../data/completion_batches.ts";
import {
  type BatchOfPairs,
  type FullLengths,
  pairBatch,
  type PairSides,
} from "../data/pair_batches.ts";
import { createModel, createSequenceToSequence } from "../models/create.ts";
import type { SequenceToSequenceModel } from "../models/model.ts";
import { promptedModel } from "../models/prompted_model.ts";
import { type TokenRows, withPairRows, withTokenRows } from "../models/token_rows.ts";
import { type AnyPairSpecification, isCompletionSpecification } from "./specification.ts";

type ModelContext = Omit<Parameters<typeof createModel>[1], "vocabularySize">;

/**
 * Builds the model of pairs that a specification describes: an encoder-decoder, or a model of texts that
 * writes completions of prompts.
 *
 * @param sides Its vocabularies.
 * @param context Seed and fold, shapes of a simplified model, definition of one's own.
 * @param rows Rows that tokens share in a simplified model, by the name of the table.
 */
export function createPairModel(
  specification: AnyPairSpecification,
  { sourceVocabulary, targetVocabulary }: PairSides,
  context: ModelContext,
  rows: { readonly [table: string]: TokenRows } = {},
): SequenceToSequenceModel {
  const vocabularySize = targetVocabulary.size;
  if (isCompletionSpecification(specification)) {
    const model = createModel(specification.model, { vocabularySize, ...context });
    return promptedModel(withTokenRows(model, rows["embedding/table"]));
  }
  const sizes = { vocabularySize, sourceVocabularySize: sourceVocabulary.size };
  const model = createSequenceToSequence(specification.model, { ...sizes, ...context });
  return withPairRows(model, {
    source: rows["sourceEmbedding/table"],
    target: rows["targetEmbedding/table"],
  });
}

/** How pairs are put side by side for the model of a specification. */
export function batchOfPairs(
  specification: Pick<AnyPairSpecification, "tokenizer">,
  sides: PairSides,
  full: FullLengths | null = null,
): BatchOfPairs {
  return isCompletionSpecification(specification)
    ? (pairs) => completionBatch(pairs, sides.targetVocabulary)
    : (pairs) => pairBatch(pairs, sides, full);
}
