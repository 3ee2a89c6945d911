import { join } from "node:path";
import { projectFolder } from "../core/project.ts";
import { makeFolder, makeTemporaryFolder } from "../core/runtime/files.ts";

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
  await makeFolder(parent);
  return await makeTemporaryFolder({ dir: parent, prefix: `${purpose}-` });
}
