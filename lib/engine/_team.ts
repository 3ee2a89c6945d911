import { Worker } from "node:worker_threads";
import { OutsideTrouble } from "../core/outside_trouble.ts";
import { arena } from "./_arena.ts";
import {
  type Board,
  createBoard,
  done,
  doTask,
  failed,
  finishTask,
  functionsOf,
  given,
  kernelNames,
  mainWaits,
  mostTasks,
  news,
  roomForCalls,
  sleeping,
  stopped,
  takeTask,
} from "./_board.ts";
import type { ThreadStart } from "./_thread.ts";
import type { KernelExports } from "./kernel_exports.ts";
import type { Calls, Multiply } from "./_calls.ts";

/** What the threads compute with. */
export interface TeamEngine {
  /** Id of the engine, by which its kernels find the team. */
  readonly id: string;
  readonly relaxed: boolean;
  /** Path of the BLAS that multiplies, or null for the kernels. */
  readonly blas: string | null;
  /** The same product in this thread; null for the kernels'. */
  readonly multiply: Multiply | null;
}

/** Several threads that work on one memory, this one among them. */
export interface Team {
  readonly engine: TeamEngine;
  readonly threads: number;
  /** Work below which handing over does not pay, nanoseconds of one thread. */
  readonly smallestWork: number;
  /**
   * Does some parts, each whole by one of the threads, and waits for all.
   *
   * @param count Parts.
   * @param record Makes the calls of a part.
   * @returns What the last call of each of the first parts returned.
   * @throws {OutsideTrouble} If a thread failed.
   */
  run(count: number, record: (part: number, calls: Calls) => void): Float64Array;
  end(): void;
}

/** Looks for the others' end before this thread sleeps: some 50 µs. */
const looks = 500;
/** A further thread that does not answer after so long counts as not started, milliseconds. */
const startMilliseconds = 60_000;

let theTeam: Team | null = null;

/** The threads of an engine; null where there is only this one. */
export function teamOf(id: string): Team | null {
  return theTeam !== null && theTeam.engine.id === id ? theTeam : null;
}

/** Threads that train now. */
export function threadsInUse(): number {
  return theTeam?.threads ?? 1;
}

/**
 * Makes the number of threads of an engine what is asked for; those of another one end.
 *
 * @throws {OutsideTrouble} If one cannot be started.
 */
export async function useTeam(
  engine: TeamEngine,
  threads: number,
  smallestWork: number,
): Promise<void> {
  const fits = theTeam?.engine.id === engine.id && theTeam.threads === threads &&
    theTeam.smallestWork === smallestWork;
  if (fits) return;
  theTeam?.end();
  theTeam = null;
  if (threads > 1) theTeam = await startTeam(engine, threads, smallestWork);
}

async function startTeam(
  engine: TeamEngine,
  threads: number,
  smallestWork: number,
): Promise<Team> {
  const memory = arena();
  const exports = engine.relaxed ? memory.relaxedExports() : memory.exports;
  const board = createBoard();
  const workspaceBytes = exports.gemmWorkspaceBytes();
  const workspaces = Array.from(
    { length: threads },
    () => memory.allocate(workspaceBytes, () => `working memory of ${threads} threads`),
  );
  const workers: Worker[] = [];
  const end = () => {
    Atomics.store(board.control, stopped, 1);
    Atomics.add(board.control, news, 1);
    Atomics.notify(board.control, news);
    workspaces.forEach(memory.free);
  };
  try {
    await Promise.all(
      workspaces.slice(1).map(async (workspace, index) => {
        const name = `thread ${index + 2} of ${threads}`;
        const worker = createThread(name);
        workers.push(worker);
        await started(worker, name, {
          board,
          memory: memory.memory,
          kernels: engine.relaxed ? memory.relaxedModule : memory.module,
          workspace,
          blas: engine.blas,
        });
      }),
    );
  } catch (error) {
    end();
    await Promise.all(workers.map((worker) => worker.terminate()));
    throw error;
  }
  const functions = functionsOf(exports, workspaces[0], engine.multiply);
  const recorder = createRecorder(board, exports);
  const direct = directCalls(exports, functions);
  return {
    engine,
    threads,
    smallestWork,
    end,
    run(count, record) {
      const results = runParts(board, functions, recorder, { count, record, direct });
      if (Atomics.load(board.control, failed) === 0) return results;
      theTeam?.end();
      theTeam = null;
      throw new OutsideTrouble(`A thread of the engine failed: ${messageOf(board)}.`);
    },
  };
}

function cannotStart(name: string, reason: string): OutsideTrouble {
  return new OutsideTrouble(`Cannot start ${name} of the engine: ${reason}.`);
}

function createThread(name: string): Worker {
  try {
    const worker = new Worker(new URL("./_thread.ts", import.meta.url));
    // Threads without work keep no process alive.
    worker.unref();
    return worker;
  } catch (error) {
    throw cannotStart(name, (error as Error).message);
  }
}

/** Waits until a thread is ready. */
function started(worker: Worker, name: string, start: ThreadStart): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(cannotStart(name, reason));
    const timer = setTimeout(
      () => fail(`it did not answer within ${startMilliseconds / 1000} s`),
      startMilliseconds,
    );
    worker.once("error", (error: Error) => {
      clearTimeout(timer);
      fail(error.message);
    });
    worker.once("message", () => {
      clearTimeout(timer);
      resolve();
    });
    worker.postMessage(start);
  });
}

interface Recorder {
  readonly calls: Calls;
  /** Begins at the board's start: nobody reads what is there. */
  clear(): void;
  /** Begins a part. */
  begin(): void;
  /** Where the part lies. */
  span(): readonly [number, number];
  isFull(): boolean;
}

/** What ends the recording of a part with more calls than the board takes. */
const noRoom = new RangeError(`A part's calls take more than ${roomForCalls} numbers.`);

/** Writes calls on the board. */
function createRecorder({ calls }: Board, exports: KernelExports): Recorder {
  let at = 0, first = 0;
  const write = (called: number, values: readonly (number | boolean)[]) => {
    if (at + 2 + values.length > roomForCalls) throw noRoom;
    calls[at] = called;
    calls[at + 1] = values.length;
    for (let i = 0; i < values.length; i++) calls[at + 2 + i] = Number(values[i]);
    at += 2 + values.length;
  };
  const names = kernelNames(exports);
  const kernels = Object.fromEntries(
    names.map((name, called) => [name, (...values: number[]) => write(called, values)]),
  ) as unknown as KernelExports;
  return {
    calls: {
      kernels,
      multiply: (...values) => write(names.length, values),
      multiplyPacked: (...values) => write(names.length + 1, values),
    },
    clear: () => void (at = 0),
    begin: () => void (first = at),
    span: () => [first, at],
    isFull: () => at > roomForCalls / 2,
  };
}

/** Calls that are made at once, in this thread. */
function directCalls(kernels: KernelExports, functions: Parameters<typeof doTask>[2]): Calls {
  const [multiply, multiplyPacked] = functions.slice(-2) as unknown as [
    Calls["multiply"],
    Calls["multiplyPacked"],
  ];
  return { kernels, multiply, multiplyPacked };
}

function runParts(
  board: Board,
  functions: Parameters<typeof doTask>[2],
  recorder: Recorder,
  { count, record, direct }: {
    count: number;
    record: (part: number, calls: Calls) => void;
    direct: Calls;
  },
): Float64Array {
  const { control, spans, results } = board;
  let firstNumber = Atomics.load(control, given);
  const answers = new Float64Array(count);
  let problem: unknown = null;
  let finished = 0;
  const finish = (part: number) => {
    try {
      help(board, functions);
    } catch (error) {
      problem ??= error;
    }
    waitForOthers(board);
    for (; finished < part; finished++) {
      answers[finished] = results[(firstNumber + finished) & (mostTasks - 1)];
    }
    recorder.clear();
  };
  recorder.clear();
  for (let part = 0; part < count && problem === null; part++) {
    if (recorder.isFull() || part - finished === mostTasks) finish(part);
    recorder.begin();
    try {
      record(part, recorder.calls);
    } catch (error) {
      // The others still do what they were given.
      finish(part);
      if (error !== noRoom) throw error;
      // Calls for which there is no room are this thread's own, and no task.
      if (problem === null) record(part, direct);
      finished++;
      firstNumber--;
      continue;
    }
    const span = recorder.span();
    const task = Atomics.load(control, given) & (mostTasks - 1);
    spans[2 * task] = span[0];
    spans[2 * task + 1] = span[1];
    Atomics.add(control, given, 1);
    Atomics.add(control, news, 1);
    if (Atomics.load(control, sleeping) > 0) Atomics.notify(control, news);
  }
  finish(count);
  if (problem !== null) throw problem;
  return answers;
}

/** Does tasks as the other threads do, until there are none. */
function help(board: Board, functions: Parameters<typeof doTask>[2]): void {
  let problem: unknown = null;
  for (let task; (task = takeTask(board)) >= 0;) {
    try {
      if (problem === null) doTask(board, task, functions);
    } catch (error) {
      problem = error;
    }
    finishTask(board);
  }
  if (problem !== null) throw problem;
}

function waitForOthers({ control }: Board): void {
  const all = Atomics.load(control, given);
  for (let look = 0; look < looks; look++) if (Atomics.load(control, done) === all) return;
  Atomics.store(control, mainWaits, 1);
  for (let now; (now = Atomics.load(control, done)) !== all;) {
    Atomics.wait(control, done, now);
  }
  Atomics.store(control, mainWaits, 0);
}

function messageOf({ message }: Board): string {
  const end = message.indexOf(0);
  return new TextDecoder().decode(message.slice(0, end < 0 ? message.length : end));
}
