/** What is read of a config.json of transformers, and what is written. */
import assert from "node:assert/strict";
import { modelFromConfig } from "./hugging_face.ts";
import { modelKindOf, type ModelSpecification } from "./kinds.ts";
import { llamaLanguageModel } from "./llama_language_model.ts";
import { transformerLanguageModel } from "./transformer_language_model.ts";

const llama = {
  ...{ model_type: "llama", vocab_size: 50, hidden_size: 24, intermediate_size: 40 },
  ...{ num_hidden_layers: 2, num_attention_heads: 6, num_key_value_heads: 2 },
};
const gpt2 = { model_type: "gpt2", n_embd: 12, n_layer: 2, n_head: 3, n_positions: 10 };

/** Some fields of the model of a config. */
function read(config: object, fields: readonly string[]): unknown[] {
  const model = modelFromConfig(config) as unknown as Record<string, unknown>;
  return fields.map((field) => model[field]);
}

Deno.test("a config.json of transformers 4 has its θ beside the sizes, one of 5 in rope_parameters", () => {
  const theta = (more: object) => read({ ...llama, ...more }, ["ropeTheta"])[0];
  assert.equal(theta({}), 10_000);
  assert.equal(theta({ rope_theta: 5e5, rope_scaling: null }), 5e5);
  assert.equal(theta({ rope_parameters: { rope_theta: 1e5, rope_type: "default" } }), 1e5);
  assert.equal(theta({ rope_theta: 3, rope_scaling: { type: "default" } }), 3);
});

Deno.test("what a config.json leaves out is what transformers' class of that model has", () => {
  const fields = ["blockSize", "keyValueHeads", "headSize", "normEpsilon", "tiedWeights"];
  const { num_key_value_heads: _, ...bare } = { ...llama, num_attention_heads: 4 };
  assert.deepEqual(read(bare, fields), [2048, 4, 6, 1e-6, false]);
  const given = { ...llama, num_attention_heads: 4, num_key_value_heads: null };
  assert.deepEqual(read({ ...given, model_type: "mistral" }, fields), [4096, 4, 6, 1e-6, false]);
  assert.deepEqual(read({ ...given, model_type: "qwen2" }, fields), [32_768, 4, 6, 1e-6, false]);
  assert.deepEqual(read({ ...given, model_type: "qwen3" }, fields), [32_768, 4, 128, 1e-6, false]);
  assert.deepEqual(
    read({ model_type: "gpt2" }, ["embeddingSize", "layers", "heads", "blockSize", "tiedWeights"]),
    [768, 12, 12, 1024, true],
  );
});

Deno.test("a sliding window is the longest that is read: in it attention sees everything", () => {
  const block = (more: object) => read({ ...llama, ...more }, ["blockSize"])[0];
  assert.equal(block({ model_type: "mistral", sliding_window: 512 }), 512);
  assert.equal(block({ model_type: "mistral", sliding_window: null }), 131_072);
  assert.equal(block({ model_type: "qwen2", sliding_window: 512 }), 32_768);
  const slides = { model_type: "qwen2", sliding_window: 512, use_sliding_window: true };
  assert.equal(block(slides), 512);
  assert.equal(block({ ...slides, max_position_embeddings: 100 }), 100);
});

Deno.test("a config.json that asks for what these models do not do is refused with its value and those allowed", () => {
  const refusals: [unknown, RegExp][] = [
    [null, /config\.json/],
    [{ ...llama, model_type: "gemma" }, /model_type must be one of "gpt2", "llama", .* "gemma"/],
    [{ ...llama, hidden_act: "gelu" }, /hidden_act must be "silu", found "gelu"/],
    [{ ...llama, attention_bias: true }, /attention_bias must be false, found true/],
    [{ ...llama, mlp_bias: true }, /mlp_bias must be false, found true/],
    [{ ...llama, hidden_size: undefined }, /hidden_size/],
    [{ ...llama, num_key_value_heads: 4 }, /multiple of keyValueHeads, found 6 and 4/],
    [
      { ...llama, rope_scaling: { rope_type: "llama3", factor: 8 } },
      /rope_scaling\.rope_type must be "default", found "llama3"/,
    ],
    [{ ...llama, rope_scaling: { type: "linear" } }, /"default", found "linear"/],
    [
      { ...llama, rope_parameters: { rope_theta: 1, rope_type: "yarn" } },
      /rope_parameters\.rope_type must be "default", found "yarn"/,
    ],
    [
      { ...llama, rope_parameters: { rope_theta: 1, partial_rotary_factor: 0.5 } },
      /partial_rotary_factor must be 1, found 0\.5/,
    ],
    [{ ...gpt2, activation_function: "relu" }, /activation_function must be one of "gelu_new"/],
    [{ ...gpt2, n_inner: 20 }, /n_inner must be null or 4 n_embd, 48, found 20/],
    [{ ...gpt2, layer_norm_epsilon: 1e-6 }, /layer_norm_epsilon must be 0\.00001/],
    [{ ...gpt2, scale_attn_by_inverse_layer_idx: true }, /scale_attn_by_inverse_layer_idx/],
    [{ ...gpt2, add_cross_attention: true }, /add_cross_attention must be false/],
  ];
  for (const [config, message] of refusals) assert.throws(() => modelFromConfig(config), message);
});

Deno.test("the config.json that a model writes is read as that model, but for dropout and initializers", () => {
  const sizes = { embeddingSize: 24, layers: 2, heads: 6, blockSize: 32 };
  const models: readonly ModelSpecification[] = [
    llamaLanguageModel({ ...sizes, keyValueHeads: 3, ropeTheta: 77, normEpsilon: 1e-6 }),
    llamaLanguageModel({ ...sizes, headSize: 8, feedForwardSize: 30, tiedWeights: false }),
    llamaLanguageModel({ ...sizes, queryKeyValueBias: true }),
    llamaLanguageModel({ ...sizes, queryKeyNorm: true }),
    transformerLanguageModel(sizes),
    transformerLanguageModel({ ...sizes, geluApproximation: "tanh", tiedWeights: false }),
  ];
  for (const model of models) {
    const config = modelKindOf(model).huggingFace!.toConfig(model, 50);
    assert.equal(config.vocab_size, 50);
    assert.deepEqual(modelFromConfig(JSON.parse(JSON.stringify(config))), model);
  }
  const config = (model: ModelSpecification) => () =>
    modelKindOf(model).huggingFace!.toConfig(model, 50);
  assert.throws(
    config(llamaLanguageModel({ ...sizes, queryKeyNorm: true, queryKeyValueBias: true })),
    /no model with queryKeyValueBias and queryKeyNorm; found both/,
  );
  assert.throws(config(transformerLanguageModel({ ...sizes, bias: false })), /has biases; found/);
});
