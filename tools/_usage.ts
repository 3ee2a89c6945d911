import { type ParseArgsConfig } from "node:util";
import { CommandError, parseCommand } from "../lib/commands/command.ts";
import { print } from "./_steps.ts";

/**
 * Options of a tool that takes no other arguments. With `--help` it prints how the tool is used and ends;
 * so it does, with exit code 2, for what it does not understand.
 */
export function toolOptions<T extends NonNullable<ParseArgsConfig["options"]>>(
  usage: string,
  options: T,
) {
  helpIfAsked(usage);
  try {
    return parseCommand(Deno.args, { options, positionals: [0, 0] }).values;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    print(`${error.message}\n\n${usage}`);
    Deno.exit(error.code);
  }
}

/** With `--help` prints how a tool is used, and ends. */
export function helpIfAsked(usage: string): void {
  if (!Deno.args.includes("--help")) return;
  print(usage);
  Deno.exit(0);
}
