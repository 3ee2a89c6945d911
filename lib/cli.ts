import { commands, usage } from "./commands/commands.ts";
import { CommandError } from "./commands/command.ts";
import { canRunInThread, runInThread } from "./commands/thread.ts";
import { show } from "./core/check.ts";
import { didYouMean } from "./core/did_you_mean.ts";
import { commandLine, exit } from "./core/runtime/own_process.ts";
import { onSignal } from "./core/runtime/signals.ts";
import { print, printError } from "./core/terminal.ts";

// One entry for every task of deno.json: `deno task start`, `deno task study list`, …

/**
 * Runs a command line.
 *
 * @param args Name of the command and its arguments.
 * @param options.inThread Whether a command that computes for long gets a thread of its own, so that
 * signals are heard; it does by default.
 * @returns Exit code: 0, 1 when the command failed, 2 when it was not understood, 130 when it was
 * interrupted, by Ctrl-C or by SIGTERM. Threads of a command may still be at work then: exit.
 */
export async function main(
  args: readonly string[],
  { inThread = true }: { readonly inThread?: boolean } = {},
): Promise<number> {
  const [name, ...rest] = args;
  const command = commands.find((each) => each.name === name);
  if (!command) {
    const wanted = name === undefined || name === "help" || name === "--help";
    if (!wanted) {
      const known = commands.map(({ name }) => name);
      printError(`Unknown command ${show(name)}.${didYouMean(name, known)}\n`);
    }
    (wanted ? print : printError)(usage());
    return wanted ? 0 : 2;
  }
  if (rest.includes("--help")) {
    print(command.usage);
    return 0;
  }
  const controller = new AbortController();
  const stop = () => controller.abort(new CommandError("Interrupted.", 130));
  const ends = (["SIGINT", "SIGTERM"] as const).map((name) => onSignal(name, stop));
  try {
    if (inThread && command.busy && canRunInThread()) {
      return await runInThread(command, rest, controller.signal);
    }
    return await (await command.load())({ args: rest, print, signal: controller.signal });
  } catch (error) {
    if (controller.signal.aborted) {
      printError(
        command.busy
          ? "Interrupted. No file was left half written."
          : "Interrupted. Finished runs are kept; the same command goes on from there.",
      );
      return 130;
    }
    const { message, code, showUsage } = CommandError.from(error);
    printError(message);
    if (showUsage) printError(`\n${command.usage}`);
    return code;
  } finally {
    for (const end of ends) end();
  }
}

if (import.meta.main) exit(await main(commandLine));
