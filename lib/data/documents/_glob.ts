import { join } from "node:path";
import { readFolderSync } from "../../core/runtime/files.ts";

/**
 * Paths of the files below a folder that a pattern names, in the order of their code units. `*` stands for
 * any characters of one name, `?` for one of them, `**` for any folders; a name that begins with a dot is
 * meant only where the pattern has the dot. Links are passed over.
 *
 * @param folder Where the pattern begins.
 * @param pattern Names parted by slashes.
 */
export function filesNamed(folder: string, pattern: string): string[] {
  const found = new Set<string>();
  follow(folder, "", pattern.split("/").filter((part) => part !== "" && part !== "."), found);
  return [...found].sort();
}

function follow(folder: string, path: string, parts: readonly string[], found: Set<string>): void {
  const [part, ...rest] = parts;
  if (part === undefined) return;
  const anyFolders = part === "**";
  if (anyFolders && rest.length > 0) follow(folder, path, rest, found);
  const matches = anyFolders ? /^[^.]/u : expressionOfName(part);
  for (const { name, isFile, isDirectory } of readFolderSync(join(folder, path))) {
    if (!matches.test(name)) continue;
    const inner = path === "" ? name : `${path}/${name}`;
    if (isDirectory) follow(folder, inner, anyFolders ? parts : rest, found);
    else if (isFile && rest.length === 0) found.add(inner);
  }
}

function expressionOfName(part: string): RegExp {
  const source = part.replace(/[\\^$.+()[\]{}|]/g, "\\$&").replaceAll("*", ".*").replaceAll(
    "?",
    ".",
  );
  return new RegExp(`^${/^[*?]/.test(part) ? "(?!\\.)" : ""}${source}$`, "su");
}
