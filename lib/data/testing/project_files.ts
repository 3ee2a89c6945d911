import { join, relative } from "node:path";
import { projectFolder } from "../../core/project.ts";

/** Runs with the project-relative path of a folder that has files meanwhile. */
export async function withFiles(
  files: { readonly [name: string]: string | Uint8Array },
  use: (folder: string, full: string) => void | Promise<void>,
): Promise<void> {
  const project = projectFolder();
  // results/ is ignored by git.
  const full = Deno.makeTempDirSync({ dir: join(project, "results"), prefix: ".test-" });
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(full, name);
      Deno.mkdirSync(join(path, ".."), { recursive: true });
      if (typeof content === "string") Deno.writeTextFileSync(path, content);
      else Deno.writeFileSync(path, content);
    }
    await use(relative(project, full), full);
  } finally {
    Deno.removeSync(full, { recursive: true });
  }
}
