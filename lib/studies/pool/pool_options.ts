import { checkInteger, checkKeys, checkNumber } from "../../core/check.ts";
import type { ChildOptions } from "./_child_process.ts";
import { systemMemory } from "./_memory.ts";

/** How runs are distributed over training processes. */
export interface PoolOptions extends Partial<Omit<ChildOptions, "project" | "writable">> {
  readonly project: string;
  /** Folder that its processes may write; null for none. */
  readonly writable: string | null;
  /**
   * Processes at once, one thread each; as many as cores by default. Fewer run where the memory does
   * not suffice for them.
   */
  readonly workers?: number;
  /** Id of the engine that every record must come from; null for whichever there is. */
  readonly engine: string | null;
  /** A process that neither finishes nor makes a step for so long is replaced; 300 by default. */
  readonly noProgressSeconds?: number;
  /** How long a process may take to end when it is asked to, before it is killed; 5 by default. */
  readonly graceSeconds?: number;
  /** Told of each line that users' code prints. */
  readonly onLog?: (line: string) => void;
  /** Told of what the user should know, such as that the memory is not enough for all workers. */
  readonly onWarn?: (message: string) => void;
  /** Bytes that processes may still take, null for unknown; what the system says by default. */
  readonly availableMemory?: () => number | null;
}

/**
 * Checks the options of a pool and fills their defaults.
 *
 * @throws {TypeError | RangeError} On unknown options or values out of range.
 */
export function checkPoolOptions(options: PoolOptions) {
  checkKeys("startPool", options, [
    "project",
    "writable",
    "copyOf",
    "workers",
    "executor",
    "native",
    "engine",
    "noProgressSeconds",
    "graceSeconds",
    "heapMegabytes",
    "onLog",
    "onWarn",
    "availableMemory",
  ]);
  const { project, writable, engine, executor = null, heapMegabytes = null } = options;
  const { workers = navigator.hardwareConcurrency, noProgressSeconds = 300 } = options;
  const { graceSeconds = 5, native = false, onLog = () => {} } = options;
  const { onWarn = () => {}, availableMemory = systemMemory } = options;
  checkPoolLimits("startPool", options);
  return {
    project,
    writable,
    copyOf: options.copyOf,
    engine,
    executor,
    heapMegabytes,
    workers,
    noProgressSeconds,
    graceSeconds,
    native,
    onLog,
    onWarn,
    availableMemory,
  };
}

/** What a timer takes: 2³¹ milliseconds; one that is set to more ends at once. */
const mostSeconds = Math.floor(2 ** 31 / 1000);

/** Of a heap: no machine has more memory. */
const mostMegabytes = 2 ** 24;

/** Checks the numbers among a pool's options, so that a caller can before it has anything to train. */
export function checkPoolLimits(
  subject: string,
  { workers, noProgressSeconds, graceSeconds, heapMegabytes = null }: Partial<PoolOptions>,
): void {
  const name = (option: keyof PoolOptions) => `${subject}: ${option}`;
  if (workers !== undefined) checkInteger(name("workers"), workers, { from: 1, to: 1024 });
  if (noProgressSeconds !== undefined) {
    checkNumber(name("noProgressSeconds"), noProgressSeconds, { above: 0, to: mostSeconds });
  }
  if (graceSeconds !== undefined) {
    checkNumber(name("graceSeconds"), graceSeconds, { from: 0, to: mostSeconds });
  }
  if (heapMegabytes !== null) {
    checkInteger(name("heapMegabytes"), heapMegabytes, {
      from: 16,
      to: mostMegabytes,
    });
  }
}
