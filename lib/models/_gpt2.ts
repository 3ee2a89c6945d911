import { boolean, integer, oneOf, orAbsent, orNotGiven } from "../core/options.ts";
import type { Counterpart, HuggingFaceForm } from "./kind.ts";
import { readConfig } from "./_read_config.ts";

/** What files say of a `transformerLanguageModel`. */
interface Transformer {
  readonly embeddingSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly blockSize: number;
  readonly bias: boolean;
  readonly tiedWeights: boolean;
  readonly geluApproximation: "none" | "tanh";
  readonly inputDropout: number;
  readonly residualDropout: number;
  readonly attentionDropout?: number;
}

const positive = integer({ from: 1 });
const size = (byDefault: number) => orNotGiven(integer({ from: 1 }, byDefault));
/** What the model does not do, and its files say they do not. */
const never = orNotGiven(oneOf([false], false));
/** ε of our layer norms. */
const epsilon = 1e-5;

/** What a config.json leaves out is GPT-2's smallest model, as in transformers. */
const described = {
  model_type: oneOf(["gpt2"]),
  n_embd: size(768),
  n_layer: size(12),
  n_head: size(12),
  n_positions: size(1024),
  n_inner: orNotGiven(orAbsent(positive)),
  activation_function: orNotGiven(
    oneOf(["gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu"], "gelu_new"),
  ),
  layer_norm_epsilon: orNotGiven(oneOf([epsilon], epsilon)),
  scale_attn_weights: orNotGiven(oneOf([true], true)),
  scale_attn_by_inverse_layer_idx: never,
  add_cross_attention: never,
  tie_word_embeddings: orNotGiven(boolean(true)),
};

/** GPT-2, whose projections are stored as they are multiplied: [inputs, outputs]. */
export const gpt2HuggingFace: HuggingFaceForm<Transformer> = {
  modelTypes: ["gpt2"],
  prefix: "transformer.",
  fromConfig(config) {
    const read = readConfig(config, described);
    const { n_embd: embeddingSize, n_inner: inner = 4 * embeddingSize } = read;
    if (inner !== 4 * embeddingSize) {
      throw new RangeError(
        `config.json: n_inner must be null or 4 n_embd, ${4 * embeddingSize}, found ${inner}.`,
      );
    }
    return {
      embeddingSize,
      layers: read.n_layer,
      heads: read.n_head,
      blockSize: read.n_positions,
      bias: true,
      tiedWeights: read.tie_word_embeddings,
      geluApproximation: read.activation_function === "gelu" ? "none" : "tanh",
    };
  },
  toConfig(specification, vocabularySize) {
    if (!specification.bias) {
      throw new RangeError(
        "Cannot write a config.json: GPT-2 in Hugging Face's transformers has biases; found a " +
          "transformerLanguageModel with bias false.",
      );
    }
    return {
      architectures: ["GPT2LMHeadModel"],
      model_type: "gpt2",
      vocab_size: vocabularySize,
      n_embd: specification.embeddingSize,
      n_layer: specification.layers,
      n_head: specification.heads,
      n_positions: specification.blockSize,
      n_inner: null,
      activation_function: specification.geluApproximation === "tanh" ? "gelu_new" : "gelu",
      layer_norm_epsilon: epsilon,
      embd_pdrop: specification.inputDropout,
      resid_pdrop: specification.residualDropout,
      attn_pdrop: specification.attentionDropout ?? 0,
      tie_word_embeddings: specification.tiedWeights,
      dtype: "float32",
      torch_dtype: "float32",
    };
  },
  tensors: (specification) => parameters(specification, false),
  isNoParameter: ({ tiedWeights }, name) =>
    /\.attn\.(masked_)?bias$/.test(name) || (tiedWeights && name === "lm_head.weight"),
};

/** The parameters of nanoGPT, whose linear layers are stored as [outputs, inputs]. */
export function nanoGptParameters(specification: Transformer): Counterpart[] {
  return parameters(specification, true);
}

function parameters(
  { layers, bias, tiedWeights }: Transformer,
  transposed: boolean,
): Counterpart[] {
  const norm = (ours: string, theirs: string): Counterpart[] => [
    { ours: `${ours}/gain`, theirs: [`${theirs}.weight`] },
    ...(bias ? [{ ours: `${ours}/shift`, theirs: [`${theirs}.bias`] }] : []),
  ];
  const linear = (ours: string, theirs: string): Counterpart[] => [
    { ours: `${ours}/kernel`, theirs: [`${theirs}.weight`], transposed },
    ...(bias ? [{ ours: `${ours}/bias`, theirs: [`${theirs}.bias`] }] : []),
  ];
  return [
    { ours: "embedding/table", theirs: ["transformer.wte.weight"] },
    { ours: "positions/table", theirs: ["transformer.wpe.weight"] },
    ...Array.from({ length: layers }, (_, index) => {
      const [ours, theirs] = [`block${index}`, `transformer.h.${index}`];
      return [
        ...norm(`${ours}/attentionNorm`, `${theirs}.ln_1`),
        ...linear(`${ours}/attention`, `${theirs}.attn.c_attn`),
        ...linear(`${ours}/attentionOutput`, `${theirs}.attn.c_proj`),
        ...norm(`${ours}/feedForwardNorm`, `${theirs}.ln_2`),
        ...linear(`${ours}/feedForward`, `${theirs}.mlp.c_fc`),
        ...linear(`${ours}/feedForwardOutput`, `${theirs}.mlp.c_proj`),
      ];
    }).flat(),
    ...norm("finalNorm", "transformer.ln_f"),
    ...(tiedWeights
      ? []
      : [{ ours: "output/kernel", theirs: ["lm_head.weight"], transposed: true }]),
  ];
}
