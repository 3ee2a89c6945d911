import { join } from "node:path";

/** Most works at once: with more, tests that start processes wait for each other. */
const most = 4;

/**
 * Does works, as many at once as there are cores, at most four; each lane takes the next one when it is done.
 *
 * @returns Their results in the order of the works.
 */
export async function inLanes<T>(
  works: readonly (() => Promise<T>)[],
  lanes: number = Math.min(navigator.hardwareConcurrency, most),
): Promise<T[]> {
  const results: T[] = [];
  const waiting = works.entries();
  const lane = async () => {
    for (const [index, work] of waiting) results[index] = await work();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/**
 * Files in the order in which they are begun: the longest first, so that no lane has a long one left
 * when the others are done. One that was never timed counts as longer than all.
 *
 * @param seconds What each file took the last time.
 */
export function longestFirst(
  files: readonly string[],
  seconds: { readonly [file: string]: number },
): string[] {
  const of = (file: string) => Object.hasOwn(seconds, file) ? seconds[file] : Infinity;
  return files.toSorted((a, b) => of(a) === of(b) ? 0 : of(b) - of(a));
}

/** Files of a project below folders whose names end in a way, by their paths from the project. */
export async function filesBelow(
  project: string,
  folders: readonly string[],
  end: string,
): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for await (const { name, isDirectory } of Deno.readDir(join(project, folder))) {
      const path = `${folder}/${name}`;
      if (isDirectory) found.push(...await filesBelow(project, [path], end));
      else if (name.endsWith(end)) found.push(path);
    }
  }
  return found.sort();
}
