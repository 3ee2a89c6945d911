import { writeReport } from "../reports/report.ts";
import { studyFolder } from "../studies/folder.ts";
import { type CommandContext, parseCommand } from "./command.ts";
import { shortened } from "./notebooks.ts";

/** `report NAME`: writes results/NAME/report.html from the study's records. */
export async function report({ args, print }: CommandContext): Promise<number> {
  const { positionals: [name] } = parseCommand(args, { options: {}, positionals: [1, 1] });
  print(shortened(await writeReport(studyFolder(name).path)));
  return 0;
}
