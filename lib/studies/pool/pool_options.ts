import { checkInteger, show } from "../../core/check.ts";
import { mostThreads } from "../../core/limits.ts";
import { checkOptions, integer, number, option, orNull, passed } from "../../core/options.ts";
import type { ChildOptions } from "./_child_process.ts";
import { systemMemory } from "./memory.ts";

/** How runs are distributed over training processes. */
export interface PoolOptions extends Partial<Omit<ChildOptions, "project" | "writable">> {
  readonly project: string;
  /** Folder that its processes may write; null for none. */
  readonly writable: string | null;
  /**
   * Threads that train at once, in processes of one thread each or of several. Fewer run where the memory
   * does not suffice for them.
   *
   * @default {navigator.hardwareConcurrency}
   */
  readonly workers?: number;
  /**
   * Threads of each run; `auto` for as many as are free when no other run waits for them.
   *
   * @default {1}
   */
  readonly threads?: number | "auto";
  /** Id of the engine that every record must come from; null for whichever there is. */
  readonly engine: string | null;
  /**
   * A process that neither finishes nor makes a step for so long is replaced.
   *
   * @default {300}
   */
  readonly noProgressSeconds?: number;
  /**
   * How long a process may take to end when it is asked to, before it is killed.
   *
   * @default {5}
   */
  readonly graceSeconds?: number;
  /** Told of each line that users' code prints. */
  readonly onLog?: (line: string) => void;
  /** Told of what the user should know, such as that the memory is not enough for all workers. */
  readonly onWarn?: (message: string) => void;
  /** What a process is planned to need, bytes; 0 where that is not known. */
  readonly expectedMemory?: number;
  /** Bytes that processes may still take, null for unknown; what the system says by default. */
  readonly availableMemory?: () => number | null;
}

/** What a timer takes: 2³¹ milliseconds; one that is set to more ends at once. */
const mostSeconds = Math.floor(2 ** 31 / 1000);

/** Of a heap: no machine has more memory. */
const mostMegabytes = 2 ** 24;

/** The numbers among a pool's options, which a caller can check before it has anything to train. */
export const poolLimits = {
  threads: option(checkThreads),
  workers: integer({ from: 1, to: mostThreads }, navigator.hardwareConcurrency),
  noProgressSeconds: number({ above: 0, to: mostSeconds }, 300),
  graceSeconds: number({ from: 0, to: mostSeconds }, 5),
  heapMegabytes: orNull(integer({ from: 16, to: mostMegabytes })),
};

const described = {
  project: passed<string>(),
  writable: passed<string | null>(),
  copyOf: passed<string | undefined>(),
  workers: poolLimits.workers,
  threads: option(checkThreads, 1),
  executor: passed<string | null>(null),
  native: passed<boolean>(false),
  engine: passed<string | null>(),
  noProgressSeconds: poolLimits.noProgressSeconds,
  graceSeconds: poolLimits.graceSeconds,
  heapMegabytes: poolLimits.heapMegabytes,
  onLog: passed<(line: string) => void>(() => {}),
  onWarn: passed<(message: string) => void>(() => {}),
  expectedMemory: passed<number>(0),
  availableMemory: passed<() => number | null>(systemMemory),
};

/**
 * Checks the options of a pool and fills their defaults.
 *
 * @throws {TypeError | RangeError} On unknown options or values out of range.
 */
export function checkPoolOptions(options: PoolOptions) {
  const checked = checkOptions("startPool", options, described);
  checkShares("startPool", checked);
  return checked;
}

function checkThreads(name: string, threads: unknown): number | "auto" {
  if (threads === "auto") return threads;
  if (typeof threads !== "string") return checkInteger(name, threads, { from: 1, to: mostThreads });
  throw new TypeError(
    `${name} must be "auto" or an integer from 1 to ${mostThreads}, found ${show(threads)}.`,
  );
}

/** Refuses runs of more threads than may train at once. */
export function checkShares(
  name: string,
  { threads, workers }: { readonly threads?: number | "auto"; readonly workers: number },
): void {
  if (threads === undefined || threads === "auto" || threads <= workers) return;
  throw new RangeError(
    `${name}: threads must be at most workers, ${workers}, because each thread of a run counts as a worker, ` +
      `found ${threads}.`,
  );
}
