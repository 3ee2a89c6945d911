import { join } from "node:path";
import { sha256OfFile } from "../core/file_hash.ts";
import { projectFolder } from "../core/project.ts";
import { isNotCapable, isNotFound, isPermissionDenied } from "../core/runtime/errors.ts";
import { type FolderEntry, readFileSync, readFolderSync } from "../core/runtime/files.ts";

/** Where a study that was given away with its text keeps it, in its folder. */
export function carriedTextName(hash: string): string {
  return `text/${hash}.txt`;
}

/** Folder of a project with archives that were unpacked, each in a folder of its own, for as long as they are verified. */
export function archivesFolder(project: string): string {
  return join(project, ".temporary", "archives");
}

/**
 * The text that came along with a study in `results/`, or in an archive that is being verified, by its SHA-256 whatever else it is called; null
 * where none did. Links are not followed.
 */
export function carriedText(
  hash: string,
  project: string = projectFolder(),
): Uint8Array<ArrayBuffer> | null {
  const path = carriedTextPath(hash, project);
  return path === null ? null : readFileSync(path);
}

/** The path of that text. */
export function carriedTextPath(hash: string, project: string = projectFolder()): string | null {
  const waiting = [join(project, "results"), archivesFolder(project)];
  for (const folder of waiting) {
    const names = new Map(entriesOf(folder).map((entry) => [entry.name, entry]));
    if (!names.get("study.json")?.isFile) {
      for (const [name, { isDirectory }] of names) {
        if (isDirectory) waiting.push(join(folder, name));
      }
      continue;
    }
    if (!names.get("text")?.isDirectory) continue;
    const own = entriesOf(join(folder, "text")).find(({ name }) => name === `${hash}.txt`);
    if (!own?.isFile) continue;
    const path = join(folder, carriedTextName(hash));
    if (sha256OfFile(path) === hash) return path;
  }
  return null;
}

function entriesOf(folder: string): FolderEntry[] {
  try {
    return readFolderSync(folder);
  } catch (error) {
    if (isNotFound(error) || isNotCapable(error) || isPermissionDenied(error)) return [];
    throw error;
  }
}
