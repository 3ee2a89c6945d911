import { checkKeys } from "../core/check.ts";
import { lstm, lstmOfTokens } from "../ops/lstm.ts";
import type { ModelContext } from "./_parameters.ts";
import { createRecurrent, droppedKernel } from "./_recurrent.ts";
import {
  recurrentOptionNames,
  type RecurrentOptions,
  recurrentOptions,
  type RecurrentSpecification,
} from "./_recurrent_options.ts";
import type { LanguageModel } from "./model.ts";

/** An LSTM language model, as plain JSON with every default filled in. */
export interface LstmLanguageModelSpecification extends RecurrentSpecification {
  /** Tells it from other models. */
  readonly kind: "lstmLanguageModel";
  /** Added to the initial biases of the forget gates. */
  readonly forgetBias: number;
}

/**
 * Specifies an Embedding → LSTM → Dense language model (Hochreiter and Schmidhuber 1997; dropout on
 * inputs, outputs and recurrent weights as in AWD-LSTM, Merity et al. 2018).
 *
 * With x the embedded token, h and c the state, gates in the order input, forget, candidate, output:
 *
 * - i = σ(x W_i + h U_i + b_i), f = σ(x W_f + h U_f + b_f), o = σ(x W_o + h U_o + b_o)
 * - n = tanh(x W_n + h U_n + b_n), c' = f ∘ c + i ∘ n, h' = o ∘ tanh(c')
 * - logits = h' W_out + b_out; with tied weights W_out is the embedding's table, transposed (Press and
 *   Wolf 2017)
 *
 * Each layer has one bias, as in Keras; PyTorch's two add up to it. The state begins at 0 in each
 * window, unless training carries it over windows (`training.carriedState`).
 *
 * @param options.embeddingSize Width of a token's vector, from 1.
 * @param options.hiddenSize Width of the state, from 1.
 * @param options.layers LSTM layers on top of each other, from 1; 1 by default.
 * @param options.tiedWeights Whether the output kernel is the embedding's table (then penalties see it
 * as an embedding); needs embeddingSize = hiddenSize. False by default.
 * @param options.forgetBias Added to the initial biases of the forget gates: 1 by default, as in Keras
 * (Jozefowicz et al. 2015); 0 by default with `initialization` `pytorch` or `gpt2`.
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
 * import { lstmLanguageModel } from "./lstm_language_model.ts";
 * import assert from "node:assert/strict";
 * const model = lstmLanguageModel({ embeddingSize: 64, hiddenSize: 64, tiedWeights: true });
 * assert.equal(model.forgetBias, 1);
 * assert.throws(
 *   () => lstmLanguageModel({ embeddingSize: 32, hiddenSize: 64, tiedWeights: true }),
 *   /embeddingSize equal to hiddenSize/,
 * );
 * ```
 */
export function lstmLanguageModel(
  options: RecurrentOptions<LstmLanguageModelSpecification>,
): LstmLanguageModelSpecification {
  checkKeys("lstmLanguageModel", options, [...recurrentOptionNames, "forgetBias"]);
  return { kind: "lstmLanguageModel", ...recurrentOptions("lstmLanguageModel", options) };
}

/**
 * Builds the model that a specification describes.
 *
 * @param specification From {@link lstmLanguageModel}.
 * @param context Vocabulary size, seed and fold.
 */
export function createLstmLanguageModel(
  specification: LstmLanguageModelSpecification,
  context: ModelContext,
): LanguageModel {
  const { forgetBias } = specification;
  return createRecurrent(specification, context, (make, index) => {
    const { kernel, recurrentKernel, bias } = make.layer("lstm", index, 4, { forgetBias });
    const cell = { kernel, recurrentKernel, bias };
    return {
      stateTensors: 2,
      window(input, sizes, initial, stream) {
        const options = {
          ...cell,
          ...sizes,
          recurrentKernel: droppedKernel(recurrentKernel, specification, stream),
          initialState: initial ? { hidden: initial[0], cell: initial[1] } : undefined,
        };
        const { states, finalState } = "table" in input
          ? lstmOfTokens({ ...options, ...input })
          : lstm({ ...options, ...input });
        return { states, final: () => [finalState.hidden, finalState.cell] };
      },
      step(inputs, batch, [hidden, state]) {
        const initialState = { hidden, cell: state };
        const { finalState } = lstm({ ...cell, inputs, time: 1, batch, initialState });
        return [finalState.hidden, finalState.cell];
      },
    };
  });
}
