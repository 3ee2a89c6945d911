import type { Batch } from "../data/batches.ts";

/** The targets that count in batches, each once. */
export function* countedTargets(batches: Iterable<Batch>): Generator<number, void> {
  for (const { targets, mask } of batches) {
    for (const [row, target] of targets.entries()) {
      if (mask === undefined || mask[row] > 0) yield target;
    }
  }
}
