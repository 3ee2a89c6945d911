import type * as tf from "@tensorflow/tfjs";
import { checkKeys, checkNumber } from "../core/check.ts";
import { dropout } from "../ops/dropout.ts";
import { lstm, lstmOfTokens } from "../ops/lstm.ts";
import { type ModelContext, parameterMaker } from "./_parameters.ts";
import {
  recurrentLanguageModel,
  type RecurrentLayer,
  recurrentOptionNames,
  recurrentOptions,
  type RecurrentSpecification,
} from "./_recurrent.ts";
import { zeros } from "./initializers.ts";
import type { LanguageModel } from "./model.ts";

/** An LSTM language model, as plain JSON with every default filled in. */
export interface LstmLanguageModelSpecification extends RecurrentSpecification {
  /** Tells it from other models. */
  readonly kind: "lstmLanguageModel";
  /** Where the biases of the forget gates begin. */
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
 * window.
 *
 * @param options.embeddingSize Width of a token's vector, from 1.
 * @param options.hiddenSize Width of the state, from 1.
 * @param options.layers LSTM layers on top of each other, from 1; 1 by default.
 * @param options.tiedWeights Whether the output kernel is the embedding's table (then penalties see it
 * as an embedding); needs embeddingSize = hiddenSize. False by default.
 * @param options.forgetBias Where the biases of the forget gates begin: 1 by default, as in Keras
 * (Jozefowicz et al. 2015). The other biases begin at 0. PyTorch draws all from ±1/√hiddenSize.
 * @param options.inputDropout Share of embedded inputs set to 0 in training, in [0, 1); 0 by default.
 * @param options.outputDropout Share of each layer's outputs set to 0 in training, in [0, 1).
 * @param options.recurrentDropout Share of each recurrent kernel's weights set to 0 in training, anew
 * for each batch and the same for all its steps, in [0, 1).
 * @param options.lockedDropout Whether input and output dropout use one mask for all steps of a
 * window; false by default.
 * @param options.embeddingInitializer Uniform ±0.05 by default, as in Keras.
 * @param options.kernelInitializer Glorot-uniform by default, as in Keras (input and output kernels).
 * @param options.recurrentInitializer Orthogonal by default, as in Keras.
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
  options:
    & { embeddingSize: number; hiddenSize: number }
    & Partial<Omit<LstmLanguageModelSpecification, "kind">>,
): LstmLanguageModelSpecification {
  checkKeys("lstmLanguageModel", options, [...recurrentOptionNames, "forgetBias"]);
  return {
    kind: "lstmLanguageModel",
    ...recurrentOptions("lstmLanguageModel", options),
    forgetBias: checkNumber("lstmLanguageModel: forgetBias", options.forgetBias ?? 1),
  };
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
  const { vocabularySize } = context;
  const { embeddingSize, hiddenSize, tiedWeights, forgetBias, recurrentDropout } = specification;
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
    const layer = `lstm${index}`;
    const inputSize = index === 0 ? embeddingSize : hiddenSize;
    const gates = 4 * hiddenSize;
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
      bias: parameter<tf.Rank.R1>(
        layer,
        "bias",
        "bias",
        [gates],
        new Float32Array(gates).fill(forgetBias, hiddenSize, 2 * hiddenSize),
      ),
    };
    return {
      stateTensors: 2,
      window(input, sizes, stream) {
        const recurrentKernel = stream !== null && recurrentDropout > 0
          ? dropout({ inputs: cell.recurrentKernel, rate: recurrentDropout, stream })
          : cell.recurrentKernel;
        const options = { ...cell, recurrentKernel, ...sizes };
        const { states } = "table" in input
          ? lstmOfTokens({ ...options, ...input })
          : lstm({ ...options, ...input });
        return states;
      },
      step(inputs, batch, [hidden, state]) {
        const initialState = { hidden, cell: state };
        const { finalState } = lstm({ ...cell, inputs, time: 1, batch, initialState });
        return [finalState.hidden, finalState.cell];
      },
    };
  });

  const output = {
    kernel: tiedWeights ? table : parameter<tf.Rank.R2>(
      "output",
      "kernel",
      "kernel",
      [hiddenSize, vocabularySize],
      kernelInitializer,
    ),
    transposeKernel: tiedWeights,
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
