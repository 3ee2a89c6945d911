import { checkOneOf } from "../core/check.ts";
import { entryOf } from "../core/entry_of.ts";
import { gruLanguageModelKind, type GruLanguageModelSpecification } from "./gru_language_model.ts";
import type { ModelKind } from "./kind.ts";
import {
  llamaLanguageModelKind,
  type LlamaLanguageModelSpecification,
} from "./llama_language_model.ts";
import {
  lstmLanguageModelKind,
  type LstmLanguageModelSpecification,
} from "./lstm_language_model.ts";
import {
  lstmSequenceToSequenceKind,
  type LstmSequenceToSequenceSpecification,
} from "./lstm_sequence_to_sequence.ts";
import { ownModelKind, type OwnModelSpecification } from "./own_model.ts";
import { rnnLanguageModelKind, type RnnLanguageModelSpecification } from "./rnn_language_model.ts";
import {
  transformerLanguageModelKind,
  type TransformerLanguageModelSpecification,
} from "./transformer_language_model.ts";

/** A model of texts, as plain JSON. */
export type ModelSpecification =
  | GruLanguageModelSpecification
  | LlamaLanguageModelSpecification
  | LstmLanguageModelSpecification
  | RnnLanguageModelSpecification
  | TransformerLanguageModelSpecification
  | OwnModelSpecification;

/** A model of pairs, as plain JSON. */
export type SequenceToSequenceSpecification = LstmSequenceToSequenceSpecification;

/** Any model that a study can train, as plain JSON. */
export type AnyModelSpecification = ModelSpecification | SequenceToSequenceSpecification;

type Kinds<Specification extends { readonly kind: string }> = {
  readonly [Kind in Specification["kind"]]: ModelKind<Extract<Specification, { kind: Kind }>>;
};

/** Every kind of model of texts. */
export const languageModels: Kinds<ModelSpecification> = {
  gruLanguageModel: gruLanguageModelKind,
  llamaLanguageModel: llamaLanguageModelKind,
  lstmLanguageModel: lstmLanguageModelKind,
  rnnLanguageModel: rnnLanguageModelKind,
  transformerLanguageModel: transformerLanguageModelKind,
  ownModel: ownModelKind,
};

/** Every kind of model of pairs. */
const pairModels: Kinds<SequenceToSequenceSpecification> = {
  lstmSequenceToSequence: lstmSequenceToSequenceKind,
};

/** Every kind of model. */
export const allModels: Kinds<AnyModelSpecification> = { ...languageModels, ...pairModels };

/** What is known of the kind of a model. */
export function modelKindOf({ kind }: AnyModelSpecification): ModelKind<AnyModelSpecification> {
  return allModels[kind] as unknown as ModelKind<AnyModelSpecification>;
}

/** Checks the specification of a model of texts that came as JSON and fills its defaults. */
export function validateModel(json: unknown): ModelSpecification {
  const { kind, ...options } = (json ?? {}) as { kind?: ModelSpecification["kind"] };
  checkOneOf("model.kind", kind, Object.keys(languageModels));
  return languageModels[kind!].create(options as never);
}

/** The same of a model of pairs. */
export function validateSequenceToSequence(json: unknown): SequenceToSequenceSpecification {
  const { kind, ...options } = (json ?? {}) as { kind?: SequenceToSequenceSpecification["kind"] };
  checkOneOf("model.kind, for pairs,", kind, Object.keys(pairModels));
  return pairModels[kind!].create(options as never);
}

const roles: { readonly [option: string]: "size" | "strength" | "choice" } = Object.assign(
  {},
  ...Object.values(allModels).map(({ roles }) => roles),
);

/** What the option at a place such as `model.hiddenSize` is for; undefined where no kind says it. */
export function modelRole(path: string): "size" | "strength" | "choice" | undefined {
  const [, option] = /^model\.(\w+)/.exec(path) ?? [];
  return entryOf(roles, option);
}
