import { join } from "node:path";
import { readFolder, remove, stat } from "../../../core/runtime/files.ts";

/** Seconds after which results and checkpoints that nobody asks for are forgotten. */
export const forgottenAfter = 30 * 24 * 3600;
/** Seconds after which no worker is still writing a file, or about to send it. */
const writtenAfter = 24 * 3600;

/** Names of a worker's files: `<run id>.checkpoint`, `<run id>.<uuid>.safetensors`, and their parts. */
const ownFile = /^[0-9a-f]{64}\.(?:checkpoint|[0-9a-f-]{36}\.safetensors)(\.[0-9a-f]{8}\.tmp)?$/;

/**
 * Removes what earlier workers left in a folder: checkpoints of runs that paused at a rung and were
 * never asked for again, parts of files and weights on their way when a worker was killed. Files of
 * others stay, and so does what another worker may still be writing.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  for await (const { name, isFile } of readFolder(folder)) {
    if (!isFile || !ownFile.test(name)) continue;
    const path = join(folder, name);
    const { mtime } = await stat(path).catch(() => ({ mtime: null }));
    if (mtime === null) continue;
    const limit = name.endsWith(".checkpoint") ? forgottenAfter : writtenAfter;
    if (Date.now() - mtime.getTime() > 1000 * limit) await remove(path).catch(() => {});
  }
}
