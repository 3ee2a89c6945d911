import { readTextFileSync } from "../../core/runtime/files.ts";
import { machineMemory } from "../../core/runtime/machine.ts";
import { isAllowed } from "../../core/runtime/permissions.ts";

/** What a training process is taken to need until one has said more, bytes. */
const expected = 256 * 2 ** 20;
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
 * @param options.availableMemory Bytes that are free now, null where that cannot be seen: then every
 * process fits.
 */
export function memoryGuard({ availableMemory, workers, onWarn }: {
  readonly availableMemory: () => number | null;
  readonly workers: number;
  readonly onWarn: (message: string) => void;
}): MemoryGuard {
  let largest = expected;
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
  // Asked first, so that no terminal prompts for it.
  if (!isAllowed("sys", "systemMemoryInfo")) return null;
  const { available } = machineMemory();
  const [most, used] = ["memory.max", "memory.current"].map(readCount);
  return most === null || used === null ? available : Math.min(available, most - used);
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
