/**
 * A process that does one run with checkpoints and says where it is, so that it can be killed there:
 * `write` in the middle of writing a checkpoint, `rename` before and `renamed` after its renaming,
 * `step N` after a step. It stops a moment at each of the first three.
 *
 * Argument: JSON of the request. The last lines are `peak` with the most memory that it had resident, bytes,
 * and `record` with the record's JSON.
 */
import process from "node:process";
import { executeRun } from "../run.ts";
import type { RunRequest } from "../run_request.ts";

const request: RunRequest = JSON.parse(Deno.args[0]);
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
const moment = () => new Promise((resolve) => setTimeout(resolve, 20));
const isCheckpoint = (path: unknown) => String(path).startsWith(request.checkpoint!.path);

const { open, renameSync } = Deno;
Deno.open = async (path, options) => {
  const file = await open(path, options);
  if (!isCheckpoint(path)) return file;
  const write = file.write.bind(file);
  let announced = false;
  file.write = async (bytes) => {
    if (announced) return await write(bytes);
    announced = true;
    const written = await write(bytes.subarray(0, bytes.length >> 1));
    say("write");
    await moment();
    return written;
  };
  return file;
};
const sleeper = new Int32Array(new SharedArrayBuffer(4));
Deno.renameSync = (from, to) => {
  if (!isCheckpoint(to)) return renameSync(from, to);
  say("rename");
  Atomics.wait(sleeper, 0, 0, 20);
  renameSync(from, to);
  say("renamed");
  Atomics.wait(sleeper, 0, 0, 20);
};

const record = await executeRun(request, {
  // Before the first one it says that it is at work.
  onProgress: (step) => void (step > 0 && say(`step ${step}`)),
});
// Kilobytes on every system, as in Node.
say(`peak ${1024 * process.resourceUsage().maxRSS}`);
say(`record ${JSON.stringify(record)}`);
