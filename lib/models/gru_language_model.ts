import type * as tf from "@tensorflow/tfjs";
import { checkBoolean, checkInteger, checkKeys, checkNumber } from "../core/check.ts";
import { gru, gruOfTokens } from "../ops/gru.ts";
import { type ModelContext, parameterMaker } from "./_parameters.ts";
import { recurrentLanguageModel, type RecurrentLayer } from "./_recurrent.ts";
import {
  glorotUniform,
  type Initializer,
  orthogonal,
  uniform,
  validateInitializer,
  zeros,
} from "./initializers.ts";
import type { LanguageModel } from "./model.ts";

/** A GRU language model, as plain JSON with every default filled in. */
export interface GruLanguageModelSpecification {
  /** Names the model. */
  readonly kind: "gruLanguageModel";
  /** Width of a token's vector. */
  readonly embeddingSize: number;
  /** Width of the state of each layer. */
  readonly hiddenSize: number;
  /** GRU layers on top of each other. */
  readonly layers: number;
  /** PyTorch's and Keras's form (true) or the paper's (false). */
  readonly resetAfter: boolean;
  /** Share of embedded inputs set to 0 in training. */
  readonly inputDropout: number;
  /** Share of each layer's outputs set to 0 in training. */
  readonly outputDropout: number;
  /** Of the table of token vectors. */
  readonly embeddingInitializer: Initializer;
  /** Of input and output kernels. */
  readonly kernelInitializer: Initializer;
  /** Of recurrent kernels. */
  readonly recurrentInitializer: Initializer;
}

const names = [
  "embeddingSize",
  "hiddenSize",
  "layers",
  "resetAfter",
  "inputDropout",
  "outputDropout",
  "embeddingInitializer",
  "kernelInitializer",
  "recurrentInitializer",
] as const;

/**
 * Specifies an Embedding → GRU → Dense language model (Cho et al. 2014), the generator of article 1.
 *
 * With x the embedded token, h the state, gates in the order reset, update, candidate:
 *
 * - r = σ(x W_r + h U_r + b_r), z = σ(x W_z + h U_z + b_z)
 * - reset after: n = tanh(x W_n + b_n + r ∘ (h U_n + c_n)); reset before: n = tanh(x W_n + b_n + (r ∘ h) U_n)
 * - h' = (1 − z) ∘ n + z ∘ h, logits = h' W_out + b_out
 *
 * @param options.embeddingSize Width of a token's vector, from 1.
 * @param options.hiddenSize Width of the state, from 1.
 * @param options.layers GRU layers on top of each other, from 1.
 * @param options.resetAfter True for PyTorch's, cuDNN's and Keras's form, false for the paper's and
 * tfjs's. Reset-after has a recurrent bias for each gate, reset-before has none.
 * @param options.inputDropout Share of embedded inputs set to 0 in training, in [0, 1).
 * @param options.outputDropout Share of each GRU layer's outputs set to 0 in training, in [0, 1).
 * @param options.embeddingInitializer Uniform ±0.05 by default, as in Keras.
 * @param options.kernelInitializer Glorot-uniform by default, as in Keras (input and output kernels).
 * @param options.recurrentInitializer Orthogonal by default, as in Keras. Biases begin at 0 (in
 * PyTorch at uniform ±1/√hiddenSize).
 * @returns Plain JSON.
 *
 * @example
 * ```ts
 * import { gruLanguageModel } from "./gru_language_model.ts";
 * import assert from "node:assert/strict";
 * const model = gruLanguageModel({ embeddingSize: 32, hiddenSize: 64 });
 * assert.equal(model.resetAfter, true);
 * assert.throws(() => gruLanguageModel({ embeddingSize: 32, hiddenSize: 0 }), /from 1/);
 * ```
 */
export function gruLanguageModel(
  options:
    & { embeddingSize: number; hiddenSize: number }
    & Partial<Omit<GruLanguageModelSpecification, "kind">>,
): GruLanguageModelSpecification {
  checkKeys("gruLanguageModel", options, names);
  const size = (name: "embeddingSize" | "hiddenSize" | "layers", value: unknown) =>
    checkInteger(`gruLanguageModel: ${name}`, value, { from: 1, to: 1 << 16 });
  const rate = (name: "inputDropout" | "outputDropout") =>
    checkNumber(`gruLanguageModel: ${name}`, options[name] ?? 0, { from: 0, below: 1 });
  const initializer = (
    name: typeof names[number] & `${string}Initializer`,
    byDefault: Initializer,
  ) => validateInitializer(`gruLanguageModel: ${name}`, options[name] ?? byDefault);
  return {
    kind: "gruLanguageModel",
    embeddingSize: size("embeddingSize", options.embeddingSize),
    hiddenSize: size("hiddenSize", options.hiddenSize),
    layers: size("layers", options.layers ?? 1),
    resetAfter: checkBoolean("gruLanguageModel: resetAfter", options.resetAfter ?? true),
    inputDropout: rate("inputDropout"),
    outputDropout: rate("outputDropout"),
    embeddingInitializer: initializer("embeddingInitializer", uniform({ range: 0.05 })),
    kernelInitializer: initializer("kernelInitializer", glorotUniform()),
    recurrentInitializer: initializer("recurrentInitializer", orthogonal()),
  };
}

/**
 * Builds the model that a specification describes.
 *
 * @param specification From {@link gruLanguageModel}.
 * @param context Vocabulary size, seed and fold.
 */
export function createGruLanguageModel(
  specification: GruLanguageModelSpecification,
  context: ModelContext,
): LanguageModel {
  const { vocabularySize } = context;
  const { embeddingSize, hiddenSize, resetAfter } = specification;
  const { embeddingInitializer, kernelInitializer, recurrentInitializer } = specification;
  const { parameters, parameter } = parameterMaker(context);

  const table = parameter<tf.Rank.R2>(
    "embedding",
    "table",
    "embedding",
    [vocabularySize, embeddingSize],
    embeddingInitializer,
  );

  const layers = Array.from({ length: specification.layers }, (_, index): RecurrentLayer => {
    const layer = `gru${index}`;
    const inputSize = index === 0 ? embeddingSize : hiddenSize;
    const gates = 3 * hiddenSize;
    const cell = {
      kernel: parameter<tf.Rank.R2>(
        layer,
        "kernel",
        "kernel",
        [inputSize, gates],
        kernelInitializer,
      ),
      recurrentKernel: parameter<tf.Rank.R2>(
        layer,
        "recurrentKernel",
        "recurrentKernel",
        [hiddenSize, gates],
        recurrentInitializer,
      ),
      bias: parameter<tf.Rank.R1>(layer, "bias", "bias", [gates], zeros()),
      recurrentBias: resetAfter
        ? parameter<tf.Rank.R1>(layer, "recurrentBias", "bias", [gates], zeros())
        : undefined,
      resetAfter,
    };
    return {
      stateTensors: 1,
      window: (input, sizes) =>
        "table" in input
          ? gruOfTokens({ ...cell, ...sizes, ...input })
          : gru({ ...cell, ...sizes, ...input }),
      step: (inputs, batch, [initialState]) => [
        gru({ ...cell, inputs, time: 1, batch, initialState }),
      ],
    };
  });

  const output = {
    kernel: parameter<tf.Rank.R2>(
      "output",
      "kernel",
      "kernel",
      [hiddenSize, vocabularySize],
      kernelInitializer,
    ),
    bias: parameter<tf.Rank.R1>("output", "bias", "bias", [vocabularySize], zeros()),
  };
  return recurrentLanguageModel(specification, {
    vocabularySize,
    parameters,
    table,
    layers,
    output,
  });
}
