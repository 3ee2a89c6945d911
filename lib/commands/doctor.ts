import { examine, findingLines } from "../doctor/doctor.ts";
import { type CommandContext, parseCommand } from "./command.ts";

/** `doctor`: what is installed; fails only when something is broken that everything needs. */
export async function doctor({ args, print }: CommandContext): Promise<number> {
  parseCommand(args, { options: {}, positionals: [0, 0] });
  const findings = await examine();
  for (const line of findingLines(findings)) print(line);
  return findings.some(({ state }) => state === "broken") ? 1 : 0;
}
