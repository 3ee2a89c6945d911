import { dirname, join } from "node:path";
import { cannotWrite } from "../../core/files.ts";
import { isNotFound } from "../../core/runtime/errors.ts";
import {
  makeFolderSync,
  openFileSync,
  readFileSync,
  removeSync,
  renameSync,
  writeWholeSync,
} from "../../core/runtime/files.ts";
import { type JournalContent, parseJournal } from "../../records/read_runs.ts";
import type { RunRecord } from "../../records/run_record.ts";

/** A journal as far as it can be read. */
export interface ReadableJournal extends JournalContent {
  /** Whole lines that are no records. What they hold besides is in `lines`. */
  readonly damaged: readonly { readonly line: number; readonly bytes: Uint8Array }[];
}

const lineFeed = 10;

/**
 * Reads a journal with lines that are damaged: cut in the middle, written over, grown together. Records
 * that such a line holds as a whole are read.
 *
 * @throws {RangeError} If a line was written by a newer version.
 */
export function parseReadable(bytes: Uint8Array, name: string): ReadableJournal {
  try {
    return { ...parseJournal(bytes, name), damaged: [] };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const lines: RunRecord[] = [];
  const damaged: { line: number; bytes: Uint8Array }[] = [];
  let [start, line] = [0, 1];
  for (let end; (end = bytes.indexOf(lineFeed, start)) !== -1; start = end + 1, line++) {
    const whole = bytes.subarray(start, end + 1);
    const record = recordIn(whole, name);
    if (record !== null) lines.push(record);
    else {
      damaged.push({ line, bytes: whole });
      lines.push(...piecesOf(whole).flatMap((piece) => recordIn(piece, name) ?? []));
    }
  }
  const rest = bytes.length - start;
  return { lines, damaged, length: start, torn: rest === 0 ? null : { line, bytes: rest } };
}

/** The record of a line; null if it holds none. */
function recordIn(line: Uint8Array, name: string): RunRecord | null {
  try {
    return parseJournal(line, name).lines[0];
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A line cut before each record's beginning; inside of a record's texts the quotes are escaped. */
function piecesOf(line: Uint8Array): Uint8Array[] {
  const text = new TextDecoder().decode(line).replace(/\n$/, "");
  return text.split(/(?=\{"schemaVersion":)/).map((piece) =>
    new TextEncoder().encode(`${piece}\n`)
  );
}

/** The same of a file; one that does not exist is empty. */
export function readReadable(path: string): ReadableJournal {
  return parseReadable(bytesOf(path), path);
}

/** Bytes of a file; none where it does not exist. */
export function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isNotFound(error)) return new Uint8Array();
    throw error;
  }
}

/** Lines of a journal as the library writes them. */
export function journalBytes(runs: readonly RunRecord[]): Uint8Array {
  return new TextEncoder().encode(runs.map((run) => `${JSON.stringify(run)}\n`).join(""));
}

/** File beside a journal that keeps lines which were taken out of it. */
export function damagedPath(journal: string): string {
  return join(dirname(journal), "damaged-runs.txt");
}

/** Puts lines into the file beside a journal, behind those that are there, and syncs it. */
export function setLinesAside(journal: string, lines: readonly Uint8Array[]): void {
  const path = damagedPath(journal);
  try {
    using file = openFileSync(path, { append: true, create: true });
    for (const line of lines) writeWholeSync(file, line);
    file.syncSync();
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Puts a file in the place of another, synced before it is renamed. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    makeFolderSync(dirname(path));
    {
      using file = openFileSync(temporary, { write: true, createNew: true });
      writeWholeSync(file, bytes);
      file.syncSync();
    }
    renameSync(temporary, path);
  } catch (error) {
    try {
      removeSync(temporary);
    } catch { /* it was not made */ }
    throw cannotWrite(path, error);
  }
}
