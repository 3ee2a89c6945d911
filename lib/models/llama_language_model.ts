import { stored } from "../core/left_out.ts";
import { longestText } from "../core/limits.ts";
import {
  boolean,
  checkOptions,
  type Given,
  integer,
  number,
  orAbsent,
  orNotGiven,
} from "../core/options.ts";
import { transformerInitializers } from "./initialization.ts";
import { type Initializer } from "./initializers.ts";
import type { Activations, ActivationSizes, ModelKind } from "./kind.ts";
import { llamaHuggingFace, llamaTensors } from "./_llama_hugging_face.ts";
import {
  blockActivations,
  type BlockInitialization,
  blockOptions,
  blockRoles,
} from "./_block_options.ts";
import { layers, size } from "./_recurrent_options.ts";

/** A language model of the Llama family, as plain JSON. */
export interface LlamaLanguageModelSpecification {
  /** Tells it from other models. */
  readonly kind: "llamaLanguageModel";
  /** Width of a token's vector and of everything between the blocks, from 1. */
  readonly embeddingSize: number;
  /** Blocks on top of each other, from 1. */
  readonly layers: number;
  /** Heads of queries in each attention, from 1, a multiple of `keyValueHeads`. */
  readonly heads: number;
  /** Heads of keys and values, each read by as many heads of queries; `heads` if not given. */
  readonly keyValueHeads: number;
  /** Columns of a head, an even number; embeddingSize / heads if not given. */
  readonly headSize: number;
  /**
   * Width of the feed-forward layers; if not given the next multiple of 8 from 8/3 embeddingSize, which
   * has about the weights of a GPT-2's.
   */
  readonly feedForwardSize: number;
  /** Tokens that are read at once at most, from 1: windowLength in training may be at most that. */
  readonly blockSize: number;
  /**
   * θ of the rotary positions, above 0.
   *
   * @default {10000}
   */
  readonly ropeTheta: number;
  /**
   * ε of the norms, above 0.
   *
   * @default {0.00001}
   */
  readonly normEpsilon: number;
  /**
   * Whether the output kernel is the embedding's table, transposed (then penalties see it as an
   * embedding).
   *
   * @default {true}
   */
  readonly tiedWeights: boolean;
  /**
   * Whether queries, keys and values have biases, as in Qwen 2.
   *
   * @default {false}
   */
  readonly queryKeyValueBias: boolean;
  /**
   * Whether each head of queries and of keys is normalized, as in Qwen 3.
   *
   * @default {false}
   */
  readonly queryKeyNorm: boolean;
  /**
   * Share of the tokens' vectors set to 0 in training, in [0, 1).
   *
   * @default {0}
   */
  readonly inputDropout: number;
  /**
   * Share of what each attention and feed-forward layer adds set to 0 in training, in [0, 1).
   *
   * @default {0}
   */
  readonly residualDropout: number;
  /**
   * Share of each head's attention weights set to 0 in training, after the softmax, in [0, 1).
   *
   * @default {0}
   */
  readonly attentionDropout: number;
  /**
   * Share of the sequences for which the last block's attention is left out in training, and by another
   * mask its feed-forward layer, in [0, 1); in block l of L the share is l/L of this.
   *
   * @default {0}
   */
  readonly stochasticDepth: number;
  /** Initial vectors of tokens; those of `initialization` if not given, as all. */
  readonly embeddingInitializer: Initializer;
  /** Initial kernels, but for those of the next line. */
  readonly kernelInitializer: Initializer;
  /** Initial kernels W_o and W_down, whose results are added to the residual stream. */
  readonly residualInitializer: Initializer;
  /** Initial biases of queries, keys and values. Gains begin at 1. */
  readonly biasInitializer: Initializer;
}

/** What {@link llamaLanguageModel} takes. */
export type LlamaLanguageModelOptions =
  & Given<
    LlamaLanguageModelSpecification,
    Exclude<
      keyof LlamaLanguageModelSpecification,
      "kind" | "embeddingSize" | "layers" | "heads" | "blockSize"
    >
  >
  & BlockInitialization;

const flag = orNotGiven(boolean(false));
/** A size that follows from the others where it is not given. */
const derivedSize = orNotGiven(orAbsent(size));

const llamaOptions = {
  embeddingSize: size,
  layers,
  heads: size,
  keyValueHeads: derivedSize,
  headSize: derivedSize,
  feedForwardSize: derivedSize,
  // Nothing is as long as it: files say 131,072 and more.
  blockSize: integer({ from: 1, to: longestText }),
  ropeTheta: orNotGiven(number({ above: 0 }, 10_000)),
  normEpsilon: orNotGiven(number({ above: 0 }, 1e-5)),
  tiedWeights: orNotGiven(boolean(true)),
  queryKeyValueBias: flag,
  queryKeyNorm: flag,
  ...blockOptions,
};

/**
 * Specifies a decoder-only Transformer language model as Llama (Touvron et al. 2023): RMSNorm before each
 * layer (Zhang and Sennrich 2019), rotary positions (Su et al. 2021), a gated feed-forward layer (SwiGLU,
 * Shazeer 2020), and fewer heads of keys and values than of queries where asked for (Ainslie et al. 2023).
 * Linear layers have no biases. SmolLM2, Llama 2 and 3, Mistral and, with an option each, Qwen 2 and 3 are
 * of this shape.
 *
 * With x a token's vector and norm(x) = x / √(mean x² + ε) ∘ gain, in each block:
 *
 * - x ← x + attention(R(norm(x) W_q), R(norm(x) W_k), norm(x) W_v) W_o, causal; of the `heads` heads of
 *   queries each heads / keyValueHeads successive ones read one head of keys and values
 * - x ← x + (silu(norm(x) W_gate) ∘ norm(x) W_up) W_down, silu(z) = z / (1 + e^−z)
 *
 * and logits = norm(x) W_out; with tied weights W_out is the table of tokens, transposed. R turns columns i
 * and i + headSize/2 of a head at position t by the angle t θ^(−2i/headSize): the order of Hugging Face's
 * files, where the paper and Meta's files pair 2i and 2i + 1.
 *
 * With `queryKeyValueBias` b is added to queries, keys and values; with `queryKeyNorm` each head of queries
 * and keys is normalized before R, with one gain for all heads of queries and one for those of keys.
 *
 * Dropout and `stochasticDepth` are those of {@link transformerLanguageModel}. Kernels begin as GPT-2's by
 * default; Hugging Face's own Llama does not divide those of W_o and W_down by √(2 · layers).
 *
 * Text is generated with the keys and values of what was read kept, up to `blockSize` tokens; from there on
 * the last ones are read anew.
 *
 * @param options See {@link LlamaLanguageModelSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} If an option is unknown or out of its range, or sizes do not fit.
 *
 * @example
 * ```ts
 * import { llamaLanguageModel } from "./llama_language_model.ts";
 * import assert from "node:assert/strict";
 * // SmolLM2-135M
 * const sizes = { embeddingSize: 576, layers: 30, heads: 9, keyValueHeads: 3, blockSize: 8192 };
 * const model = llamaLanguageModel({ ...sizes, ropeTheta: 100_000 });
 * assert.deepEqual([model.headSize, model.feedForwardSize], [64, 1536]);
 * assert.throws(() => llamaLanguageModel({ ...sizes, keyValueHeads: 4 }), /multiple of keyValueHeads/);
 * ```
 */
export function llamaLanguageModel(
  options: LlamaLanguageModelOptions,
): LlamaLanguageModelSpecification {
  const kind = "llamaLanguageModel";
  const { initialization, ...given } = checkOptions(kind, options, llamaOptions);
  const { embeddingSize, heads } = given;
  const { keyValueHeads = heads, headSize = embeddingSize / heads } = given;
  const { feedForwardSize = 8 * Math.ceil(embeddingSize / 3) } = given;
  if (heads % keyValueHeads !== 0) {
    throw new RangeError(
      `${kind}: heads must be a multiple of keyValueHeads, found ${heads} and ${keyValueHeads}.`,
    );
  }
  if (!Number.isInteger(headSize / 2)) {
    throw new RangeError(
      `${kind}: headSize must be an even number, found ${
        given.headSize ?? `embeddingSize / heads = ${embeddingSize} / ${heads}`
      }.`,
    );
  }
  const initializers = transformerInitializers(initialization, given);
  return stored(
    { kind, ...initializers, ...given, keyValueHeads, headSize, feedForwardSize },
  ) as LlamaLanguageModelSpecification;
}

/** What is known of {@link llamaLanguageModel} without its network. */
export const llamaLanguageModelKind: ModelKind<LlamaLanguageModelSpecification> = {
  create: llamaLanguageModel,
  options: llamaOptions,
  name: "Llama language model",
  formula: "x ← x + attention(R(norm(x) W_q), R(norm(x) W_k), norm(x) W_v) W_o, " +
    "x ← x + (silu(norm(x) W_gate) ∘ norm(x) W_up) W_down in each block, logits = norm(x) W_out",
  tex: String.raw`x \leftarrow x +
    \mathrm{attention}(R(\mathrm{norm}(x) W_q), R(\mathrm{norm}(x) W_k), \mathrm{norm}(x) W_v) W_o, \qquad
    x \leftarrow x + (\mathrm{silu}(\mathrm{norm}(x) W_{\text{gate}}) \circ
    \mathrm{norm}(x) W_{\text{up}}) W_{\text{down}}, \qquad
    \mathrm{logits} = \mathrm{norm}(x) W_{\text{out}}`,
  roles: {
    ...blockRoles,
    keyValueHeads: "size",
    headSize: "size",
    feedForwardSize: "size",
  },
  carriesState: false,
  recomputesBlocks: true,
  longestWindow: "blockSize",
  outputs: ({ embeddingSize, layers, heads, keyValueHeads, headSize, feedForwardSize }) =>
    embeddingSize * (1 + 2 * layers) +
    layers * ((heads + 2 * keyValueHeads) * headSize + 2 * feedForwardSize),
  activations: llamaActivations,
  furtherFlops: ({ heads, headSize, layers }, windowLength) =>
    4 * windowLength * (heads as number) * (headSize as number) * (layers as number),
  counterparts: llamaTensors,
  huggingFace: llamaHuggingFace,
};

/** Norms, projections before and after they turn, sums and the gated layer; probabilities that are kept. */
function llamaActivations(
  specification: LlamaLanguageModelSpecification,
  sizes: ActivationSizes,
): Activations {
  const { embeddingSize, layers, heads, keyValueHeads, headSize, feedForwardSize } = specification;
  const turned = (specification.queryKeyNorm ? 4 : 3) * headSize * (heads + keyValueHeads);
  return {
    fixed: 4 * embeddingSize + 2 * feedForwardSize,
    layers,
    layer: 4 * embeddingSize + turned + 3 * feedForwardSize +
      blockActivations(specification, sizes),
    kept: embeddingSize,
  };
}
