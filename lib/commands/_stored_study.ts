import { show } from "../core/check.ts";
import { didYouMean } from "../core/did_you_mean.ts";
import { projectFolder } from "../core/project.ts";
import { listStudies } from "../studies/storage/folder.ts";
import { CommandError } from "./command.ts";

/**
 * Name of a stored study from what was typed: its name, or its folder in `results/`.
 *
 * @throws {CommandError} If there is none of that name, with those that there are.
 */
export function storedStudy(typed: string): string {
  const name = typed.replace(/\\/g, "/").replace(/^(\.\/)?results\//, "").replace(/\/+$/, "");
  const studies = listStudies();
  if (studies.includes(name)) return name;
  throw new CommandError(
    `There is no study ${show(name)} in ${projectFolder()}/results; there are: ${
      studies.join(", ") || "none"
    }.${didYouMean(name, studies)}`,
  );
}
