import { canonicalJson } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import { checkRunRecord } from "../records/check_record.ts";
import { readJournal, uniqueRuns } from "../records/read_runs.ts";
import { dirname } from "node:path";

/** A journal open for appending; the caller holds the study's lock. */
export interface Journal {
  /** Records that were there when it was opened and that were appended since, one for each id. */
  runs(): RunRecord[];
  /** Appends records and returns when the disk has them; only then do their runs count. */
  append(...runs: readonly RunRecord[]): void;
  close(): void;
}

/**
 * Opens the journal of a study (`runs.jsonl`) for appending.
 *
 * A torn last line, left by a crash in mid-append, is cut off with a warning: its run never counted
 * and is done again.
 *
 * @param path Path of the file; made when missing.
 * @param warn Told of a torn line.
 * @throws {SyntaxError} If another line is damaged; the message names it and nothing is changed.
 */
export function openJournal(path: string, warn: (message: string) => void): Journal {
  const content = readJournal(path);
  const lines = [...content.lines];
  const isNew = content.length === 0 && content.torn === null;
  const file = opened(path);
  let length = content.length;
  try {
    if (content.torn !== null) {
      file.truncateSync(length);
      file.syncSync();
      warn(
        `The last line of ${path} (line ${content.torn.line}) was not finished when it was ` +
          `written; it was dropped and its run will be done again.`,
      );
    }
    if (isNew) syncFolder(dirname(path));
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    runs: () => uniqueRuns(lines),
    append(...runs) {
      for (const run of runs) {
        checkRunRecord(run);
        canonicalJson(run); // refuses what JSON cannot hold, such as NaN
      }
      const text = runs.map((run) => `${JSON.stringify(run)}\n`).join("");
      const bytes = new TextEncoder().encode(text);
      try {
        for (let written = 0; written < bytes.length;) {
          written += file.writeSync(bytes.subarray(written));
        }
        file.syncDataSync();
      } catch (error) {
        takeBack(file, length);
        throw appendFailed(path, lines.length, error as Error);
      }
      length += bytes.length;
      lines.push(...runs);
    },
    close: () => file.close(),
  };
}

function opened(path: string): Deno.FsFile {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    return Deno.openSync(path, { read: true, append: true, create: true });
  } catch (error) {
    const { name, message } = error as Error;
    throw new Error(`Cannot write ${path} (${name}: ${message}). No run was started.`, {
      cause: error,
    });
  }
}

function takeBack(file: Deno.FsFile, length: number): void {
  try {
    file.truncateSync(length);
  } catch { /* the torn line is dropped when the journal is opened next */ }
}

function appendFailed(path: string, kept: number, error: Error): Error {
  return new Error(
    `Cannot append to ${path} (${error.message}). The ${kept} runs recorded before are safe; make ` +
      `room or restore write access, then start the study again to do the missing ones.`,
    { cause: error },
  );
}

/** Makes a new file's name survive a loss of power, where the system can sync a folder. */
function syncFolder(path: string): void {
  try {
    const folder = Deno.openSync(path);
    try {
      folder.syncSync();
    } finally {
      folder.close();
    }
  } catch { /* Windows cannot open a folder; its file system keeps the name itself */ }
}
