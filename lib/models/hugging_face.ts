import { checkObject, checkOneOf } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { languageModels, type ModelSpecification } from "./kinds.ts";
import type { ModelKind } from "./kind.ts";

/**
 * The model that a config.json of Hugging Face's transformers describes, without dropout.
 *
 * @param config What the file holds.
 * @returns Plain JSON: with other dropouts it is an argument of its own constructor.
 * @throws {TypeError | RangeError} If the model's type is not known, or the file asks for what the model
 * does not do: other rotary positions, activations, biases.
 *
 * @example
 * ```ts
 * import { modelFromConfig } from "./hugging_face.ts";
 * import assert from "node:assert/strict";
 * const config = {
 *   ...{ model_type: "llama", hidden_size: 8, intermediate_size: 24, num_hidden_layers: 2 },
 *   ...{ num_attention_heads: 4, num_key_value_heads: 2, tie_word_embeddings: true },
 * };
 * const model = modelFromConfig(config);
 * assert.equal(model.kind === "llamaLanguageModel" && model.keyValueHeads, 2);
 * assert.throws(() => modelFromConfig({ ...config, model_type: "bert" }), /one of "gpt2", "llama"/);
 * assert.throws(() => modelFromConfig({ ...config, hidden_act: "gelu" }), /must be "silu", found "gelu"/);
 * ```
 */
export function modelFromConfig(config: unknown): ModelSpecification {
  checkObject("config.json", config);
  const { model_type } = config as { readonly model_type?: string };
  const kinds = Object.values(languageModels) as unknown as readonly ModelKind<
    ModelSpecification
  >[];
  const known = kinds.flatMap(({ create, huggingFace }) =>
    (huggingFace?.modelTypes ?? []).map((type) => ({ type, create, form: huggingFace! }))
  ).sort((a, b) => a.type < b.type ? -1 : 1);
  checkOneOf("config.json: model_type", model_type!, known.map(({ type }) => type));
  const { create, form } = known.find(({ type }) => type === model_type)!;
  return create(form.fromConfig(config as JsonObject) as never);
}
