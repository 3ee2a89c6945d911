/**
 * Models and their initial weights.
 *
 * @module
 */

export { type ChoiceOptions, chooseToken, tokenProbabilities } from "./decoding.ts";
export type { BeamStopping, DecodingOptions } from "./decoding_options.ts";
export type { ModelSpecification, SequenceToSequenceSpecification } from "./kinds.ts";
export { gruLanguageModel, type GruLanguageModelSpecification } from "./gru_language_model.ts";
export { modelFromConfig } from "./hugging_face.ts";
export type { Initialization } from "./initialization.ts";
export {
  fanInUniform,
  glorotUniform,
  type Initializer,
  normal,
  orthogonal,
  triangular,
  uniform,
  zeros,
} from "./initializers.ts";
export {
  lstmSequenceToSequence,
  type LstmSequenceToSequenceSpecification,
} from "./lstm_sequence_to_sequence.ts";
export {
  linearRegression,
  type LinearRegressionOptions,
  type LinearRegressionSpecification,
  type RegressionLoss,
} from "./linear_regression.ts";
export {
  llamaLanguageModel,
  type LlamaLanguageModelOptions,
  type LlamaLanguageModelSpecification,
} from "./llama_language_model.ts";
export { lstmLanguageModel, type LstmLanguageModelSpecification } from "./lstm_language_model.ts";
export type { LanguageModel, SequenceToSequenceModel } from "./model.ts";
export { rnnLanguageModel, type RnnLanguageModelSpecification } from "./rnn_language_model.ts";
export {
  transformerLanguageModel,
  type TransformerLanguageModelOptions,
  type TransformerLanguageModelSpecification,
} from "./transformer_language_model.ts";
