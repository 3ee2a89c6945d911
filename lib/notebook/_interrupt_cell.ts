import { operatingSystem } from "../core/runtime/machine.ts";
import { wait } from "../core/wait.ts";
import type { CurrentCell } from "./_current_cell.ts";
import type { Frontend } from "./_frontend.ts";
import type { Kernel } from "./kernel.ts";
import { within } from "./_process.ts";

/** How long a kernel may take to hear an interrupt before it counts as busy. */
const hearingMilliseconds = 3000;
/** How long a cell may take to end after an interrupt. */
const endingMilliseconds = 3000;

const waitsMessage =
  "Interrupted, but this cell still waits. A study ends when its runs have written their " +
  "checkpoints; anything else ends when the kernel is restarted. Finished runs are kept.\n";

/** Ends the cell that runs, if it can be ended. */
export async function interruptCell(
  cell: CurrentCell,
  frontend: Frontend,
  kernel: Kernel,
): Promise<void> {
  if (!cell.running) return;
  const asked = cell.request;
  const goesOn = () => cell.running && cell.request === asked;
  // Twice, for a loop may begin just after the kernel heard the first one.
  for (let attempt = 0; attempt < 2 && goesOn(); attempt++) {
    cell.interrupted = Promise.withResolvers();
    if (operatingSystem !== "windows") kernel.signal();
    if (!await within(cell.interrupted.promise, hearingMilliseconds)) {
      return await stop(cell, kernel, goesOn);
    }
    await wait(endingMilliseconds);
  }
  if (goesOn()) frontend.publish("stream", { name: "stderr", text: waitsMessage }, asked);
}

/** Stops a loop that hears nothing, or else its kernel. */
async function stop(cell: CurrentCell, kernel: Kernel, goesOn: () => boolean): Promise<void> {
  if (!goesOn()) return;
  await kernel.interrupt().catch(() => {});
  await wait(endingMilliseconds);
  cell.stuck = goesOn();
  if (cell.stuck) await kernel.close();
}
