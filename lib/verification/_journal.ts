import { show } from "../core/check.ts";
import { copiedRuns } from "../records/copied_runs.ts";
import { reorderedRunKeys, unknownRunKeys } from "../records/record_keys.ts";
import type { RunRecord } from "../records/run_record.ts";
import { counted } from "../statistics/format.ts";

/**
 * What the library would not have written as it stands in the lines of a journal: keys that the format
 * does not have, keys in another order, a run once more after its record had ended it, a date that is
 * none.
 */
export function journalProblems(lines: readonly RunRecord[]): string[] {
  const ended = new Map<string, number>();
  return lines.flatMap((run, index) => {
    const line = `line ${index + 1}`;
    const before = ended.get(run.id);
    if (before === undefined && (run.status === "completed" || run.status === "diverged")) {
      ended.set(run.id, index + 1);
    }
    return [
      ...unknownRunKeys(run).map((key) => `${line}: the format has no ${show(key)}`),
      ...reorderedRunKeys(run).map((path) =>
        `${line}: the keys of ${path} are in another order than the library writes them`
      ),
      ...(before === undefined
        ? []
        : [`${line}: line ${before} had ended the same run, which is not trained again`]),
      ...(isDate(run.finishedAt)
        ? []
        : [`${line}: finishedAt is ${show(run.finishedAt)}, no date`]),
    ];
  });
}

/** Milliseconds within which two processes of a machine may hand over their runs in either order. */
const handOver = 1000;

/**
 * What the order of the lines says: runs of one machine are recorded as they end. A queue may hand over
 * several at once, in any order, and a clock may be set; nothing that is computed depends on the order.
 */
export function orderNotes(lines: readonly RunRecord[]): string[] {
  const latest = new Map<string, { at: number; line: number }>();
  const found: string[] = [];
  for (const [index, { host, finishedAt, copiedFrom }] of lines.entries()) {
    // A copy was recorded when it was copied.
    if (copiedFrom !== undefined) continue;
    const before = latest.get(host);
    const at = Date.parse(finishedAt);
    if (before === undefined || at >= before.at) {
      latest.set(host, { at, line: index + 1 });
    } else if (at < before.at - handOver) {
      found.push(`line ${index + 1} ended before line ${before.line}`);
    }
  }
  if (found.length === 0) return [];
  const more = found.length > 3 ? ` and ${found.length - 3} more` : "";
  return [
    `${
      found.slice(0, 3).join(", ")
    }${more}: lines were moved, or a queue handed them over so; no ` +
    `number depends on their order`,
  ];
}

/** Runs that failed are not trained again, so that a finished one could be hidden behind one. */
export function failedNotes(runs: readonly RunRecord[]): string[] {
  const failed = runs.filter(({ status }) => status === "failed").length;
  if (failed === 0) return [];
  const [are, them] = failed === 1 ? ["run is", "it"] : ["runs are", "them"];
  return [
    `${failed} ${are} recorded as failed, which nothing here computes again: runStudy with ` +
    `retryFailed: true tries ${them} again`,
  ];
}

/** Which runs another study has trained. */
export function copyNotes(runs: readonly RunRecord[]): string[] {
  return copiedRuns(runs).map(([study, copied]) =>
    `${copied} of ${counted(runs.length, "run")} ${
      copied === 1 ? "was" : "were"
    } copied from study ` +
    `${show(study)}, which trained ${copied === 1 ? "it" : "them"}`
  );
}

function isDate(text: string): boolean {
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString() === text;
}
