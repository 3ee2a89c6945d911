import { checkBoolean, checkKeys } from "../core/check.ts";
import { gru, gruOfTokens } from "../ops/gru.ts";
import type { ModelContext } from "./_parameters.ts";
import { createRecurrent, oneStateLayer } from "./_recurrent.ts";
import {
  recurrentOptionNames,
  type RecurrentOptions,
  recurrentOptions,
  type RecurrentSpecification,
} from "./_recurrent_options.ts";
import type { LanguageModel } from "./model.ts";

/** Options that are absent at their defaults (false, 0, false): the GRU had none of them at first. */
type Later = "tiedWeights" | "recurrentDropout" | "lockedDropout";

/** A GRU language model, as plain JSON with every default filled in, but for those of later options. */
export interface GruLanguageModelSpecification
  extends Omit<RecurrentSpecification, Later>, Partial<Pick<RecurrentSpecification, Later>> {
  /** Tells it from other models. */
  readonly kind: "gruLanguageModel";
  /** PyTorch's and Keras's form (true) or the paper's (false). */
  readonly resetAfter: boolean;
}

/**
 * Specifies an Embedding → GRU → Dense language model (Cho et al. 2014), the generator of article 1.
 *
 * With x the embedded token, h the state, gates in the order reset, update, candidate:
 *
 * - r = σ(x W_r + h U_r + b_r), z = σ(x W_z + h U_z + b_z)
 * - reset after: n = tanh(x W_n + b_n + r ∘ (h U_n + c_n)); reset before: n = tanh(x W_n + b_n + (r ∘ h) U_n)
 * - h' = (1 − z) ∘ n + z ∘ h, logits = h' W_out + b_out; with tied weights W_out is the embedding's table,
 *   transposed (Press and Wolf 2017)
 *
 * The state begins at 0 in each window, unless training carries it over windows
 * (`training.carriedState`).
 *
 * @param options.embeddingSize Width of a token's vector, from 1.
 * @param options.hiddenSize Width of the state, from 1.
 * @param options.layers GRU layers on top of each other, from 1.
 * @param options.resetAfter True for PyTorch's, cuDNN's and Keras's form, false for the paper's and
 * tfjs's. Reset-after has a recurrent bias for each gate, reset-before has none.
 * @param options.tiedWeights Whether the output kernel is the embedding's table (then penalties see it
 * as an embedding); needs embeddingSize = hiddenSize. False by default.
 * @param options.embeddingDropout Share of tokens whose vectors are 0 throughout a batch in training (the
 * output layer still sees them when weights are tied), in [0, 1); 0 by default.
 * @param options.inputDropout Share of embedded inputs set to 0 in training, in [0, 1).
 * @param options.outputDropout Share of each GRU layer's outputs set to 0 in training, in [0, 1).
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
 * import { gruLanguageModel } from "./gru_language_model.ts";
 * import assert from "node:assert/strict";
 * const model = gruLanguageModel({ embeddingSize: 32, hiddenSize: 64 });
 * assert.equal(model.resetAfter, true);
 * assert.throws(() => gruLanguageModel({ embeddingSize: 32, hiddenSize: 0 }), /from 1/);
 * ```
 */
export function gruLanguageModel(
  options: RecurrentOptions<GruLanguageModelSpecification>,
): GruLanguageModelSpecification {
  checkKeys("gruLanguageModel", options, [...recurrentOptionNames, "resetAfter"]);
  const resetAfter = checkBoolean("gruLanguageModel: resetAfter", options.resetAfter ?? true);
  const {
    forgetBias: _,
    tiedWeights,
    recurrentDropout,
    lockedDropout,
    ...common
  } = recurrentOptions("gruLanguageModel", options, "one");
  return {
    kind: "gruLanguageModel",
    ...common,
    resetAfter,
    ...(tiedWeights ? { tiedWeights } : {}),
    ...(recurrentDropout > 0 ? { recurrentDropout } : {}),
    ...(lockedDropout ? { lockedDropout } : {}),
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
  const { resetAfter } = specification;
  return createRecurrent(specification, context, (make, index) => {
    const { recurrentBias, ...weights } = make.layer("gru", index, 3);
    const cell = {
      ...weights,
      recurrentBias: resetAfter ? recurrentBias() : undefined,
      resetAfter,
    };
    return oneStateLayer(specification, cell, gru, gruOfTokens);
  });
}
