import { checkKeys, checkOneOf } from "../core/check.ts";
import { type RnnActivation, simpleRnn, simpleRnnOfTokens } from "../ops/simple_rnn.ts";
import type { ModelContext } from "./_parameters.ts";
import { createRecurrent, oneStateLayer } from "./_recurrent.ts";
import {
  recurrentOptionNames,
  type RecurrentOptions,
  recurrentOptions,
  type RecurrentSpecification,
} from "./_recurrent_options.ts";
import type { LanguageModel } from "./model.ts";

/** A simple recurrent language model, as plain JSON with every default filled in. */
export interface RnnLanguageModelSpecification extends RecurrentSpecification {
  /** Tells it from other models. */
  readonly kind: "rnnLanguageModel";
  /** What is done to the sum of input and state. */
  readonly activation: RnnActivation;
}

/**
 * Specifies an Embedding → simple recurrent layer → Dense language model (Elman 1990; Mikolov et al.
 * 2010).
 *
 * With x the embedded token and h the state: h' = tanh(x W + h U + b) or max(x W + h U + b, 0);
 * logits = h' W_out + b_out; with tied weights W_out is the embedding's table, transposed.
 *
 * Each layer has one bias, as in Keras; PyTorch's two add up to it. The state begins at 0 in each
 * window, unless training carries it over windows (`training.carriedState`).
 *
 * @param options.embeddingSize Width of a token's vector, from 1.
 * @param options.hiddenSize Width of the state, from 1.
 * @param options.layers Recurrent layers on top of each other, from 1; 1 by default.
 * @param options.activation `tanh` (by default) or `relu`.
 * @param options.tiedWeights Whether the output kernel is the embedding's table (then penalties see it
 * as an embedding); needs embeddingSize = hiddenSize. False by default.
 * @param options.embeddingDropout Share of tokens whose vectors are 0 throughout a batch in training (the
 * output layer still sees them when weights are tied), in [0, 1); 0 by default.
 * @param options.inputDropout Share of embedded inputs set to 0 in training, in [0, 1); 0 by default.
 * @param options.outputDropout Share of each layer's outputs set to 0 in training, in [0, 1).
 * @param options.hiddenDropout The same of the layers below the top one, in [0, 1); outputDropout by
 * default. Needs 2 layers.
 * @param options.recurrentDropout Share of each recurrent kernel's weights set to 0 in training, anew
 * for each batch and the same for all its steps, in [0, 1).
 * @param options.lockedDropout Whether input and output dropout use one mask for all steps of a
 * window; false by default.
 * @param options.embeddingInitializer Uniform ±0.05 by default, as in Keras.
 * @param options.kernelInitializer Glorot-uniform by default, as in Keras (input and output kernels).
 * @param options.recurrentInitializer Orthogonal by default, as in Keras.
 * @param options.biasInitializer Biases of recurrent layers; zeros by default.
 * @param options.outputBiasInitializer Output bias; zeros by default.
 * @param options.initialization Whose initial weights those are that no initializer above is given for:
 * `keras` (by default), `pytorch` or `gpt2`; see `Initialization`.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} If an option is unknown or out of its range.
 *
 * @example
 * ```ts
 * import { rnnLanguageModel } from "./rnn_language_model.ts";
 * import assert from "node:assert/strict";
 * const model = rnnLanguageModel({ embeddingSize: 32, hiddenSize: 64 });
 * assert.equal(model.activation, "tanh");
 * assert.throws(() => rnnLanguageModel({ embeddingSize: 32, hiddenSize: 0 }), /from 1/);
 * ```
 */
export function rnnLanguageModel(
  options: RecurrentOptions<RnnLanguageModelSpecification>,
): RnnLanguageModelSpecification {
  checkKeys("rnnLanguageModel", options, [...recurrentOptionNames, "activation"]);
  const { activation = "tanh" } = options;
  const { forgetBias: _, ...common } = recurrentOptions("rnnLanguageModel", options);
  return {
    kind: "rnnLanguageModel",
    ...common,
    activation: checkOneOf("rnnLanguageModel: activation", activation, ["tanh", "relu"]),
  };
}

/**
 * Builds the model that a specification describes.
 *
 * @param specification From {@link rnnLanguageModel}.
 * @param context Vocabulary size, seed and fold.
 */
export function createRnnLanguageModel(
  specification: RnnLanguageModelSpecification,
  context: ModelContext,
): LanguageModel {
  const { activation } = specification;
  return createRecurrent(specification, context, (make, index) => {
    const { kernel, recurrentKernel, bias } = make.layer("rnn", index, 1);
    const cell = { activation, kernel, recurrentKernel, bias };
    return oneStateLayer(specification, cell, simpleRnn, simpleRnnOfTokens);
  });
}
