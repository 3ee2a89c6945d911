import { dirname } from "node:path";
import { OutsideTrouble } from "./outside_trouble.ts";
import { isNotFound } from "./runtime/errors.ts";
import {
  makeFolder,
  openFile,
  remove,
  removeSync,
  renameSync,
  writeFile,
} from "./runtime/files.ts";
import { uninterrupted } from "./uninterrupted.ts";

type FileBytes = string | Uint8Array | Iterable<Uint8Array>;

/** A file to write. */
export interface FileContent {
  readonly path: string;
  /** Text (as UTF-8), bytes, or bytes in pieces, each of which is written before the next is asked for. */
  readonly content: FileBytes;
}

/**
 * Writes a file so that a reader, and a machine that loses power, sees the old content or the new
 * and never a part: written beside, synced, renamed.
 *
 * @param path File to write; its folder is made when missing.
 * @param content Text (as UTF-8), bytes, or bytes in pieces, each of which is written before the next is
 * asked for.
 * @throws {OutsideTrouble} If it cannot be written, such as on a full disk; the message names the file.
 */
export async function writeFileAtomically(
  path: string,
  content: FileBytes,
): Promise<void> {
  await writeFilesAtomically([{ path, content }]);
}

/**
 * The same for files that belong together: all are written beside before the first is renamed, so that
 * no lack of room and no signal leaves some old and some new.
 *
 * @param files What to write.
 * @param obsolete Paths of files that these replace; those that are not there are passed over.
 * @throws {OutsideTrouble} If one cannot be written; the message names it.
 */
export async function writeFilesAtomically(
  files: readonly FileContent[],
  obsolete: readonly string[] = [],
): Promise<void> {
  await uninterrupted(async () => {
    const written: { readonly path: string; readonly temporary: string }[] = [];
    let current = "";
    try {
      for (const { path, content } of files) {
        current = path;
        const temporary = temporaryBeside(path);
        written.push({ path, temporary });
        await writeBeside(temporary, content);
      }
      // Without a pause between them, in which a signal could be heard.
      for (const { path, temporary } of written) {
        current = path;
        renameSync(temporary, path);
      }
      for (const path of obsolete) {
        current = path;
        removeIfThere(path);
      }
    } catch (error) {
      for (const { temporary } of written) await remove(temporary).catch(() => {});
      throw cannotWrite(current, error);
    }
  });
}

async function writeBeside(temporary: string, content: FileBytes): Promise<void> {
  await makeFolder(dirname(temporary));
  const file = await openFile(temporary, { write: true, createNew: true });
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
      for (let written = 0; written < piece.length;) {
        written += await file.write(piece.subarray(written));
      }
    }
    await file.sync();
  } finally {
    file.close();
  }
}

function removeIfThere(path: string): void {
  try {
    removeSync(path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/**
 * Looks whether a file could be written, by an empty one beside it that is removed.
 *
 * @throws {OutsideTrouble} As {@link writeFileAtomically}.
 */
export async function checkWritable(path: string): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await makeFolder(dirname(path));
    await writeFile(temporary, new Uint8Array(), { createNew: true });
    await remove(temporary);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

const temporaryBeside = (path: string) => `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;

/** Says of which file a system's error is; some of its own name none. */
export function cannotWrite(path: string, error: unknown): OutsideTrouble {
  // What follows the system's words is the name of the temporary file.
  const reason = (error as Error).message.replace(/(\(os error \d+\)).*$/s, "$1");
  return new OutsideTrouble(`Cannot write ${path} (${reason}).`, { cause: error });
}
