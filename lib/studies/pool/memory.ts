import { readTextFileSync } from "../../core/runtime/files.ts";
import { machineMemory } from "../../core/runtime/machine.ts";
import { isAllowed } from "../../core/runtime/permissions.ts";

/** What a training process is taken to need at least until one has said more, bytes. */
const leastExpected = 256 * 2 ** 20;
/** What stays free for everything else, bytes. */
const reserve = 256 * 2 ** 20;

/** Looks whether one more process fits into the memory. */
export interface MemoryGuard {
  /** Told of the memory that a process has. */
  saw(resident: number): void;
  /**
   * Whether one more process fits beside these, each of which may grow to the largest seen so far. The
   * first one always does.
   */
  fits(processes: readonly { readonly resident: number }[]): boolean;
}

/**
 * Keeps a pool from starting more processes than the memory holds; says so once.
 *
 * @param options.expectedMemory What one is planned to need, bytes.
 * @param options.availableMemory Bytes that are free now, null where that cannot be seen: then every
 * process fits.
 */
export function memoryGuard({ expectedMemory = 0, availableMemory, workers, onWarn }: {
  readonly expectedMemory?: number;
  readonly availableMemory: () => number | null;
  readonly workers: number;
  readonly onWarn: (message: string) => void;
}): MemoryGuard {
  let largest = Math.max(leastExpected, expectedMemory);
  let warned = false;
  return {
    saw(resident) {
      largest = Math.max(largest, resident);
    },
    fits(processes) {
      if (processes.length === 0) return true;
      const available = availableMemory();
      if (available === null) return true;
      const growth = processes.reduce(
        (sum, { resident }) => sum + Math.max(0, largest - resident),
        0,
      );
      if (available - growth - reserve >= largest) return true;
      if (!warned) {
        const mebi = (bytes: number) => Math.round(bytes / 2 ** 20);
        onWarn(
          `The memory does not suffice for ${workers} training processes at once: ${
            mebi(available)
          } MiB are free, and one takes up to ${mebi(largest)} MiB. ${processes.length} ${
            processes.length === 1 ? "goes" : "go"
          } on; more start when there is room.`,
        );
      }
      warned = true;
      return false;
    },
  };
}

/**
 * Memory that processes may still take, bytes: what the system has, and the limit of a container where
 * it may be read (control groups, version 2). Null without the permission to see it.
 */
export function systemMemory(): number | null {
  return memoryOf(({ available }) => available, (most, used) => most - used);
}

/** All memory that the system or its container has, bytes, likewise. */
export function wholeMemory(): number | null {
  return memoryOf(({ total }) => total, (most) => most);
}

function memoryOf(
  machine: (memory: ReturnType<typeof machineMemory>) => number,
  container: (most: number, used: number) => number,
): number | null {
  // Asked first, so that no terminal prompts for it.
  if (!isAllowed("sys", "systemMemoryInfo")) return null;
  const bytes = machine(machineMemory());
  const [most, used] = ["memory.max", "memory.current"].map(readCount);
  return most === null || used === null ? bytes : Math.min(bytes, container(most, used));
}

function readCount(name: string): number | null {
  const path = `/sys/fs/cgroup/${name}`;
  if (!isAllowed("read", path)) return null;
  try {
    const count = parseInt(readTextFileSync(path));
    return Number.isNaN(count) ? null : count;
  } catch {
    return null;
  }
}
