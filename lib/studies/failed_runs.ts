import type { RunRecord } from "../records/run_record.ts";

/**
 * What is to be known of runs that stay `failed`, with what has them tried again.
 *
 * @param failed How many there are.
 * @param again The option or command that does; the option of `runStudy` by default.
 * @returns Half a sentence; null where none failed.
 *
 * @example
 * ```ts
 * import { failedInWords } from "./failed_runs.ts";
 * import assert from "node:assert/strict";
 * assert.equal(failedInWords(0), null);
 * assert.equal(failedInWords(2), "2 failed (retryFailed: true of runStudy tries them again)");
 * ```
 */
export function failedInWords(
  failed: number,
  again = "retryFailed: true of runStudy",
): string | null {
  return failed === 0
    ? null
    : `${failed} failed (${again} tries ${failed === 1 ? "it" : "them"} again)`;
}

/** How many of a study's runs stay `failed`. */
export function countFailed(runs: readonly RunRecord[]): number {
  return runs.filter(({ status }) => status === "failed").length;
}
