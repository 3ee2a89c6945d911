import { checkOneOf } from "../core/check.ts";
import {
  createGruLanguageModel,
  gruLanguageModel,
  type GruLanguageModelSpecification,
} from "./gru_language_model.ts";
import type { LanguageModel } from "./model.ts";

/** Any model that can be specified. */
export type ModelSpecification = GruLanguageModelSpecification;

/** Checks a model specification that came as JSON and fills its defaults. */
export function validateModel(json: unknown): ModelSpecification {
  const { kind, ...options } = (json ?? {}) as { kind?: unknown };
  checkOneOf("model.kind", kind as string, ["gruLanguageModel"]);
  return gruLanguageModel(options as Parameters<typeof gruLanguageModel>[0]);
}

/** Builds the model that a specification describes; see the model's own file. */
export function createModel(
  specification: ModelSpecification,
  context: { vocabularySize: number; seed: number; fold: number | string },
): LanguageModel {
  return createGruLanguageModel(specification, context);
}
