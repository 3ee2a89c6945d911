import { checkNumber, checkOneOf, show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { boolean, integer, number, oneOf, option, orAbsent, orNotGiven } from "../core/options.ts";
import type { Counterpart, HuggingFaceForm } from "./kind.ts";
import { readConfig } from "./_read_config.ts";

/** What files say of a `llamaLanguageModel`. */
interface Llama {
  readonly embeddingSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly feedForwardSize: number;
  readonly blockSize: number;
  readonly ropeTheta: number;
  readonly normEpsilon: number;
  readonly tiedWeights: boolean;
  readonly queryKeyValueBias: boolean;
  readonly queryKeyNorm: boolean;
  readonly attentionDropout: number;
}

interface Defaults {
  readonly blockSize: number;
  readonly slidingWindow: number | null;
  readonly keyValueHeads?: number;
  readonly headSize?: number;
}

const modelTypes = ["llama", "mistral", "qwen2", "qwen3"] as const;

/** What a config.json leaves out is this in transformers 5. */
const defaults: Readonly<Record<typeof modelTypes[number], Defaults>> = {
  llama: { blockSize: 2048, slidingWindow: null },
  mistral: { blockSize: 131_072, slidingWindow: 4096, keyValueHeads: 8 },
  qwen2: { blockSize: 32_768, slidingWindow: 4096, keyValueHeads: 32 },
  qwen3: { blockSize: 32_768, slidingWindow: 4096, keyValueHeads: 32, headSize: 128 },
};

const positive = integer({ from: 1 });
/** What no model here does, which files say it does not. */
const never = orNotGiven(oneOf([false], false));

const described = {
  model_type: oneOf(modelTypes),
  hidden_size: positive,
  intermediate_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  num_key_value_heads: orNotGiven(orAbsent(positive)),
  head_dim: orNotGiven(orAbsent(positive)),
  hidden_act: orNotGiven(oneOf(["silu"], "silu")),
  rms_norm_eps: orNotGiven(number({ above: 0 }, 1e-6)),
  max_position_embeddings: orNotGiven(orAbsent(positive)),
  tie_word_embeddings: orNotGiven(boolean(false)),
  attention_bias: never,
  mlp_bias: never,
  sliding_window: option((name, value) =>
    value === undefined || value === null ? value : positive.check(name, value)
  ),
  use_sliding_window: orNotGiven(orAbsent(boolean())),
  rope_theta: orNotGiven(orAbsent(number({ above: 0 }))),
  rope_scaling: option(plainRope),
  rope_parameters: option(plainRope),
};

/** Refuses positions that are not turned by θ alone; gives θ where it stands there. */
function plainRope(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") {
    throw new TypeError(`${name} must be an object or null, found ${show(value)}.`);
  }
  const { rope_theta, rope_type, type, partial_rotary_factor = 1 } = value as JsonObject;
  checkOneOf(`${name}.rope_type`, (rope_type ?? type ?? "default") as string, ["default"]);
  checkOneOf(`${name}.partial_rotary_factor`, partial_rotary_factor as number, [1]);
  return rope_theta === undefined
    ? undefined
    : checkNumber(`${name}.rope_theta`, rope_theta, { above: 0 });
}

/**
 * Llama, Mistral, Qwen 2 and Qwen 3. A Mistral's or Qwen's sliding window is what its blockSize is at most:
 * so far attention sees everything.
 */
export const llamaHuggingFace: HuggingFaceForm<Llama> = {
  modelTypes,
  prefix: "model.",
  fromConfig(config) {
    const read = readConfig(config, described);
    const type = defaults[read.model_type];
    const heads = read.num_attention_heads;
    const slides = read.model_type === "mistral" || read.use_sliding_window === true;
    const { sliding_window: slidingWindow = type.slidingWindow } = read;
    return {
      embeddingSize: read.hidden_size,
      layers: read.num_hidden_layers,
      heads,
      // Null stands for as many as of queries.
      keyValueHeads: read.num_key_value_heads ??
        (config.num_key_value_heads === null ? heads : type.keyValueHeads ?? heads),
      headSize: read.head_dim ?? type.headSize ?? read.hidden_size / heads,
      feedForwardSize: read.intermediate_size,
      blockSize: Math.min(
        read.max_position_embeddings ?? type.blockSize,
        slides && slidingWindow !== null ? slidingWindow : Infinity,
      ),
      ropeTheta: read.rope_parameters ?? read.rope_theta ?? 10_000,
      normEpsilon: read.rms_norm_eps,
      tiedWeights: read.tie_word_embeddings,
      queryKeyValueBias: read.model_type === "qwen2",
      queryKeyNorm: read.model_type === "qwen3",
    };
  },
  toConfig(specification, vocabularySize) {
    const { queryKeyValueBias, queryKeyNorm } = specification;
    if (queryKeyValueBias && queryKeyNorm) {
      throw new RangeError(
        `Cannot write a config.json: Hugging Face's transformers has no model with ` +
          `queryKeyValueBias and queryKeyNorm; found both.`,
      );
    }
    const type = queryKeyNorm ? "qwen3" : queryKeyValueBias ? "qwen2" : "llama";
    return {
      architectures: [`${type[0].toUpperCase()}${type.slice(1)}ForCausalLM`],
      model_type: type,
      vocab_size: vocabularySize,
      hidden_size: specification.embeddingSize,
      intermediate_size: specification.feedForwardSize,
      num_hidden_layers: specification.layers,
      num_attention_heads: specification.heads,
      num_key_value_heads: specification.keyValueHeads,
      head_dim: specification.headSize,
      hidden_act: "silu",
      rms_norm_eps: specification.normEpsilon,
      max_position_embeddings: specification.blockSize,
      tie_word_embeddings: specification.tiedWeights,
      attention_bias: false,
      attention_dropout: specification.attentionDropout,
      ...(type === "llama" ? { mlp_bias: false } : { use_sliding_window: false }),
      // As transformers 5 reads it, and as its predecessors do.
      rope_parameters: { rope_theta: specification.ropeTheta, rope_type: "default" },
      rope_theta: specification.ropeTheta,
      dtype: "float32",
      torch_dtype: "float32",
    };
  },
  tensors: llamaTensors,
  isNoParameter: ({ tiedWeights }, name) =>
    name.endsWith(".rotary_emb.inv_freq") || (tiedWeights && name === "lm_head.weight"),
};

/** The parameters of Hugging Face's LlamaForCausalLM and its like. */
export function llamaTensors(
  { layers, tiedWeights, queryKeyValueBias, queryKeyNorm }: Llama,
): Counterpart[] {
  const kernel = (ours: string, theirs: string): Counterpart => ({
    ours: `${ours}/kernel`,
    theirs: [`${theirs}.weight`],
    transposed: true,
  });
  const gain = (ours: string, theirs: string): Counterpart => ({
    ours: `${ours}/gain`,
    theirs: [`${theirs}.weight`],
  });
  const projection = (ours: string, theirs: string): Counterpart[] => [
    kernel(ours, theirs),
    ...(queryKeyValueBias ? [{ ours: `${ours}/bias`, theirs: [`${theirs}.bias`] }] : []),
  ];
  return [
    { ours: "embedding/table", theirs: ["model.embed_tokens.weight"] },
    ...Array.from({ length: layers }, (_, index) => {
      const [ours, theirs] = [`block${index}`, `model.layers.${index}`];
      return [
        gain(`${ours}/attentionNorm`, `${theirs}.input_layernorm`),
        ...projection(`${ours}/query`, `${theirs}.self_attn.q_proj`),
        ...projection(`${ours}/key`, `${theirs}.self_attn.k_proj`),
        ...projection(`${ours}/value`, `${theirs}.self_attn.v_proj`),
        ...(queryKeyNorm
          ? [
            gain(`${ours}/queryNorm`, `${theirs}.self_attn.q_norm`),
            gain(`${ours}/keyNorm`, `${theirs}.self_attn.k_norm`),
          ]
          : []),
        kernel(`${ours}/attentionOutput`, `${theirs}.self_attn.o_proj`),
        gain(`${ours}/feedForwardNorm`, `${theirs}.post_attention_layernorm`),
        kernel(`${ours}/gate`, `${theirs}.mlp.gate_proj`),
        kernel(`${ours}/up`, `${theirs}.mlp.up_proj`),
        kernel(`${ours}/down`, `${theirs}.mlp.down_proj`),
      ];
    }).flat(),
    gain("finalNorm", "model.norm"),
    ...(tiedWeights ? [] : [kernel("output", "lm_head")]),
  ];
}
