import { languageModels, modelKindOf, type ModelSpecification } from "./kinds.ts";

/**
 * Refuses to carry the state of a model that has none from window to window.
 *
 * @throws {RangeError} If the model is no recurrent one.
 */
export function checkCarriesState(model: ModelSpecification): void {
  if (modelKindOf(model).carriesState) return;
  const recurrent = Object.entries(languageModels).filter(([, { carriesState }]) => carriesState);
  throw new RangeError(
    `training.carriedState needs a model with a state that goes over windows, one of ` +
      `${recurrent.map(([kind]) => kind).join(", ")}; found ${model.kind}.`,
  );
}
