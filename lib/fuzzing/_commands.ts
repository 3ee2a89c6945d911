import { main } from "../cli.ts";
import { commands } from "../commands/commands.ts";
import type { RandomStream } from "../core/random.ts";
import { baseName } from "./_base.ts";
import { faultOfDocument, faultOfLine } from "./judge.ts";
import { type Kind, Nonsense, Refused } from "./kind.ts";
import { mutateText, oddTexts, oneOf } from "./mutate.ts";

/** Arguments that the commands take, valid in the project of `makeBase` or not. */
const usual: readonly string[] = [
  baseName,
  "list",
  "show",
  "digest",
  "whales",
  "whales.txt",
  "own",
  "1",
  "0",
  "results/base",
  "--help",
  "--",
  "steps=3",
  "verify",
  "fetch",
  "add",
  "redis://user:secret@127.0.0.1:1",
];

/** Options as the commands' usage names them. */
const options = [...new Set(commands.flatMap(({ usage }) => usage.match(/--[a-z-]+/g) ?? []))];

function commandLine(stream: RandomStream): string[] {
  const name = oneOf(commands, stream).name;
  const { usage } = commands.find((each) => each.name === name)!;
  const own = usage.match(/--[a-z-]+/g) ?? [];
  const args = stream.integer(12) === 0 ? [oneOf(oddTexts, stream)] : [name];
  for (let count = stream.integer(5); count > 0; count--) {
    const drawn = oneOf([usual, usual, oddTexts, own.length > 0 ? own : usual, options], stream);
    const one = oneOf(drawn, stream);
    const turn = stream.integer(10);
    args.push(
      turn === 0 ? mutateText(one, stream) : turn === 1 ? `${one}=${oneOf(usual, stream)}` : one,
    );
  }
  // The operating system passes no NUL, and no half of a surrogate pair.
  return args.map((arg) => arg.replaceAll("\0", "").toWellFormed());
}

/** Runs a command line in this process; gives its exit code and what it printed. */
async function run(args: readonly string[]) {
  const out: string[] = [];
  const error: string[] = [];
  const terminal = console;
  const before = { log: terminal.log, error: terminal.error, warn: terminal.warn };
  const into = (lines: string[]) => (...all: unknown[]) => void lines.push(all.join(" "));
  Object.assign(terminal, { log: into(out), error: into(error), warn: into(error) });
  try {
    return { code: await main(args), out: out.join("\n"), error: error.join("\n") };
  } finally {
    Object.assign(terminal, before);
  }
}

/** Command lines of every command. */
export const commandKinds: readonly Kind[] = [{
  name: "command",
  share: 12,
  writes: ["datasets", ".temporary"],
  open: () => (stream) => {
    const args = commandLine(stream);
    return {
      input: args.map((arg) => JSON.stringify(arg)).join(" "),
      async run() {
        const { code, out, error } = await run(args);
        const fault = faultOfDocument(`${out}\n${error}`, args.join(" "));
        if (fault !== null) throw new Nonsense(fault);
        for (const line of `${out}\n${error}`.split("\n")) {
          const fault = faultOfLine(line);
          if (fault !== null) throw new Nonsense(`${fault} in ${line}`);
        }
        if (![0, 1, 2].includes(code)) throw new Nonsense(`exit code ${code}`);
        if (code === 0) return;
        if (`${out}${error}`.trim() === "") throw new Nonsense(`exit code ${code} without a word`);
        throw new Refused(error);
      },
    };
  },
}];
