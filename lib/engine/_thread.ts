/** A further thread of a training: does what is on the board until it is told to end. */
import { parentPort } from "node:worker_threads";
import { blasMultiply, openLibrary } from "./_blas_library.ts";
import {
  type Board,
  doTask,
  failed,
  finishTask,
  functionsOf,
  hasTasks,
  news,
  sleeping,
  stopped,
  takeTask,
} from "./_board.ts";
import type { KernelExports } from "./kernel_exports.ts";

/** What a thread begins with. */
export interface ThreadStart {
  readonly board: Board;
  readonly memory: WebAssembly.Memory;
  readonly kernels: WebAssembly.Module;
  /** Address of the working memory that is its own. */
  readonly workspace: number;
  /** Path of the BLAS that multiplies, or null for the kernels. */
  readonly blas: string | null;
}

/** Looks for a task before a thread goes to sleep: some 50 µs, as long as waking one takes. */
const looks = 500;

parentPort!.once("message", ({ board, memory, kernels, workspace, blas }: ThreadStart) => {
  const exports = new WebAssembly.Instance(kernels, { env: { memory } })
    .exports as unknown as KernelExports;
  const buffer = memory.buffer as unknown as SharedArrayBuffer;
  const multiply = blas === null ? null : blasMultiply(openLibrary(blas), buffer);
  const functions = functionsOf(exports, workspace, multiply);
  parentPort!.postMessage("ready");
  while (waitForTask(board)) {
    for (let task; (task = takeTask(board)) >= 0;) {
      try {
        doTask(board, task, functions);
      } catch (error) {
        fail(board, error);
      }
      finishTask(board);
    }
  }
  // Deno's Workers have it, its types lack it.
  (globalThis as unknown as { close(): void }).close();
});

/** Waits until there may be a task; false when the thread is to end. */
function waitForTask(board: Board): boolean {
  const { control } = board;
  let seen = 0;
  for (let look = 0; look < looks; look++) {
    seen = Atomics.load(control, news);
    if (hasTasks(board)) return true;
    if (Atomics.load(control, stopped) === 1) return false;
  }
  Atomics.add(control, sleeping, 1);
  // Over at once where there was news since the last look.
  Atomics.wait(control, news, seen);
  Atomics.sub(control, sleeping, 1);
  return true;
}

function fail({ control, message }: Board, error: unknown): void {
  const bytes = new TextEncoder().encode(String(error).slice(0, 300));
  message.fill(0);
  message.set(bytes.subarray(0, message.length));
  Atomics.store(control, failed, 1);
}
