import { valuesNow } from "../engine/kernels.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import type { StartOf } from "../penalties/penalty.ts";
import { pulledToStart } from "../penalties/targets.ts";
import type { OptimizedParameter } from "./create.ts";

/**
 * Copies the weights of the parameters that some penalty pulls towards their start, outside the engine's
 * memory.
 *
 * @param penalties All penalties of a run.
 * @param parameters Parameters, which hold the weights that the training begins with.
 * @returns The copy of a parameter, by its place; of one that nothing pulls back it throws.
 */
export function startingWeights(
  penalties: readonly PenaltySpecification[],
  parameters: readonly OptimizedParameter[],
): StartOf {
  const copies = parameters.map(({ description, variable }) =>
    pulledToStart(penalties, description) ? valuesNow(variable).slice() : null
  );
  return (index) => {
    const copy = copies[index];
    if (copy !== null) return copy;
    throw new Error(`${parameters[index].description.name} is pulled towards no start.`);
  };
}
