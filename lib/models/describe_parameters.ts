import type { ParameterDescription } from "../penalties/penalty.ts";
import { createAnyModel } from "./create.ts";
import type { AnyModelSpecification } from "./kinds.ts";

/** Models whose parameters their specification alone gives: all but those of the user's own. */
export type DescribedModel = Exclude<AnyModelSpecification, { readonly kind: "ownModel" }>;

/**
 * Names, kinds, layers and shapes of a model's parameters, without their weights: nothing is drawn and
 * no memory is taken, however large the model is.
 *
 * @param model A specification.
 * @param sizes Tokens of the text, or of targets and of sources.
 * @returns One description a parameter, in the order of the model.
 * @throws {RangeError} If an initializer needs a matrix and its parameter is none.
 *
 * @example
 * ```ts
 * import { describeParameters } from "./describe_parameters.ts";
 * import { gruLanguageModel } from "./gru_language_model.ts";
 * import assert from "node:assert/strict";
 * const model = gruLanguageModel({ embeddingSize: 2, hiddenSize: 65_536 });
 * const [table, kernel] = describeParameters(model, { vocabularySize: 7 });
 * assert.deepEqual(table.shape, [7, 2]);
 * assert.deepEqual(kernel.shape, [2, 3 * 65_536]);
 * ```
 */
export function describeParameters(
  model: DescribedModel,
  sizes: { readonly vocabularySize: number; readonly sourceVocabularySize?: number },
): ParameterDescription[] {
  const context = { ...sizes, seed: 0, fold: "described", described: true };
  const { parameters } = createAnyModel(model, context);
  return parameters.map(({ description }) => description);
}
