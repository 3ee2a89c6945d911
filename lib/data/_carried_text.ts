import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { projectFolder } from "../core/project.ts";

/** Where a study that was given away with its text keeps it, in its folder. */
export function carriedTextName(hash: string): string {
  return `text/${hash}.txt`;
}

/**
 * The text that came along with a study in `results/`, by its SHA-256 whatever else it is called; null
 * where none did. Links are not followed.
 */
export function carriedText(
  hash: string,
  project: string = projectFolder(),
): Uint8Array<ArrayBuffer> | null {
  const waiting = [join(project, "results")];
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
    const content = Deno.readFileSync(join(folder, carriedTextName(hash)));
    if (sha256(content) === hash) return content;
  }
  return null;
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable ||
      error instanceof Deno.errors.PermissionDenied
    ) return [];
    throw error;
  }
}
