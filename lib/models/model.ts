import type * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import type { PaddedSequences, PairBatch } from "../data/pair_batches.ts";
import type { LossTerms } from "../penalties/loss_terms.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";

/** A trainable parameter: what it is, and the tensor that holds its weights. */
export interface ModelParameter {
  readonly description: ParameterDescription;
  readonly variable: tf.Variable;
}

/** Generates token by token, for `batch` texts side by side. */
export interface Decoder {
  /**
   * Reads one token of each text and scores what may follow.
   *
   * @param tokens One token id a text, `[batch]`.
   * @param from Row of the last call, or of the start, whose text each of them continues, `[batch]`; rows may
   * be continued more than once or not at all, so that there are more or fewer texts. Each its own if not
   * given.
   * @returns Logits, `[batch × vocabularySize]`, a row a text.
   */
  next(tokens: Int32Array, from?: Int32Array): Float32Array;
  /** The same without scores, each text its own; absent where they cost nothing besides reading. */
  read?(tokens: Int32Array): void;
  dispose(): void;
}

/** What `training` knows of any model. */
export interface Model {
  readonly parameters: readonly ModelParameter[];
  /**
   * Mean cross-entropy of a batch, nats per unmasked token, differentiable in the parameters.
   *
   * @param dropout Stream for the masks in training mode; null in evaluation mode.
   * @param terms What activation penalties add to it in training; nothing when left out.
   */
  loss(batch: Batch, dropout: RandomStream | null, terms?: LossTerms | null): tf.Scalar;
  /** Frees every tensor of the model. */
  dispose(): void;
}

/** A text generator that can be trained. */
export interface LanguageModel extends Model {
  /** Tokens of the vocabulary. */
  readonly vocabularySize: number;
  /**
   * Scores of what may follow each token in evaluation mode, `[time × batch, vocabularySize]`, row
   * t × batch + b.
   */
  logits(batch: Batch): tf.Tensor2D;
  /** Writes texts side by side, a token at a time; each begins with nothing read. */
  decoder(batch: number): Decoder;
}

/** A model that writes a target for a source. */
export interface SequenceToSequenceModel extends Model {
  /** Tokens of targets, those for padding, begin and end included. */
  readonly vocabularySize: number;
  /** As a model's of texts, of the tokens of targets. */
  loss(batch: PairBatch, dropout: RandomStream | null, terms?: LossTerms | null): tf.Scalar;
  /** Scores of each target token in evaluation mode, `[time × batch, vocabularySize]`. */
  logits(batch: PairBatch): tf.Tensor2D;
  /** Reads the sources and begins to write; the first token that it is given is the begin token. */
  decoder(source: PaddedSequences): Decoder;
}
