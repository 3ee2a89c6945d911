import type { Team } from "./_team.ts";
import type { KernelExports } from "./kernel_exports.ts";

/** Parts a thread: one that is held up by other processes takes fewer. */
const partsOfThread = 3;
/** Work of a part at least, nanoseconds. */
const smallestPart = 15_000;

/**
 * Calls kernels for each part, in a thread of its choice, and another one beside them if there is one, whose
 * result is given.
 */
export type Parts = (
  one: (first: number, count: number, kernels: KernelExports) => void,
  beside?: (kernels: KernelExports) => void,
) => number;

/** What is cut: so many rows, values or columns, in multiples of a unit, each of so much work. */
export interface Extent {
  readonly count: number;
  readonly unit: number;
  readonly nanoseconds: number;
  /** Of how many the calls find room on the board, where these are many; a part has no more, but for one. */
  readonly most?: number;
}

/** How much of it one part is. */
export function sizeOfPart(
  team: Team,
  { count, unit, nanoseconds, most = Infinity }: Extent,
): number {
  const byWork = team.smallestWork === 0
    ? count
    : Math.max(1, Math.floor(count * nanoseconds / smallestPart));
  const even = Math.ceil(count / Math.min(partsOfThread * team.threads, byWork) / unit);
  return Math.max(1, Math.min(even, Math.floor(most / unit))) * unit;
}

/** Cuts what is to be done among the threads of a team. */
export function partsOf(team: Team, extent: Extent): Parts {
  const { count } = extent;
  const size = sizeOfPart(team, extent);
  return (one, beside) => {
    const others = beside === undefined ? 0 : 1;
    const [result] = team.run(others + Math.ceil(count / size), (part, { kernels }) => {
      if (part < others) return beside!(kernels);
      const first = (part - others) * size;
      one(first, Math.min(size, count - first), kernels);
    });
    return result;
  };
}

/** Address of an element; 0 stands for nothing. */
export const elementAt = (pointer: number, index: number): number => pointer && pointer + 4 * index;
