import { meanBatch, type Sampling, windowsOfSpans } from "./epochs.ts";
import { type DocumentWindows, passagesOf } from "./passages.ts";
import type { Tokens } from "./tokens.ts";
import { placesToBegin } from "./windows.ts";

/**
 * Targets that count in a training batch on average: as many as its windows have, but where they stay inside
 * documents and some of those are shorter.
 *
 * @param spans Token ids of each training span.
 *
 * @example
 * ```ts
 * import { meanTargets } from "./mean_targets.ts";
 * import { tokensInMemory } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * // Documents of 2 and 4 targets: windows of 3 begin at one place of the first, at two of the second.
 * const span = tokensInMemory(Int32Array.of(1, 5, 1, 6, 7, 8, 1), Float64Array.of(3, 7));
 * const sizes = { windowLength: 3, batchSize: 2 };
 * const mean = meanTargets([span], { ...sizes, sampling: "draws", documents: "inside" });
 * assert.equal(mean, 2 * (2 + 3 + 3) / 3);
 * ```
 */
export function meanTargets(
  spans: readonly Tokens[],
  { windowLength, batchSize, sampling, documents }: {
    readonly windowLength: number;
    readonly batchSize: number;
    readonly sampling: Sampling;
    readonly documents: DocumentWindows;
  },
): number {
  if (sampling === "epochs") {
    const { count, targets } = windowsOfSpans(spans, { windowLength, documents });
    return targets / count * meanBatch(count, batchSize);
  }
  if (documents === "across") return windowLength * batchSize;
  const passages = passagesOf(spans, documents);
  const places = placesToBegin(passages, { windowLength, documents });
  let all = 0;
  let targets = 0;
  for (const [index, count] of places.entries()) {
    all += count;
    targets += count * Math.min(windowLength, passages.at(index).length - 1);
  }
  return targets / all * batchSize;
}
