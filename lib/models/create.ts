import { complete } from "../core/left_out.ts";
import type { SequenceToSequenceContext } from "./_encoder_decoder_parameters.ts";
import { createGruLanguageModel } from "./gru_language_model_network.ts";
import {
  type AnyModelSpecification,
  type ModelSpecification,
  type SequenceToSequenceSpecification,
} from "./kinds.ts";
import { createLlamaLanguageModel } from "./llama_language_model_network.ts";
import { createLstmLanguageModel } from "./lstm_language_model_network.ts";
import { createLstmSequenceToSequence } from "./lstm_sequence_to_sequence_network.ts";
import type { LanguageModel, Model, SequenceToSequenceModel } from "./model.ts";
import { createOwnModel } from "./create_own_model.ts";
import type { ModelContext } from "./_parameters.ts";
import { createRnnLanguageModel } from "./rnn_language_model_network.ts";
import { createTransformerLanguageModel } from "./transformer_language_model_network.ts";

type Network<Built> = (complete: never, context: never) => Built;

/** The network of every kind of model. */
const networks:
  & { readonly [Kind in ModelSpecification["kind"]]: Network<LanguageModel> }
  & {
    readonly [Kind in SequenceToSequenceSpecification["kind"]]: Network<SequenceToSequenceModel>;
  } = {
    gruLanguageModel: createGruLanguageModel,
    llamaLanguageModel: createLlamaLanguageModel,
    lstmLanguageModel: createLstmLanguageModel,
    rnnLanguageModel: createRnnLanguageModel,
    transformerLanguageModel: createTransformerLanguageModel,
    ownModel: createOwnModel,
    lstmSequenceToSequence: createLstmSequenceToSequence,
  };

/**
 * Builds the model that a specification describes, with what its JSON leaves out; see the model's own
 * file. Sources have the vocabulary of targets where they have none of their own.
 */
export function createAnyModel(
  specification: AnyModelSpecification,
  context: ModelContext & Partial<SequenceToSequenceContext>,
): Model {
  const { vocabularySize, sourceVocabularySize = vocabularySize } = context;
  return networks[specification.kind](
    complete(specification) as never,
    { ...context, sourceVocabularySize } as never,
  );
}

/** The same of a model of texts. */
export function createModel(
  specification: ModelSpecification,
  context: ModelContext,
): LanguageModel {
  return createAnyModel(specification, context) as LanguageModel;
}

/** The same of a model of pairs. */
export function createSequenceToSequence(
  specification: SequenceToSequenceSpecification,
  context: SequenceToSequenceContext,
): SequenceToSequenceModel {
  return createAnyModel(specification, context) as SequenceToSequenceModel;
}
