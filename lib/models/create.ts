import { complete } from "../core/left_out.ts";
import { createGruLanguageModel } from "./gru_language_model_network.ts";
import {
  type AnyModelSpecification,
  languageModels,
  type ModelSpecification,
  type SequenceToSequenceSpecification,
} from "./kinds.ts";
import { createLstmLanguageModel } from "./lstm_language_model_network.ts";
import {
  createLstmSequenceToSequence,
  type SequenceToSequenceContext,
} from "./lstm_sequence_to_sequence_network.ts";
import type { LanguageModel, Model, SequenceToSequenceModel } from "./model.ts";
import { createOwnModel } from "./create_own_model.ts";
import type { ModelContext } from "./_parameters.ts";
import { createRnnLanguageModel } from "./rnn_language_model_network.ts";
import { createTransformerLanguageModel } from "./transformer_language_model_network.ts";

/** The network of every kind of model of texts. */
const languageModelNetworks: {
  readonly [Kind in ModelSpecification["kind"]]: (
    complete: never,
    context: ModelContext,
  ) => LanguageModel;
} = {
  gruLanguageModel: createGruLanguageModel,
  lstmLanguageModel: createLstmLanguageModel,
  rnnLanguageModel: createRnnLanguageModel,
  transformerLanguageModel: createTransformerLanguageModel,
  ownModel: createOwnModel,
};

/** The same of models of pairs. */
const pairNetworks: {
  readonly [Kind in SequenceToSequenceSpecification["kind"]]: (
    complete: never,
    context: SequenceToSequenceContext,
  ) => SequenceToSequenceModel;
} = {
  lstmSequenceToSequence: createLstmSequenceToSequence,
};

/** Builds the model of texts that a specification describes; see the model's own file. */
export function createModel(
  specification: ModelSpecification,
  context: ModelContext,
): LanguageModel {
  return languageModelNetworks[specification.kind](complete(specification) as never, context);
}

/** The same of a model of pairs. */
export function createSequenceToSequence(
  specification: SequenceToSequenceSpecification,
  context: SequenceToSequenceContext,
): SequenceToSequenceModel {
  return pairNetworks[specification.kind](complete(specification) as never, context);
}

/** The same of either; sources have the vocabulary of targets where they have none of their own. */
export function createAnyModel(
  specification: AnyModelSpecification,
  context: ModelContext & Partial<SequenceToSequenceContext>,
): Model {
  return isLanguageModel(specification)
    ? createModel(specification, context)
    : createSequenceToSequence(specification, {
      ...context,
      sourceVocabularySize: context.sourceVocabularySize ?? context.vocabularySize,
    });
}

function isLanguageModel(
  specification: AnyModelSpecification,
): specification is ModelSpecification {
  return Object.hasOwn(languageModels, specification.kind);
}
