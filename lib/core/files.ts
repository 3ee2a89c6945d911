import { dirname } from "node:path";

/**
 * Writes a file so that a reader, and a machine that loses power, sees the old content or the new
 * and never a part: written beside, synced, renamed.
 *
 * @param path File to write; its folder is made when missing.
 * @param content Text (as UTF-8) or bytes.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
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
    throw error;
  }
}
