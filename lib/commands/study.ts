import { studyCommand } from "../studies/commands.ts";
import type { CommandContext } from "./command.ts";

/** `study list | show NAME | digest NAME`. */
export function study({ args, print }: CommandContext): Promise<number> {
  return Promise.resolve(studyCommand(args, { print }));
}
