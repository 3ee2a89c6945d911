import type { KernelExports } from "./kernel_exports.ts";
import type { Multiply } from "./_calls.ts";

/**
 * What the threads of one training share besides the engine's memory: tasks, each a list of calls, and
 * who has done what. Tasks are numbered from 0 on; counts only grow and wrap after 2³².
 */
export interface Board {
  /** Counters, each on a cache line of its own: see the constants below. */
  readonly control: Int32Array<SharedArrayBuffer>;
  /** Where the calls of each task begin and end, at twice its number modulo {@link mostTasks}. */
  readonly spans: Int32Array<SharedArrayBuffer>;
  /** Calls one after the other: number of the function, of its arguments, and these. */
  readonly calls: Float64Array<SharedArrayBuffer>;
  /** What the last call of each task returned. */
  readonly results: Float64Array<SharedArrayBuffer>;
  /** Why a thread failed, as UTF-8. */
  readonly message: Uint8Array<SharedArrayBuffer>;
}

/** Tasks that were given out. */
export const given = 0;
/** Tasks that were taken. */
export const taken = 16;
/** Tasks that are done. */
export const done = 32;
/** Threads that wait for a task. */
export const sleeping = 48;
/** 1 while the main thread waits for the others. */
export const mainWaits = 64;
/** 1 once a thread has failed. */
export const failed = 80;
/** 1 once the threads are to end. */
export const stopped = 96;
/** Grows with each task and at the end: what threads without a task wait for. */
export const news = 112;

/** Tasks on the board at once. */
export const mostTasks = 4096;
/** Numbers that calls may take: 8 MiB, of which the system commits what is used. */
export const roomForCalls = 1 << 20;

/** An empty board. */
export function createBoard(): Board {
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  return {
    control: new Int32Array(shared(4 * 128)),
    spans: new Int32Array(shared(8 * mostTasks)),
    calls: new Float64Array(shared(8 * roomForCalls)),
    results: new Float64Array(shared(8 * mostTasks)),
    message: new Uint8Array(shared(1024)),
  };
}

/** What a thread calls by number. */
export type Called = (...values: number[]) => number | void;

/** Kernels in the order of their names, which every thread of one build has. */
export function kernelNames(exports: KernelExports): readonly (keyof KernelExports)[] {
  const names = Object.entries(exports).filter(([, value]) => typeof value === "function");
  return names.map(([name]) => name as keyof KernelExports).sort();
}

/** All that a thread can be told to call: the kernels, a product, and one with a packed matrix. */
export function functionsOf(
  exports: KernelExports,
  workspace: number,
  blas: Multiply | null,
): readonly Called[] {
  const { gemm, gemmPacked } = exports;
  const multiply: Multiply = blas ??
    ((transposeA, transposeB, m, n, k, a, lda, b, ldb, accumulate, c, ldc) =>
      gemm(+transposeA, +transposeB, m, n, k, a, lda, b, ldb, +accumulate, c, ldc, workspace));
  return [
    ...kernelNames(exports).map((name) => exports[name] as unknown as Called),
    multiply as unknown as Called,
    (m, n, k, a, lda, packed, accumulate, c, ldc) =>
      gemmPacked(m, n, k, a, lda, packed, accumulate, c, ldc, workspace),
  ];
}

/** Takes the next task; −1 where there is none. */
export function takeTask({ control }: Board): number {
  for (;;) {
    const next = Atomics.load(control, taken);
    if (((Atomics.load(control, given) - next) | 0) <= 0) return -1;
    if (Atomics.compareExchange(control, taken, next, (next + 1) | 0) === next) {
      return next & (mostTasks - 1);
    }
  }
}

/** Makes the calls of a task. */
export function doTask(
  { spans, calls, results }: Board,
  task: number,
  functions: readonly Called[],
): void {
  const end = spans[2 * task + 1];
  let result: number | void = 0;
  for (let at = spans[2 * task]; at < end;) {
    const first = at + 2, last = first + calls[at + 1];
    // Unlike a spread, this takes the numbers without an iterator.
    result = Reflect.apply(functions[calls[at]], undefined, calls.subarray(first, last));
    at = last;
  }
  results[task] = result ?? 0;
}

/** Whether there are tasks that nobody has taken. */
export function hasTasks({ control }: Board): boolean {
  return ((Atomics.load(control, given) - Atomics.load(control, taken)) | 0) > 0;
}

/** Says that a task is done. */
export function finishTask({ control }: Board): void {
  Atomics.add(control, done, 1);
  if (Atomics.load(control, mainWaits) === 1) Atomics.notify(control, done);
}
