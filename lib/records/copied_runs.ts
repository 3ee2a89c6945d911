import type { RunRecord } from "./run_record.ts";

/**
 * How many runs were copied from each other study, which trained them.
 *
 * @param runs One record a run.
 * @returns Names of studies with their counts, in the order of their first run.
 *
 * @example
 * ```ts
 * import { copiedRuns } from "./copied_runs.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(copiedRuns([{ copiedFrom: "a" }, {}, { copiedFrom: "a" }]), [["a", 2]]);
 * ```
 */
export function copiedRuns(runs: readonly Pick<RunRecord, "copiedFrom">[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { copiedFrom } of runs) {
    if (copiedFrom !== undefined) counts.set(copiedFrom, (counts.get(copiedFrom) ?? 0) + 1);
  }
  return [...counts];
}
