import { checkNumber, show } from "../core/check.ts";
import type { StoredTensor } from "../models/safetensors.ts";

/**
 * Sets the smallest weights to 0, so that at least a share of them is 0: a lossy choice, unlike
 * everything else here.
 *
 * The threshold is one for all given parameters (global magnitude pruning, without retraining), and
 * weights that are 0 already count. Of weights of the same size the first ones go.
 *
 * Han et al., Learning both weights and connections for efficient neural networks (2015), who prune
 * layer by layer and retrain.
 *
 * @param weights Weights by parameter name.
 * @param options.share Share of the weights that is to be 0, in [0, 1].
 * @param options.parameters Names of the parameters that are pruned; the others stay as they are.
 * @returns New weights.
 * @throws {RangeError} If the share is outside [0, 1] or a name is unknown.
 *
 * @example
 * ```ts
 * import { pruneByMagnitude } from "./magnitude_pruning.ts";
 * import assert from "node:assert/strict";
 * const kernel = { shape: [4], values: Float32Array.of(3, -1, 0, 2) };
 * const pruned = pruneByMagnitude(new Map([["w", kernel]]), { share: 0.5, parameters: ["w"] });
 * assert.deepEqual([...pruned.get("w")!.values], [3, 0, 0, 2]);
 * ```
 */
export function pruneByMagnitude(
  weights: ReadonlyMap<string, StoredTensor>,
  { share, parameters }: { readonly share: number; readonly parameters: readonly string[] },
): Map<string, StoredTensor> {
  checkNumber("pruneByMagnitude: share", share, { from: 0, to: 1 });
  const pruned = parameters.map((name) => {
    const tensor = weights.get(name);
    if (tensor === undefined) {
      throw new RangeError(
        `pruneByMagnitude: parameters must be among ${[...weights.keys()].join(", ")}, found ` +
          `${show(name)}.`,
      );
    }
    return [name, { shape: tensor.shape, values: Float32Array.from(tensor.values) }] as const;
  });
  const sizes = Float32Array.from(pruned.flatMap(([, { values }]) => [...values].map(Math.abs)));
  const count = Math.ceil(share * sizes.length - 1e-9);
  const threshold = count === 0 ? -1 : sizes.toSorted()[count - 1];
  let equal = count - sizes.reduce((below, size) => below + (size < threshold ? 1 : 0), 0);
  for (const [, { values }] of pruned) {
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(values[i]);
      if (size < threshold || (size === threshold && equal-- > 0)) values[i] = 0;
    }
  }
  return new Map([...weights, ...pruned]);
}
