import { checkOneOf } from "../core/check.ts";
import type { ModelContext } from "./_parameters.ts";
import { createOwnModel } from "./create_own_model.ts";
import {
  createGruLanguageModel,
  gruLanguageModel,
  type GruLanguageModelSpecification,
} from "./gru_language_model.ts";
import {
  createLstmLanguageModel,
  lstmLanguageModel,
  type LstmLanguageModelSpecification,
} from "./lstm_language_model.ts";
import type { LanguageModel } from "./model.ts";
import { ownModel, type OwnModelSpecification } from "./own_model.ts";
import {
  createRnnLanguageModel,
  rnnLanguageModel,
  type RnnLanguageModelSpecification,
} from "./rnn_language_model.ts";
import {
  createTransformerLanguageModel,
  transformerLanguageModel,
  type TransformerLanguageModelSpecification,
} from "./transformer_language_model.ts";

/** Any model that can be specified. */
export type ModelSpecification =
  | GruLanguageModelSpecification
  | LstmLanguageModelSpecification
  | RnnLanguageModelSpecification
  | TransformerLanguageModelSpecification
  | OwnModelSpecification;

type Kind = ModelSpecification["kind"];

/** Constructor (which is the validator) and builder of each kind. */
const models: {
  readonly [K in Kind]: {
    specify(options: never): Extract<ModelSpecification, { kind: K }>;
    create(specification: never, context: ModelContext): LanguageModel;
  };
} = {
  gruLanguageModel: { specify: gruLanguageModel, create: createGruLanguageModel },
  lstmLanguageModel: { specify: lstmLanguageModel, create: createLstmLanguageModel },
  rnnLanguageModel: { specify: rnnLanguageModel, create: createRnnLanguageModel },
  transformerLanguageModel: {
    specify: transformerLanguageModel,
    create: createTransformerLanguageModel,
  },
  ownModel: { specify: ownModel, create: createOwnModel },
};

/** Checks a model specification that came as JSON and fills its defaults. */
export function validateModel(json: unknown): ModelSpecification {
  const { kind, ...options } = (json ?? {}) as { kind?: unknown };
  checkOneOf("model.kind", kind, Object.keys(models));
  return models[kind as Kind].specify(options as never);
}

/** Builds the model that a specification describes; see the model's own file. */
export function createModel(
  specification: ModelSpecification,
  context: ModelContext,
): LanguageModel {
  return models[specification.kind].create(specification as never, context);
}
