import { CommandError, parseCommand } from "./command.ts";
import type { CommandContext } from "./command.ts";
import { printStudyOutcome } from "./outcome.ts";
import { executeNotebook, findNotebooks, parametersOf, shortened } from "./notebooks.ts";

/** `start`: the first notebook, then its study's best points and the path of its report. */
export async function start({ args, print, signal }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: { set: { type: "string", multiple: true, default: [] } },
    positionals: [0, 0],
  });
  const [path] = await findNotebooks("1");
  const parameters = parametersOf(values.set);
  const { notebook, stored } = await executeNotebook(path, {
    parameters,
    write: false,
    print,
    signal,
  });
  print(`${shortened(path)}: done, outputs in ${shortened(stored)}`);
  const { study: named } = (notebook.metadata.parsimony ?? {}) as { study?: unknown };
  const study = parameters.name ?? named;
  if (typeof study !== "string") {
    throw new CommandError(
      `${shortened(path)} does not name its study: its metadata need parsimony.study.`,
    );
  }
  await printStudyOutcome(study, print);
  return 0;
}
