import { gru, gruOfTokens } from "../ops/gru.ts";
import type { GruLanguageModelSpecification } from "./gru_language_model.ts";
import type { LanguageModel } from "./model.ts";
import type { ModelContext } from "./_parameters.ts";
import { createRecurrent, oneStateLayer } from "./_recurrent.ts";
import type { Complete } from "./_recurrent_options.ts";

/**
 * Builds the model that a specification describes.
 *
 * @param specification Of a GRU language model.
 * @param context Vocabulary size, seed and fold.
 */
export function createGruLanguageModel(
  specification: Complete<GruLanguageModelSpecification>,
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
