import { join } from "node:path";
import library from "../../../deno.json" with { type: "json" };

const lock = JSON.parse(
  await Deno.readTextFile(new URL("../../../deno.lock", import.meta.url)),
);

/**
 * Uses a project in a temporary folder, in which training processes can start; removed afterwards.
 *
 * @param options `dir`: folder to make it in; that of the system by default.
 */
export async function withTemporaryProject(
  use: (project: string) => void | Promise<void>,
  options: { readonly dir?: string } = {},
): Promise<void> {
  const project = await Deno.makeTempDir({ prefix: "parsimony-project-", ...options });
  try {
    const { imports, nodeModulesDir, tasks } = library;
    const configuration = JSON.stringify({ imports, nodeModulesDir, tasks });
    await Deno.writeTextFile(join(project, "deno.json"), configuration);
    // Without it each training process would ask the registry what versions there are.
    const { packageJson: _, ...workspace } = lock.workspace;
    await Deno.writeTextFile(join(project, "deno.lock"), JSON.stringify({ ...lock, workspace }));
    await use(project);
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}

/** The same with the project as working directory: that is where corpora are found from. */
export function inTemporaryProject(
  use: (project: string) => void | Promise<void>,
): Promise<void> {
  const before = Deno.cwd();
  return withTemporaryProject(async (project) => {
    Deno.chdir(project);
    try {
      await use(project);
    } finally {
      Deno.chdir(before);
    }
  });
}
