import { join } from "node:path";
import { lstatSync, readFolder } from "../core/runtime/files.ts";
import type { RunRecord } from "../records/run_record.ts";
import { weightsNames } from "./_study_files.ts";

const kinds: readonly RegExp[] = [
  /^(?:study\.json|runs\.jsonl|ensembles\.jsonl|replaced-study\.json|replaced-runs\.jsonl|\.lock)$/,
  /^checkpoints\/[0-9a-f]{64}\.checkpoint$/,
];

/** Files that the library may have put there, and that are not computed from these records. */
const notLookedAt = new RegExp(
  [
    "damaged-runs\\.txt",
    "notebook\\.ipynb",
    "compare-with-.+",
    "figures/compare-with-.+\\.png",
    "[^/]+\\.tar",
    // What TeX makes of a paper.
    "paper(?:-with-[^/]+)?/article\\.(?:aux|bbl|blg|log|out|pdf|toc)",
  ].map((each) => `^${each}$`).join("|"),
);

/**
 * What is in a study's folder besides what its records name.
 *
 * @param paths Files of its folder, as {@link filesBelow} gives them.
 * @param runs Records, whose weights files they name.
 * @param documents Names of files that are computed from the records.
 * @returns Files that nothing names, and those of the library that are not verified.
 */
export function otherFiles(
  paths: readonly string[],
  runs: readonly RunRecord[],
  documents: readonly string[],
): { unnamed: string[]; notLookedAt: string[] } {
  const named = new Set([...weightsNames(runs), ...documents]);
  const all = paths.filter((path) => !named.has(path) && !kinds.some((kind) => kind.test(path)));
  const [unlooked, unnamed] = [true, false].map((known) =>
    all.filter((path) => notLookedAt.test(path) === known)
  );
  return { unnamed, notLookedAt: unlooked };
}

/** Which of some paths of a folder are links: what they lead to may lie anywhere. */
export function linksAmong(folder: string, paths: readonly string[]): string[] {
  return paths.filter((path) => lstatSync(join(folder, path)).isSymlink);
}

/** Paths of all that is no folder, `/` between their parts, sorted; links are not followed. */
export async function filesBelow(folder: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of readFolder(folder)) {
    const path = `${prefix}${name}`;
    if (isDirectory) found.push(...await filesBelow(join(folder, name), `${path}/`));
    else found.push(path);
  }
  return found.sort();
}
