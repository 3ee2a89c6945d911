/**
 * A process whose Worker writes a file in two halves, over and over, and whose main thread ends it in the
 * middle of the first write, as `commands/thread.ts` does. Argument: the file.
 *
 * @module
 */
import { endOfWrites } from "../uninterrupted.ts";

const writes = new Int32Array(new SharedArrayBuffer(4));
const worker = new Worker(new URL("./half_by_half.ts", import.meta.url), { type: "module" });
worker.onmessage = async () => {
  await endOfWrites(writes);
  // Long enough for another half.
  await new Promise((resolve) => setTimeout(resolve, 300));
  Deno.exit(130);
};
worker.postMessage({ path: Deno.args[0], writes });
