import { dirname } from "node:path";
import { OutsideTrouble } from "./outside_trouble.ts";

/**
 * Writes a file so that a reader, and a machine that loses power, sees the old content or the new
 * and never a part: written beside, synced, renamed.
 *
 * @param path File to write; its folder is made when missing.
 * @param content Text (as UTF-8) or bytes.
 * @throws {OutsideTrouble} If it cannot be written, such as on a full disk; the message names the file.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
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
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw cannotWrite(path, error);
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
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeFile(temporary, new Uint8Array(), { createNew: true });
    await Deno.remove(temporary);
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
