import { simpleRnn, simpleRnnOfTokens } from "../ops/simple_rnn.ts";
import type { LanguageModel } from "./model.ts";
import type { ModelContext } from "./_parameters.ts";
import { createRecurrent, oneStateLayer } from "./_recurrent.ts";
import type { Complete } from "./_recurrent_options.ts";
import type { RnnLanguageModelSpecification } from "./rnn_language_model.ts";

/**
 * Builds the model that a specification describes.
 *
 * @param specification Of a simple recurrent language model.
 * @param context Vocabulary size, seed and fold.
 */
export function createRnnLanguageModel(
  specification: Complete<RnnLanguageModelSpecification>,
  context: ModelContext,
): LanguageModel {
  const { activation } = specification;
  return createRecurrent(specification, context, (make, index) => {
    const { kernel, recurrentKernel, bias } = make.layer("rnn", index, 1);
    const cell = { activation, kernel, recurrentKernel, bias };
    return oneStateLayer(specification, cell, simpleRnn, simpleRnnOfTokens);
  });
}
