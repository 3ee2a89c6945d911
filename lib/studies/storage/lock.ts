import { dirname } from "node:path";
import {
  makeFolderSync,
  type OpenFile,
  openFileSync,
  readTextFileSync,
} from "../../core/runtime/files.ts";
import { processId } from "../../core/runtime/own_process.ts";

/** A held lock; it ends with {@link Lock.release} or when the process dies, however that is. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock of a file for this process, or says who has it.
 *
 * The operating system keeps the lock, so a process that was killed leaves none behind. The file
 * itself stays: removing it would let two writers lock two files of the same name.
 *
 * @param path Lock file; made when missing.
 * @param subject What is locked, for the message.
 * @throws {Error} If the file cannot be written, or another process (or another call in this one) holds the lock.
 */
export function takeLock(path: string, subject: string): Lock {
  const file = opened(path, subject);
  try {
    if (!file.tryLockSync(true)) throw new Error(lockedMessage(path, subject));
    // Only for the message above, and no harm if the disk is full.
    try {
      file.truncateSync(0);
      file.writeSync(new TextEncoder().encode(`process ${processId}\n`));
    } catch { /* the lock counts, not its text */ }
  } catch (error) {
    file.close();
    throw error;
  }
  let held = true;
  return {
    release() {
      if (held) file.close();
      held = false;
    },
  };
}

function opened(path: string, subject: string): OpenFile {
  try {
    makeFolderSync(dirname(path));
    return openFileSync(path, { read: true, write: true, create: true });
  } catch (error) {
    throw new Error(
      `${subject} cannot be written: ${path} cannot be opened (${(error as Error).message}). No ` +
        `run was started.`,
      { cause: error },
    );
  }
}

function lockedMessage(path: string, subject: string): string {
  let owner = "";
  try {
    owner = readTextFileSync(path).trim();
  } catch { /* locked for reading too on some systems */ }
  return `${subject} is being written by ${owner || "another process"}. Only one may write at a ` +
    `time: wait for it or stop it. Reading the study meanwhile is fine.`;
}
