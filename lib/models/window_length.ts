import type { ModelSpecification } from "./create.ts";

/**
 * Refuses windows that are longer than a model can read.
 *
 * @throws {RangeError} If the model is a Transformer of a smaller `blockSize`.
 */
export function checkWindowLength(model: ModelSpecification, windowLength: number): void {
  if (model.kind !== "transformerLanguageModel" || windowLength <= model.blockSize) return;
  throw new RangeError(
    `training.windowLength must be at most the blockSize of the transformerLanguageModel, ` +
      `${model.blockSize}, found ${windowLength}.`,
  );
}
