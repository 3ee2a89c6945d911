import type { Batch } from "../data/batches.ts";
import type { PaddedSequences, PairBatch } from "../data/pair_batches.ts";
import type { Decoder, LanguageModel, SequenceToSequenceModel } from "./model.ts";

/** Row of the table of vectors for each token, where tokens with equal vectors share one. */
export type TokenRows = readonly number[];

function rowsOf(tokens: Int32Array, rows: TokenRows | undefined): Int32Array {
  return rows === undefined ? tokens : tokens.map((token) => rows[token]);
}

function readingRows(decoder: Decoder, rows: TokenRows | undefined): Decoder {
  const { read } = decoder;
  return {
    ...decoder,
    next: (tokens, from) => decoder.next(rowsOf(tokens, rows), from),
    ...(read && { read: (tokens) => read(rowsOf(tokens, rows)) }),
  };
}

/** A language model whose table has one row for tokens with equal vectors. */
export function withTokenRows(model: LanguageModel, rows: TokenRows | undefined): LanguageModel {
  if (rows === undefined) return model;
  const reading = (batch: Batch): Batch => ({ ...batch, inputs: rowsOf(batch.inputs, rows) });
  return {
    ...model,
    loss: (batch, ...rest) => model.loss(reading(batch), ...rest),
    logits: (batch) => model.logits(reading(batch)),
    decoder: (batch) => readingRows(model.decoder(batch), rows),
  };
}

/** The same for a model of pairs, with a table on each side. */
export function withPairRows(
  model: SequenceToSequenceModel,
  { source, target }: { readonly source?: TokenRows; readonly target?: TokenRows },
): SequenceToSequenceModel {
  if (source === undefined && target === undefined) return model;
  const sources = (given: PaddedSequences): PaddedSequences => ({
    ...given,
    tokens: rowsOf(given.tokens, source),
  });
  const reading = (batch: PairBatch): PairBatch => ({
    ...batch,
    source: sources(batch.source),
    inputs: rowsOf(batch.inputs, target),
  });
  return {
    ...model,
    loss: (batch, ...rest) => model.loss(reading(batch), ...rest),
    logits: (batch) => model.logits(reading(batch)),
    decoder: (given) => readingRows(model.decoder(sources(given)), target),
  };
}
