import type { ModelSpecification } from "./create.ts";

const recurrent: readonly ModelSpecification["kind"][] = [
  "gruLanguageModel",
  "lstmLanguageModel",
  "rnnLanguageModel",
];

/**
 * Refuses to carry the state of a model that has none from window to window.
 *
 * @throws {RangeError} If the model is no recurrent one.
 */
export function checkCarriesState({ kind }: ModelSpecification): void {
  if (recurrent.includes(kind)) return;
  throw new RangeError(
    `training.carriedState needs a model with a state that goes over windows, one of ` +
      `${recurrent.join(", ")}; found ${kind}.`,
  );
}
