import { boolean, orNotGiven } from "../core/options.ts";
import type { ModelKind } from "./kind.ts";
import { recurrentCounterparts, recurrentLanguageModel } from "./_recurrent_kind.ts";
import {
  type RecurrentOptions,
  recurrentOptions,
  type RecurrentSpecification,
  specifyRecurrent,
} from "./_recurrent_options.ts";

/** A GRU language model, as plain JSON; absent options are at their defaults. */
export interface GruLanguageModelSpecification extends RecurrentSpecification {
  /** Tells it from other models. */
  readonly kind: "gruLanguageModel";
  /**
   * True for PyTorch's, cuDNN's and Keras's form, which has a recurrent bias for each gate; false for the
   * paper's and tfjs's, which has none.
   *
   * @default {true}
   */
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
 * @param options See {@link GruLanguageModelSpecification}.
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
  return specifyRecurrent("gruLanguageModel", options, gruOptions, { biases: "one" });
}

const gruOptions = { ...recurrentOptions, resetAfter: orNotGiven(boolean(true)) };

/** What is known of {@link gruLanguageModel} without its network. */
export const gruLanguageModelKind: ModelKind<GruLanguageModelSpecification> = {
  ...recurrentLanguageModel("gru", { gates: 3, candidate: 2 }),
  create: gruLanguageModel,
  options: gruOptions,
  name: "GRU language model",
  formula:
    "h′ = (1 − z) ∘ n + z ∘ h with gates r and z = σ(x W + h U + b), logits = h′ W_out + b_out",
  tex: String.raw`h' = (1 - z) \circ n + z \circ h, \qquad r, z = \sigma(x W + h U + b), \qquad
    \mathrm{logits} = h' W_{\text{out}} + b_{\text{out}}`,
  counterparts: (specification, modules) =>
    specification.resetAfter ? recurrentCounterparts("gru", specification, modules) : null,
};
