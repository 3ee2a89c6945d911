import type { ModelKind } from "./kind.ts";
import { recurrentCounterparts, recurrentLanguageModel } from "./_recurrent_kind.ts";
import {
  forgetBias,
  type RecurrentOptions,
  recurrentOptions,
  type RecurrentSpecification,
  specifyRecurrent,
} from "./_recurrent_options.ts";

/** An LSTM language model, as plain JSON; absent options are at their defaults. */
export interface LstmLanguageModelSpecification extends RecurrentSpecification {
  /** Tells it from other models. */
  readonly kind: "lstmLanguageModel";
  /**
   * Added to the initial biases of the forget gates: 1 if not given, as in Keras (Jozefowicz et al.
   * 2015), and 0 with `initialization` `pytorch` or `gpt2`.
   */
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
 * @param options See {@link LstmLanguageModelSpecification}.
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
  return specifyRecurrent("lstmLanguageModel", options, lstmOptions);
}

const lstmOptions = { ...recurrentOptions, forgetBias };

/** What is known of {@link lstmLanguageModel} without its network. */
export const lstmLanguageModelKind: ModelKind<LstmLanguageModelSpecification> = {
  ...recurrentLanguageModel("lstm", { gates: 4, candidate: 2 }),
  create: lstmLanguageModel,
  options: lstmOptions,
  name: "LSTM language model",
  formula: "c′ = f ∘ c + i ∘ n, h′ = o ∘ tanh(c′) with gates i, f and o = σ(x W + h U + b), " +
    "logits = h′ W_out + b_out",
  tex: String.raw`c' = f \circ c + i \circ n, \qquad h' = o \circ \tanh(c'), \qquad
    i, f, o = \sigma(x W + h U + b), \qquad \mathrm{logits} = h' W_{\text{out}} + b_{\text{out}}`,
  counterparts: (specification, modules) => recurrentCounterparts("lstm", specification, modules),
};
