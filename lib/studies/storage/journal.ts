import { dirname } from "node:path";
import { cannotWrite } from "../../core/files.ts";
import { canonicalJson } from "../../core/json.ts";
import { OutsideTrouble } from "../../core/outside_trouble.ts";
import { isNotFound } from "../../core/runtime/errors.ts";
import {
  type FileState,
  makeFolderSync,
  type OpenFile,
  openFileSync,
  statSync,
  writeWholeSync,
} from "../../core/runtime/files.ts";
import { checkRunRecord } from "../../records/check_record.ts";
import { parseJournal, uniqueRuns } from "../../records/read_runs.ts";
import type { RunRecord } from "../../records/run_record.ts";
import { counted, listInWords } from "../../statistics/format.ts";
import {
  bytesOf,
  damagedPath,
  journalBytes,
  parseReadable,
  replaceFile,
  setLinesAside,
} from "./mend_journal.ts";

/** A journal open for appending; the caller holds the study's lock. */
export interface Journal {
  /** Records that were there when it was opened and that were appended since, one for each id. */
  runs(): RunRecord[];
  /**
   * Appends records and returns when the disk has them; only then do their runs count.
   *
   * What something else did to the file meanwhile is seen first, see {@link Journal.keep}.
   *
   * @throws {OutsideTrouble} If the file cannot be written; what was recorded before is safe.
   */
  append(...runs: readonly RunRecord[]): void;
  /**
   * Looks whether the file still holds what was recorded, and writes again what it lacks, because it was
   * removed, replaced, cut or changed: with a warning.
   */
  keep(): void;
  /** Closes the file, after a last look. */
  close(): void;
}

/**
 * Opens the journal of a study (`runs.jsonl`) for appending.
 *
 * A torn last line, left by a crash in mid-append, is cut off with a warning: its run never counted
 * and is done again. Other lines that are damaged are set aside into `damaged-runs.txt`, with a warning
 * as well, and what records they hold as a whole stay; unless most lines are damaged.
 *
 * @param path Path of the file; made when missing.
 * @param warn Told of a torn line, of damaged ones, and of what happens to the file while it is open.
 * @throws {SyntaxError} If most lines are damaged; the message names the first and nothing is changed.
 */
export function openJournal(path: string, warn: (message: string) => void): Journal {
  const content = readForWriting(path);
  const lines = [...content.lines];
  const begun = lines.length;
  const isNew = content.length === 0 && content.torn === null;
  let file = openedFirst(path);
  let length = content.length;
  let seen: string;
  try {
    if (content.damaged.length > 0) {
      setLinesAside(path, content.damaged.map(({ bytes }) => bytes));
      writeAll();
      warn(damageInWords(path, content.damaged.map(({ line }) => String(line))));
    }
    if (content.torn !== null) {
      if (content.damaged.length === 0) file.truncateSync(length);
      file.syncSync();
      warn(
        `The last line of ${path} (line ${content.torn.line}) was not finished when it was ` +
          `written; it was dropped and its run will be done again.`,
      );
    }
    if (isNew) syncFolder(dirname(path));
    seen = stateOf(file.statSync());
  } catch (error) {
    file.close();
    throw error;
  }

  /** Puts the file anew where it is to be, and opens that. */
  function writeAll(): void {
    const bytes = journalBytes(lines);
    replaceFile(path, bytes);
    openAnew(bytes.length);
  }

  function openAnew(size: number): void {
    const next = opened(path);
    file.close();
    file = next;
    length = size;
  }

  function keep(): void {
    const now = stateAt(path);
    if (now !== seen) mend(now);
  }

  function mend(now: string | null): void {
    const found = bytesOf(path);
    const { lacking, aside, added } = changesIn(found, path, lines);
    if (aside.length > 0) setLinesAside(path, aside);
    lines.push(...added);
    const wanted = journalBytes(lines);
    if (isSame(found, wanted)) openAnew(wanted.length);
    else writeAll();
    const before = seen;
    seen = stateOf(file.statSync());
    const told = mendedInWords(path, lacking, aside.length);
    if (told === null) return;
    warn(`${path} ${changeInWords(before, now)} while its study runs: ${told}. No run is lost.`);
  }

  return {
    runs: () => uniqueRuns(lines),
    append(...runs) {
      const bytes = checkedBytes(runs);
      try {
        keep();
      } catch (error) {
        throw appendFailed(path, lines.length, error as Error);
      }
      try {
        writeWholeSync(file, bytes);
        // Before the sync, which takes long enough for something else to write. Of another size when
        // something has cut it since it was looked at: the next look finds that.
        seen = stateOf({ ...file.statSync(), size: length + bytes.length });
        file.syncDataSync();
      } catch (error) {
        takeBack(file, length);
        throw appendFailed(path, lines.length, error as Error);
      }
      length += bytes.length;
      lines.push(...runs);
    },
    keep,
    close() {
      try {
        if (endsWith(path, lines.slice(begun))) keep();
        else mend(stateAt(path));
      } catch (error) {
        warn(`${path} could not be looked at a last time: ${(error as Error).message}.`);
      }
      file.close();
    },
  };
}

function checkedBytes(runs: readonly RunRecord[]): Uint8Array {
  for (const run of runs) {
    checkRunRecord(run);
    canonicalJson(run); // refuses what JSON cannot hold, such as NaN
  }
  return journalBytes(runs);
}

/** A journal with its damage, unless there is so much that it may be another file altogether. */
function readForWriting(path: string) {
  const bytes = bytesOf(path);
  const content = parseReadable(bytes, path);
  const { length } = content.damaged;
  // Says which line is the first, and what is wrong with it.
  if (length > 1 && length > content.lines.length) parseJournal(bytes, path);
  return content;
}

function damageInWords(path: string, numbers: readonly string[]): string {
  const [words, are] = numbers.length === 1
    ? ["Line", "is no record of a run and was"]
    : ["Lines", "are no records of runs and were"];
  return `${words} ${listInWords(numbers)} of ${path} ${are} set aside in ${
    damagedPath(path)
  }. Runs ` +
    `that have no other record will be done again.`;
}

/** What a journal that something else wrote lacks, what of it does not count, and what it has anew. */
function changesIn(found: Uint8Array, path: string, lines: readonly RunRecord[]) {
  const { damaged, lines: there } = parseReadable(found, path);
  const known = new Set(lines.map((run) => JSON.stringify(run)));
  const ids = new Set(lines.map(({ id }) => id));
  const has = new Set(there.map((run) => JSON.stringify(run)));
  // The same runs with other numbers; what this study has recorded counts.
  const others = there.filter((run) => ids.has(run.id) && !known.has(JSON.stringify(run)));
  return {
    lacking: [...known].filter((text) => !has.has(text)).length,
    aside: [...damaged.map(({ bytes }) => bytes), ...others.map((run) => journalBytes([run]))],
    added: there.filter(({ id }) => !ids.has(id)),
  };
}

/** Null where nothing was done. */
function mendedInWords(path: string, lacking: number, aside: number): string | null {
  const told = [
    lacking > 0 ? `${counted(lacking, "recorded run")} that it lacked were written again` : null,
    aside > 0
      ? `${counted(aside, "line")} that this study did not write so are set aside in ` +
        damagedPath(path)
      : null,
  ].filter((each) => each !== null);
  return told.length === 0 ? null : listInWords(told);
}

/** What tells that something else has written a file, or put another in its place. */
function stateOf({ dev, ino, size, mtime }: FileState): string {
  return `${dev}/${ino} ${size} ${mtime?.getTime()}`;
}

const fileIn = (state: string) => state.slice(0, state.indexOf(" "));

function changeInWords(before: string, now: string | null): string {
  if (now === null) return "was removed";
  return fileIn(now) === fileIn(before) ? "was changed" : "was replaced by another file";
}

function stateAt(path: string): string | null {
  try {
    return stateOf(statSync(path));
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** By its bytes: what changes the file in the millisecond of an append leaves size and time alone. */
function endsWith(path: string, runs: readonly RunRecord[]): boolean {
  const appended = journalBytes(runs);
  return isSame(bytesOf(path).slice(-appended.length || Infinity), appended);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function opened(path: string): OpenFile {
  try {
    makeFolderSync(dirname(path));
    return openFileSync(path, { read: true, append: true, create: true });
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function openedFirst(path: string): OpenFile {
  try {
    return opened(path);
  } catch (error) {
    const { message } = error as Error;
    throw new OutsideTrouble(`${message} No run was started.`, { cause: error });
  }
}

function takeBack(file: OpenFile, length: number): void {
  try {
    file.truncateSync(length);
  } catch { /* the torn line is dropped when the journal is looked at next */ }
}

function appendFailed(path: string, kept: number, error: Error): OutsideTrouble {
  const what = error instanceof OutsideTrouble
    ? error.message
    : `Cannot append to ${path} (${error.message}).`;
  return new OutsideTrouble(
    `${what} The ${counted(kept, "run")} recorded before ${
      kept === 1 ? "is" : "are"
    } safe; make room or restore write access.`,
    { cause: error },
  );
}

/** Makes a new file's name survive a loss of power, where the system can sync a folder. */
function syncFolder(path: string): void {
  try {
    const folder = openFileSync(path);
    try {
      folder.syncSync();
    } finally {
      folder.close();
    }
  } catch { /* Windows cannot open a folder; its file system keeps the name itself */ }
}
