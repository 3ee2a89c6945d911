import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import type { VerifiedPart } from "../verify_study.ts";
import { withSmallStudy } from "./small_study.ts";

/** The command of the small study. */
export const command = "deno run --allow-read study.ts";

/** Changes a text of the folder. */
export const edit =
  (name: string, change: (content: string) => string) => async (folder: string) => {
    const path = join(folder, name);
    const content = await Deno.readTextFile(path);
    const changed = change(content);
    assert.notEqual(changed, content, name);
    await Deno.writeTextFile(path, changed);
  };

/** Changes a file of the folder. */
export const bytes =
  (name: string, change: (content: Uint8Array) => Uint8Array) => (folder: string) =>
    Deno.readFile(join(folder, name)).then((content) =>
      Deno.writeFile(join(folder, name), change(content))
    );

/** All files of a folder, by path. */
export async function contents(folder: string): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (!isDirectory) found.set(path, await Deno.readFile(path));
    else for (const [inner, content] of await contents(path)) found.set(inner, content);
  }
  return found;
}

export async function putBack(folder: string, before: ReadonlyMap<string, Uint8Array>) {
  await Deno.remove(folder, { recursive: true });
  for (const [path, content] of before) {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeFile(path, content);
  }
}

export const withStudy = (use: (folder: string, project: string) => Promise<void>) =>
  withSmallStudy(({ folder }, project) => use(folder, project), { keepWeights: "all" });

export const wrong = (parts: readonly VerifiedPart[]) => parts.flatMap(({ problems }) => problems);
export const said = (parts: readonly VerifiedPart[]) =>
  parts.flatMap(({ what, notes }) => [what, ...notes]).join("\n");
