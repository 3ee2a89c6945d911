import { type AnyModelSpecification, modelKindOf, type ModelSpecification } from "./kinds.ts";

/**
 * Refuses windows that are longer than a model can read.
 *
 * @throws {RangeError} If the model has a longest window that is shorter.
 */
export function checkWindowLength(model: ModelSpecification, windowLength: number): void {
  const { longestWindow } = modelKindOf(model);
  const longest = longestWindowOf(model);
  if (windowLength <= longest) return;
  throw new RangeError(
    `training.windowLength must be at most the ${longestWindow} of the ${model.kind}, ` +
      `${longest}, found ${windowLength}.`,
  );
}

/** Tokens that a model reads at once at most; infinite where it has no longest window. */
export function longestWindowOf(model: AnyModelSpecification): number {
  const { longestWindow } = modelKindOf(model);
  return longestWindow === undefined ? Infinity : model[longestWindow as never] as number;
}
