import { Buffer } from "node:buffer";
import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { isNotFound } from "../../core/runtime/errors.ts";
import {
  lstatSync,
  type OpenFile,
  openFileSync,
  readAtSync,
  removeSync,
  writeWholeSync,
} from "../../core/runtime/files.ts";
import { isAllowed } from "../../core/runtime/permissions.ts";
import type { RunRecord } from "../../records/run_record.ts";

/**
 * Which lines of a project's journals this project wrote when it had trained a run: `results/.trained`,
 * one line a run with its id, the SHA-256 of its line and the name of its study.
 *
 * The first line binds the file to itself, by its inode and time of birth: the same bytes in a folder that
 * was copied, cloned or received vouch for nothing, and the file is begun anew. An entry that is missing
 * or torn only means that another study trains that run itself.
 */
export interface Ledger {
  /** Enters runs that a study has in its journal; those that failed are left out. */
  enter(study: string, runs: readonly RunRecord[]): void;
  /** For each study that trained one of some runs, the SHA-256 of the lines that it wrote. */
  find(ids: { has(id: string): boolean }): Map<string, Set<string>>;
  close(): void;
}

const idLength = 64;
const hashAt = idLength + 1;
const nameAt = hashAt + idLength + 1;
const lineFeed = 10;

/**
 * Opens the ledger of a project; made when missing, begun anew when it was written elsewhere.
 *
 * Where it cannot be (no permission, a file system without inodes or times of birth), it stays empty.
 */
export function openLedger(project: string): Ledger {
  const file = opened(join(project, "results", ".trained"));
  if (file === null) return { enter() {}, find: () => new Map(), close() {} };
  let open = true;
  return {
    enter(study, runs) {
      const lines = runs.filter(({ status }) => status !== "failed")
        .map((run) => `${run.id} ${sha256(JSON.stringify(run))} ${study}\n`);
      try {
        write(file, lines.join(""));
      } catch { /* trained again, if another study asks for them */ }
    },
    find(ids) {
      const found = new Map<string, Set<string>>();
      const text = read(file, 0, file.statSync().size).toString("latin1");
      let start = 0;
      for (let end; (end = text.indexOf("\n", start)) !== -1; start = end + 1) {
        if (end - start <= nameAt || !ids.has(text.slice(start, start + idLength))) continue;
        const study = Buffer.from(text.slice(start + nameAt, end), "latin1").toString();
        const hashes = found.get(study) ?? new Set();
        found.set(study, hashes.add(text.slice(start + hashAt, start + nameAt - 1)));
      }
      return found;
    },
    close() {
      if (open) file.close();
      open = false;
    },
  };
}

function opened(path: string): OpenFile | null {
  // Asked first, so that no terminal prompts for what a study can do without.
  if (!isAllowed("read", path) || !isAllowed("write", path)) return null;
  let file: OpenFile | null = null;
  try {
    removeLink(path);
    file = openFileSync(path, { read: true, append: true, create: true });
    // Two studies may begin it at the same time.
    file.lockSync(true);
    const header = headerOf(file);
    if (header !== null) begin(file, header);
    file.unlockSync();
    if (header !== null) return file;
  } catch { /* as where it may not be written */ }
  file?.close();
  return null;
}

function begin(file: OpenFile, header: string): void {
  const { size } = file.statSync();
  if (read(file, 0, header.length).toString() !== header) {
    file.truncateSync(0);
    write(file, header);
  } else if (read(file, size - 1, 1)[0] !== lineFeed) {
    // A torn line must not swallow the next one.
    write(file, "\n");
  }
}

/** What only this file can begin with; null where the file system does not say. */
function headerOf(file: OpenFile): string | null {
  const { ino, birthtime } = file.statSync();
  return ino === null || birthtime === null
    ? null
    : `Runs that this project trained; inode ${ino}, born ${birthtime.toISOString()}\n`;
}

/** Removes a link to another file, which a folder from elsewhere may hold, before anything is written. */
function removeLink(path: string): void {
  try {
    if (!lstatSync(path).isFile) removeSync(path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function read(file: OpenFile, from: number, most: number): Buffer {
  const { buffer, length } = readAtSync(file, from, most);
  return Buffer.from(buffer, 0, length);
}

function write(file: OpenFile, text: string): void {
  writeWholeSync(file, new TextEncoder().encode(text));
}
