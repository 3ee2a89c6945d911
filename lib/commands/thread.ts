import { libraryPaths } from "../core/runtime/deno_program.ts";
import { isAllowed } from "../core/runtime/permissions.ts";
import { endOfWrites } from "../core/uninterrupted.ts";
import { type Command, CommandError } from "./command.ts";
import type { FromThread, ToThread } from "./_thread.ts";

const thread = new URL("./_thread.ts", import.meta.url);

/** How long a command may take to end by itself when it is interrupted while it waits for something. */
const graceMilliseconds = 500;

/** Whether this process may start a Worker: it reads what the library loads. */
export function canRunInThread(): boolean {
  return libraryPaths.length > 0 &&
    libraryPaths.every((path) => isAllowed("read", path));
}

/**
 * Runs a command that computes for long in a Worker, so that this thread hears signals meanwhile.
 *
 * @param command What to run.
 * @param args Its arguments.
 * @param signal Ends it: the command is told, and the promise is rejected when nothing is half written,
 * at once or after half a second. The Worker may still be busy then; only `Deno.exit` ends it.
 * @returns Exit code.
 */
export async function runInThread(
  { name }: Command,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const writes = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(thread, { type: "module" });
  const tell = (message: ToThread) => worker.postMessage(message);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  worker.onmessage = ({ data }: MessageEvent<FromThread>) => {
    if (data.type === "ended") resolve(data.code);
    else reject(new CommandError(data.message, data.code, data.showUsage));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  signal.addEventListener("abort", () => {
    tell({ type: "interrupt" });
    setTimeout(() => endOfWrites(writes).then(() => reject(signal.reason)), graceMilliseconds);
  });
  tell({ type: "start", name, args, writes });
  return await promise;
}
