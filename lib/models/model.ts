import type * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
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
   * @returns Logits, `[batch × vocabularySize]`, a row a text.
   */
  next(tokens: Int32Array): Float32Array;
  dispose(): void;
}

/** A text generator that can be trained: what `training` knows of a model. */
export interface LanguageModel {
  readonly vocabularySize: number;
  readonly parameters: readonly ModelParameter[];
  /**
   * Mean cross-entropy of a batch, nats per unmasked token, differentiable in the parameters.
   *
   * @param dropout Stream for the masks in training mode; null in evaluation mode.
   */
  loss(batch: Batch, dropout: RandomStream | null): tf.Scalar;
  decoder(batch: number): Decoder;
  /** Frees every tensor of the model. */
  dispose(): void;
}
