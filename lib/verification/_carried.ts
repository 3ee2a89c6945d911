import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { resolveInside } from "../core/project.ts";
import { isNotADirectory, isNotFound } from "../core/runtime/errors.ts";
import { lstat, readFile } from "../core/runtime/files.ts";
import { carriedTextName } from "../data/whole_text.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { needsOf } from "../reports/needs.ts";

/** Where a text that comes along lies in a study's folder. */
export const textName = carriedTextName;

/** Where a module that comes along lies in a study's folder, to be read; nothing is run from there. */
export function moduleName(path: string): string {
  return `modules/${path}`;
}

/** SHA-256 that texts and modules must have which came along with a study, by their place in its folder. */
function carriedHashes(study: StudyRecord): Map<string, string> {
  const { texts, modules } = needsOf(study);
  return new Map([
    ...texts.map(({ sha256 }) => [textName(sha256), sha256] as const),
    ...modules.flatMap(({ code: { files } }) =>
      Object.entries(files).filter(([path]) => staysInside(path))
        .map(([path, hash]) => [moduleName(path), hash] as const)
    ),
  ]);
}

/** Whether a path that a study names, which may be anyone's, stays in its folder. */
function staysInside(path: string): boolean {
  try {
    resolveInside("/modules", path);
    return true;
  } catch {
    return false;
  }
}

/** Places in a study's folder of all that may come along with it. */
export function carriedFiles(study: StudyRecord): string[] {
  return [...carriedHashes(study).keys()];
}

/** What came along with a study, and which of it is something else; null where nothing did. */
export async function verifyCarried(
  folder: string,
  study: StudyRecord,
): Promise<{ compared: number; problems: string[] } | null> {
  const problems: string[] = [];
  let compared = 0;
  for (const [path, due] of carriedHashes(study)) {
    const content = await regularFile(join(folder, path));
    if (content === null) continue;
    compared++;
    if (sha256(content) !== due) {
      problems.push(`${path} has another SHA-256 than the study names, ${due}`);
    }
  }
  return compared === 0 ? null : { compared, problems };
}

/** Content of a file; null where there is none, or something else in its place, such as a link. */
export async function regularFile(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return (await lstat(path)).isFile ? await readFile(path) : null;
  } catch (error) {
    if (isNotFound(error) || isNotADirectory(error)) {
      return null;
    }
    throw error;
  }
}
