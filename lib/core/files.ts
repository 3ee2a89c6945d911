import { dirname } from "node:path";
import { uninterrupted } from "./uninterrupted.ts";

/** A file to write. */
export interface FileContent {
  readonly path: string;
  /** Text (as UTF-8) or bytes. */
  readonly content: string | Uint8Array;
}

/**
 * Writes a file so that a reader, and a machine that loses power, sees the old content or the new
 * and never a part: written beside, synced, renamed.
 *
 * @param path File to write; its folder is made when missing.
 * @param content Text (as UTF-8) or bytes.
 * @throws What the system says, with the file's name.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  await writeFilesAtomically([{ path, content }]);
}

/**
 * The same for files that belong together: all are written beside before the first is renamed, so that
 * no lack of room and no signal leaves some old and some new.
 *
 * @param files What to write.
 * @param obsolete Paths of files that these replace; those that are not there are passed over.
 * @throws What the system says, with the name of the file that it says it of.
 */
export async function writeFilesAtomically(
  files: readonly FileContent[],
  obsolete: readonly string[] = [],
): Promise<void> {
  await uninterrupted(async () => {
    const written: { readonly path: string; readonly temporary: string }[] = [];
    try {
      for (const { path, content } of files) {
        const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
        written.push({ path, temporary });
        await naming(path, () => writeBeside(temporary, content));
      }
      // Without a pause between them, in which a signal could be heard.
      for (const { path, temporary } of written) {
        naming(path, () => Deno.renameSync(temporary, path));
      }
      for (const path of obsolete) naming(path, () => removeIfThere(path));
    } catch (error) {
      for (const { temporary } of written) await Deno.remove(temporary).catch(() => {});
      throw error;
    }
  });
}

async function writeBeside(temporary: string, content: string | Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(temporary), { recursive: true });
  const file = await Deno.open(temporary, { write: true, createNew: true });
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    for (let written = 0; written < bytes.length;) {
      written += await file.write(bytes.subarray(written));
    }
    await file.sync();
  } finally {
    file.close();
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Puts the file's name before what the system says, which names none where a disk is full. */
function naming<T>(path: string, write: () => T): T {
  const named = (error: unknown) => {
    if (error instanceof Error) error.message = `Cannot write ${path}: ${error.message}`;
    return error;
  };
  try {
    const result = write();
    return result instanceof Promise
      ? result.catch((error) => {
        throw named(error);
      }) as T
      : result;
  } catch (error) {
    throw named(error);
  }
}
