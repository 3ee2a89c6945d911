import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { projectFolder } from "../../core/project.ts";

/** Folder of this project. */
export const project = projectFolder(dirname(fileURLToPath(import.meta.url)));

/** Runs a task of deno.json as a user would, with its own permissions. */
export function task(name: string, ...args: string[]) {
  return taskWith({}, name, ...args);
}

/** The same with other environment variables beside this process's own. */
export async function taskWith(env: Record<string, string>, name: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", name, ...args],
    cwd: project,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout), errors: decoder.decode(stderr) };
}
