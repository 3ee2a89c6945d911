import { dirname } from "node:path";
import { cannotWrite } from "./files.ts";
import { isNotCapable, isPermissionDenied } from "./runtime/errors.ts";
import { makeFolder, type OpenFile, openFile, remove, rename } from "./runtime/files.ts";
import { wait } from "./wait.ts";

/** How long a process that finds a folder in the making waits until it looks again, milliseconds. */
const pause = 50;

/**
 * What a folder keeps for every process: made once, by the first that needs it, while the others wait for it.
 *
 * It is written beside and renamed when it is whole: a process that is killed leaves no half of it, and what
 * it leaves the next one removes. The lock beside it ends with the process that has it.
 *
 * @param path The folder. Its name should say all that its content depends on.
 * @param options.read What the folder keeps; null where it is not there, or not as it was written: then it is
 * made again.
 * @param options.write Writes what is kept into a folder that is there and empty, onto the disk.
 * @param options.breathe Called now and then while another process writes; what it throws ends the waiting.
 * @returns What it keeps, or null where it is not there and this process may not write it.
 * @throws {OutsideTrouble} If the disk does not take it; the message names the folder.
 *
 * @example
 * ```ts
 * import { join } from "node:path";
 * import { keptFolder } from "./kept_folder.ts";
 * import assert from "node:assert/strict";
 * const folder = await Deno.makeTempDir();
 * let made = 0;
 * const kept = () =>
 *   keptFolder(join(folder, "one"), {
 *     read: (path) => Deno.readTextFile(join(path, "text")).catch(() => null),
 *     async write(path) {
 *       made++;
 *       await Deno.writeTextFile(join(path, "text"), "call me");
 *     },
 *   });
 * assert.deepEqual(await Promise.all([kept(), kept(), kept()]), ["call me", "call me", "call me"]);
 * assert.equal(made, 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function keptFolder<Kept>(
  path: string,
  { read, write, breathe }: {
    readonly read: (path: string) => Promise<Kept | null>;
    readonly write: (path: string) => Promise<void>;
    readonly breathe?: () => void;
  },
): Promise<Kept | null> {
  const there = await read(path);
  if (there !== null) return there;
  let lock: OpenFile;
  try {
    await makeFolder(dirname(path));
    lock = await openFile(`${path}.lock`, { read: true, write: true, create: true });
  } catch (error) {
    if (isNotCapable(error) || isPermissionDenied(error)) return null;
    throw cannotWrite(path, error);
  }
  using held = lock;
  while (!held.tryLockSync(true)) {
    breathe?.();
    await wait(pause);
  }
  const meanwhile = await read(path);
  if (meanwhile !== null) return meanwhile;
  const unfinished = `${path}.unfinished`;
  try {
    for (const old of [path, unfinished]) await removeFolder(old);
    await makeFolder(unfinished);
    await write(unfinished);
    await rename(unfinished, path);
  } catch (error) {
    await removeFolder(unfinished);
    const ofSystem = typeof (error as { readonly code?: unknown }).code === "string";
    throw ofSystem ? cannotWrite(path, error) : error;
  }
  return await read(path);
}

async function removeFolder(path: string): Promise<void> {
  await remove(path, { recursive: true }).catch(() => {});
}
