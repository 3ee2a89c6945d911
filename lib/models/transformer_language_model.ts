import { stored } from "../core/left_out.ts";
import { boolean, checkOptions, type Given, oneOf, orNotGiven } from "../core/options.ts";
import { gpt2HuggingFace, nanoGptParameters } from "./_gpt2.ts";
import { transformerInitializers } from "./initialization.ts";
import { type Initializer } from "./initializers.ts";
import type { Activations, ActivationSizes, ModelKind } from "./kind.ts";
import {
  blockActivations,
  type BlockInitialization,
  blockOptions,
  blockRoles,
} from "./_block_options.ts";
import { layers, size } from "./_recurrent_options.ts";

/** A Transformer language model, as plain JSON; absent options are at their defaults. */
export interface TransformerLanguageModelSpecification {
  /** Tells it from other models. */
  readonly kind: "transformerLanguageModel";
  /** Width of a token's vector and of everything between the blocks, from 1, a multiple of `heads`. */
  readonly embeddingSize: number;
  /** Blocks on top of each other, from 1. */
  readonly layers: number;
  /** Heads of each attention, from 1. */
  readonly heads: number;
  /** Positions that there are vectors for, from 1: windowLength in training may be at most that. */
  readonly blockSize: number;
  /**
   * Whether linear layers and layer norms have biases.
   *
   * @default {true}
   */
  readonly bias: boolean;
  /**
   * Whether the output kernel is the embedding's table, transposed (then penalties see it as an
   * embedding).
   *
   * @default {true}
   */
  readonly tiedWeights: boolean;
  /**
   * How GELU is computed: `none` as in nanoGPT; GPT-2 itself has `tanh`.
   *
   * @default {"none"}
   */
  readonly geluApproximation: "none" | "tanh";
  /**
   * Share of the sums of token and position vectors set to 0 in training, in [0, 1).
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
  readonly attentionDropout?: number;
  /**
   * Share of the sequences for which the last block's attention is left out in training, and by another
   * mask its feed-forward layer, in [0, 1); in block l of L the share is l/L of this.
   *
   * @default {0}
   */
  readonly stochasticDepth?: number;
  /** Initial vectors of tokens and positions; those of `initialization` if not given, as all. */
  readonly embeddingInitializer: Initializer;
  /** Initial kernels, but for those of the next line. */
  readonly kernelInitializer: Initializer;
  /** Initial kernels W_o and W_2, whose results are added to the residual stream. */
  readonly residualInitializer: Initializer;
  /** Initial biases of linear layers; absent for zeros. Gains begin at 1. */
  readonly biasInitializer?: Initializer;
}

/** What {@link transformerLanguageModel} takes. */
export type TransformerLanguageModelOptions =
  & Given<
    TransformerLanguageModelSpecification,
    Exclude<
      keyof TransformerLanguageModelSpecification,
      "kind" | "embeddingSize" | "layers" | "heads" | "blockSize"
    >
  >
  & BlockInitialization;

const flag = orNotGiven(boolean(true));

const transformerOptions = {
  embeddingSize: size,
  layers,
  heads: size,
  blockSize: size,
  bias: flag,
  tiedWeights: flag,
  geluApproximation: oneOf(["none", "tanh"], "none"),
  ...blockOptions,
};

/**
 * Specifies a decoder-only Transformer language model (Radford et al. 2019, GPT-2: pre-norm, learned
 * positions), as nanoGPT builds it.
 *
 * With x the sum of a token's and its position's vector, in each block:
 *
 * - x ← x + attention(norm(x) W + b) W_o + b_o, causal, with `heads` heads
 * - x ← x + gelu(norm(x) W_1 + b_1) W_2 + b_2, W_1 four times as wide as x
 *
 * and logits = norm(x) W_out without bias; with tied weights W_out is the table of tokens, transposed.
 *
 * In training dropout is on the input, on what the layers add to x and on the attention weights, as in
 * nanoGPT, each at a rate of its own.
 *
 * With `stochasticDepth` p (Huang et al. 2016) what attention adds to x in block l = 1 … L, and then what
 * the feed-forward layer adds, is left out for a whole sequence with probability p l/L: each by a mask of
 * its own, drawn for each sequence. What stays is multiplied by 1/(1 − p l/L) in training, as in timm's
 * DropPath; the paper multiplies by 1 − p l/L at evaluation in its place, and drops for a batch. timm's
 * models and NanoGPT Slowrun have p (l − 1)/(L − 1), nothing in the first block.
 *
 * Text is generated from the last `blockSize` tokens, positions counted from the first of them.
 *
 * @param options See {@link TransformerLanguageModelSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} If an option is unknown or out of its range.
 *
 * @example
 * ```ts
 * import { transformerLanguageModel } from "./transformer_language_model.ts";
 * import assert from "node:assert/strict";
 * const sizes = { embeddingSize: 32, layers: 2, heads: 4, blockSize: 64 };
 * assert.deepEqual(transformerLanguageModel(sizes).residualInitializer, {
 *   kind: "normal",
 *   standardDeviation: 0.01,
 * });
 * assert.throws(() => transformerLanguageModel({ ...sizes, heads: 5 }), /multiple of heads/);
 * ```
 */
export function transformerLanguageModel(
  options: TransformerLanguageModelOptions,
): TransformerLanguageModelSpecification {
  const kind = "transformerLanguageModel";
  const { initialization, ...given } = checkOptions(kind, options, transformerOptions);
  const { embeddingSize, heads } = given;
  if (embeddingSize % heads !== 0) {
    throw new RangeError(
      `${kind}: embeddingSize must be a multiple of heads, found ${embeddingSize} and ${heads}.`,
    );
  }
  const initializers = transformerInitializers(initialization, given);
  return stored({ kind, ...initializers, ...given } as TransformerLanguageModelSpecification);
}

/** What is known of {@link transformerLanguageModel} without its network. */
export const transformerLanguageModelKind: ModelKind<TransformerLanguageModelSpecification> = {
  create: transformerLanguageModel,
  options: transformerOptions,
  name: "Transformer language model",
  formula: "x ← x + attention(norm(x)), x ← x + W_2 gelu(norm(x) W_1 + b_1) + b_2 in each block, " +
    "logits = norm(x) W_out",
  tex: String.raw`x \leftarrow x + \mathrm{attention}(\mathrm{norm}(x)), \qquad
    x \leftarrow x + \mathrm{gelu}(\mathrm{norm}(x) W_1 + b_1) W_2 + b_2, \qquad
    \mathrm{logits} = \mathrm{norm}(x) W_{\text{out}}`,
  roles: blockRoles,
  carriesState: false,
  recomputesBlocks: true,
  longestWindow: "blockSize",
  // Of each block those of attention and those of the two layers behind it.
  outputs: ({ embeddingSize, layers }) => embeddingSize * (1 + 2 * layers),
  activations: transformerActivations,
  furtherFlops: ({ embeddingSize, layers }, windowLength) =>
    4 * windowLength * (embeddingSize as number) * (layers as number),
  counterparts: nanoGptParameters,
  huggingFace: gpt2HuggingFace,
  units: ({ layers, embeddingSize, heads, geluApproximation }) => ({
    blocks: layers,
    headSize: embeddingSize / heads,
    geluApproximation,
  }),
};

/** Norms, projections, sums and the widened layer with its GELU; the probabilities where they are kept. */
function transformerActivations(
  specification: TransformerLanguageModelSpecification,
  sizes: ActivationSizes,
): Activations {
  const { embeddingSize, layers } = specification;
  return {
    fixed: 10 * embeddingSize,
    layers,
    layer: 15 * embeddingSize + blockActivations(specification, sizes),
    kept: embeddingSize,
  };
}
