/**
 * A training process: reads requests on stdin, trains in a Worker, answers on stdout.
 *
 * Training may keep its thread busy for minutes. This thread stays free, so that a cancellation
 * arrives and so that the process ends at once when its parent is gone (stdin ends), even if the
 * training hangs: `Deno.exit` here ends every thread.
 *
 * @module
 */
import { exit } from "../../core/runtime/own_process.ts";
import { onSignal } from "../../core/runtime/signals.ts";
import { standardInput, writeToOutput } from "../../core/runtime/standard_streams.ts";
import {
  cancelledAt,
  frame,
  type FromChild,
  readLines,
  threadsAt,
  type ToChild,
  type ToTrainer,
} from "./protocol.ts";

async function main(): Promise<void> {
  // Ctrl-C reaches the whole process group; the parent decides what becomes of the runs.
  onSignal("SIGINT", () => {});
  const wishes = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL("./_trainer.ts", import.meta.url), { type: "module" });
  let mark = "";
  const tell = (message: FromChild) => writeAll(frame(mark, message));
  worker.onmessage = (event: MessageEvent<FromChild>) => tell(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    tell({ type: "threw", id: null, message: event.message });
    exit(70);
  };
  for await (const line of readLines(standardInput())) {
    const message: ToChild = JSON.parse(line);
    if (message.type === "cancel") {
      Atomics.store(wishes, cancelledAt, 1);
    } else if (message.type === "threads") {
      Atomics.store(wishes, threadsAt, message.threads);
    } else if (message.type === "run") {
      Atomics.store(wishes, cancelledAt, 0);
      Atomics.store(wishes, threadsAt, message.request.threads ?? 1);
      worker.postMessage(message satisfies ToTrainer);
    } else {
      mark = message.mark;
      const { executor } = message;
      worker.postMessage({ type: "start", executor, wishes } satisfies ToTrainer);
    }
  }
  exit(0);
}

function writeAll(text: string): void {
  try {
    writeToOutput(text);
  } catch {
    // Nobody reads any more: the parent is gone.
    exit(0);
  }
}

if (import.meta.main) await main();
