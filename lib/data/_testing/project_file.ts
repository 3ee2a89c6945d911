import { join, relative } from "node:path";
import { projectFolder } from "../../core/project.ts";

/** Runs with a project-relative path of a file that exists meanwhile. */
export async function withFile(
  content: string | Uint8Array,
  use: (path: string, full: string) => void | Promise<void>,
): Promise<void> {
  const folder = projectFolder();
  // results/ is ignored by git.
  const parent = Deno.makeTempDirSync({ dir: join(folder, "results"), prefix: ".test-" });
  try {
    const full = join(parent, "text.txt");
    if (typeof content === "string") Deno.writeTextFileSync(full, content);
    else Deno.writeFileSync(full, content);
    await use(relative(folder, full), full);
  } finally {
    Deno.removeSync(parent, { recursive: true });
  }
}
