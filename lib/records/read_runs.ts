import { parseJson } from "../core/parse_json.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { readFileSync } from "../core/runtime/files.ts";
import type { RunRecord } from "./run_record.ts";
import { checkRunRecord } from "./check_record.ts";

/** What a journal holds. */
export interface JournalContent {
  /** Records in the order of their lines; a run that was recorded twice is there twice. */
  readonly lines: readonly RunRecord[];
  /** Bytes of the whole lines: where the next line begins. */
  readonly length: number;
  /** The last line when its end is missing: it was not finished and does not count. */
  readonly torn: { readonly line: number; readonly bytes: number } | null;
}

const lineFeed = 10;

/**
 * Reads the lines of a journal (`runs.jsonl`).
 *
 * A last line without its line feed was torn by a crash, or is being written by another process: it
 * is left out and reported. Anything else that is no record is an error.
 *
 * @param bytes The content of the file.
 * @param name What the file is called in messages.
 * @throws {SyntaxError} If a whole line is not the JSON of a run record; the message names the line.
 * @throws {RangeError} If a line was written by a newer version.
 *
 * @example
 * ```ts
 * import { parseJournal } from "./read_runs.ts";
 * import assert from "node:assert/strict";
 * const content = parseJournal(new TextEncoder().encode('{"schemaVersion":1,"id":"0f'));
 * assert.deepEqual(content, { lines: [], length: 0, torn: { line: 1, bytes: 27 } });
 * ```
 */
export function parseJournal(bytes: Uint8Array, name = "runs.jsonl"): JournalContent {
  const lines: RunRecord[] = [];
  let start = 0;
  for (let end; (end = bytes.indexOf(lineFeed, start)) !== -1; start = end + 1) {
    const number = lines.length + 1;
    let value: unknown;
    try {
      value = parseJson(decode(bytes.subarray(start, end)), "it");
    } catch (error) {
      throw damaged(name, number, error as Error);
    }
    try {
      lines.push(checkRunRecord(value));
    } catch (error) {
      if (error instanceof RangeError && error.message.includes("newer")) {
        throw new RangeError(`Cannot read line ${number} of ${name}: ${error.message}`);
      }
      throw damaged(name, number, error as Error);
    }
  }
  const rest = bytes.length - start;
  return {
    lines,
    length: start,
    torn: rest === 0 ? null : { line: lines.length + 1, bytes: rest },
  };
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new SyntaxError("it is not UTF-8.");
  }
}

function damaged(name: string, line: number, { message }: Error): SyntaxError {
  const reason = message.replace(/\.$/, "");
  return new SyntaxError(
    `Cannot read ${name}: line ${line} is not the record of a run (${reason}). Nothing was ` +
      `changed. Restore the file, or run the study again: it sets such lines aside.`,
  );
}

/**
 * Reads a journal from its file; one that does not exist is empty.
 *
 * Works while another process appends to it.
 *
 * @param path Path of `runs.jsonl`.
 * @throws As {@link parseJournal}.
 */
export function readJournal(path: string): JournalContent {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (isNotFound(error)) return { lines: [], length: 0, torn: null };
    throw error;
  }
  return parseJournal(bytes, path);
}

/**
 * One record for each run: the first that is `completed` or `diverged`, else the last.
 *
 * A run is recorded twice when a failed one was tried again, when a pruned one was trained to its
 * end, or when two workers finished the same run; by its id both are the same.
 */
export function uniqueRuns(lines: readonly RunRecord[]): RunRecord[] {
  const runs = new Map<string, RunRecord>();
  for (const run of lines) {
    const known = runs.get(run.id);
    const open = known === undefined || known.status === "failed" || known.status === "pruned";
    if (open) runs.set(run.id, run);
  }
  return [...runs.values()];
}

/**
 * Reads the runs of a study, one record for each run id.
 *
 * @param path Path of `runs.jsonl`.
 * @throws As {@link parseJournal}.
 */
export function readRuns(path: string): RunRecord[] {
  return uniqueRuns(readJournal(path).lines);
}
