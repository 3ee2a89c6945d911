import { oneOf } from "../core/options.ts";
import type { ModelKind } from "./kind.ts";
import { recurrentCounterparts, recurrentLanguageModel } from "./_recurrent_kind.ts";
import {
  type RecurrentOptions,
  recurrentOptions,
  type RecurrentSpecification,
  specifyRecurrent,
} from "./_recurrent_options.ts";

/** A simple recurrent language model, as plain JSON; absent options are at their defaults. */
export interface RnnLanguageModelSpecification extends RecurrentSpecification {
  /** Tells it from other models. */
  readonly kind: "rnnLanguageModel";
  /**
   * What is done to the sum of input and state.
   *
   * @default {"tanh"}
   */
  readonly activation: "tanh" | "relu";
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
 * @param options See {@link RnnLanguageModelSpecification}.
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
  return specifyRecurrent("rnnLanguageModel", options, rnnOptions);
}

const rnnOptions = { ...recurrentOptions, activation: oneOf(["tanh", "relu"], "tanh") };

/** What is known of {@link rnnLanguageModel} without its network. */
export const rnnLanguageModelKind: ModelKind<RnnLanguageModelSpecification> = {
  ...recurrentLanguageModel("rnn", { gates: 1, candidate: 0 }),
  create: rnnLanguageModel,
  options: rnnOptions,
  name: "simple recurrent language model",
  formula: "h′ = act(x W + h U + b), logits = h′ W_out + b_out",
  tex: String.raw`h' = \mathrm{act}(x W + h U + b), \qquad
    \mathrm{logits} = h' W_{\text{out}} + b_{\text{out}}`,
  counterparts: (specification, modules) => recurrentCounterparts("rnn", specification, modules),
};
