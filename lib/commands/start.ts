import { join } from "node:path";
import { projectFolder } from "../core/project.ts";
import { readNotebook } from "../notebook/notebook_file.ts";
import { warnOfMissingBlas } from "./_blas_setting.ts";
import { printStudyOutcome } from "./outcome.ts";
import { type CommandContext, CommandError, parseCommand } from "./command.ts";
import { executeNotebook, findNotebooks, parametersOf, shortened } from "./notebooks.ts";

/**
 * `start`: the first notebook, then its study's best points and the path of its report.
 *
 * The notebook's metadata name the study (`parsimony.study`), and its parameter `name` another one.
 */
export async function start({ args, print, signal }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: { set: { type: "string", multiple: true, default: [] } },
    positionals: [0, 0],
  });
  const [path] = await findNotebooks("1");
  const parameters = parametersOf(values.set);
  const { metadata } = await readNotebook(path);
  const study = parameters.name ?? (metadata.parsimony as { study?: unknown } | undefined)?.study;
  if (typeof study !== "string") {
    throw new CommandError(
      `${shortened(path)} does not name its study: its metadata need parsimony.study.`,
    );
  }
  await warnOfMissingBlas(print);
  const stored = join(projectFolder(), "results", study, "notebook.ipynb");
  const failed = await executeNotebook(path, { parameters, stored, print, signal });
  await printStudyOutcome(study, print);
  return failed === 0 ? 0 : 1;
}
