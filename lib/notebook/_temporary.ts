import { join } from "node:path";
import { projectFolder } from "../core/project.ts";

/**
 * Makes a folder for files that live as long as a command, in the project rather than in the
 * system's temporary folder: tasks may write only where they say.
 *
 * @param parent Folder to make it in; made when missing.
 */
export async function temporaryFolder(
  purpose: string,
  parent: string = join(projectFolder(), ".temporary"),
): Promise<string> {
  await Deno.mkdir(parent, { recursive: true });
  return await Deno.makeTempDir({ dir: parent, prefix: `${purpose}-` });
}
