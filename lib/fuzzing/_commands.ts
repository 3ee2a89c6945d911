import { join } from "node:path";
import { main } from "../cli.ts";
import { commands } from "../commands/commands.ts";
import type { RandomStream } from "../core/random.ts";
import { baseName } from "./_base.ts";
import { entries } from "./_files.ts";
import { changedName, changedStudy, shownChange, writeStudy } from "./_studies.ts";
import { faultOfDocument, faultOfLine } from "./judge.ts";
import { type Kind, Nonsense, Refused } from "./kind.ts";
import { mutatedJsonText, mutateText, oddTexts, oneOf } from "./mutate.ts";

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

/** Command lines that end well there. */
const valid: readonly (readonly string[])[] = [
  ["study", "list"],
  ["study", "show", baseName],
  ["study", "digest", baseName],
  ["verify", baseName],
  ["datasets", "list"],
  ["datasets", "verify", "whales"],
  ["datasets", "fetch", "whales", "--from", "."],
  ["datasets", "add", "own", "whales.txt", "--licence", "CC0", "--kind", "text"],
  ["datasets", "add", "own", "pairs.tsv", "--licence", "CC0", "--kind", "pairs"],
  ["reproduce"],
  ["help"],
];

/** Options as the commands' usage names them. */
const options = [...new Set(commands.flatMap(({ usage }) => usage.match(/--[a-z-]+/g) ?? []))];

function commandLine(stream: RandomStream): string[] {
  return stream.integer(3) === 0 ? changedLine(oneOf(valid, stream), stream) : drawnLine(stream);
}

/** A valid command line with an argument changed, doubled, swapped or gone. */
function changedLine(line: readonly string[], stream: RandomStream): string[] {
  const at = stream.integer(line.length);
  switch (stream.integer(6)) {
    case 0:
      return [...line];
    case 1:
      return line.toSpliced(at, 1);
    case 2:
      return passable(line.toSpliced(at, 0, oneOf([...usual, ...oddTexts, ...options], stream)));
    case 3:
      return passable(line.with(at, oneOf([...usual, ...oddTexts], stream)));
    default:
      return passable(line.with(at, mutateText(line[at], stream)));
  }
}

/** The operating system passes no NUL, and no half of a surrogate pair. */
function passable(args: readonly string[]): string[] {
  return args.map((arg) => arg.replaceAll("\0", "").toWellFormed());
}

function drawnLine(stream: RandomStream): string[] {
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
  return passable(args);
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
    return {
      code: await main(args, { inThread: false }),
      out: out.join("\n"),
      error: error.join("\n"),
    };
  } finally {
    Object.assign(terminal, before);
  }
}

/** Runs a command line, and judges all that it prints. */
async function judged(args: readonly string[], input: string): Promise<void> {
  const { code, out, error } = await run(args);
  const printed = `${out}\n${error}`;
  const fault = faultOfDocument(printed, input);
  if (fault !== null) throw new Nonsense(fault);
  for (const line of printed.split("\n")) {
    const fault = faultOfLine(line);
    if (fault !== null) throw new Nonsense(`${fault} in ${line}`);
  }
  if (![0, 1, 2].includes(code)) throw new Nonsense(`exit code ${code}`);
  if (code === 0) return;
  if (printed.trim() === "") throw new Nonsense(`exit code ${code} without a word`);
  throw new Refused(error);
}

const shownArguments = (args: readonly string[]) =>
  args.map((arg) => JSON.stringify(arg)).join(" ");

/** What reads a received folder and prints of it. */
const reading: readonly (readonly string[])[] = [
  ["study", "list"],
  ["study", "show", changedName],
  ["verify", changedName],
  ["datasets", "list"],
  ["datasets", "verify"],
];

/** Command lines of every command, and those that read changed files. */
export const commandKinds: readonly Kind[] = [
  {
    name: "command",
    share: 12,
    writes: ["datasets", "packed", ".temporary"],
    open: () => (stream) => {
      const args = commandLine(stream);
      return { input: shownArguments(args), run: () => judged(args, args.join(" ")) };
    },
  },
  {
    name: "printed",
    share: 8,
    writes: ["datasets"],
    open: (base) => (stream) => {
      const args = oneOf(reading, stream);
      const files = changedStudy(base, stream);
      const catalogue = mutatedJsonText({ schemaVersion: 1, datasets: entries }, stream, 2);
      const ofStudy = args[0] !== "datasets";
      return {
        input: `${shownArguments(args)}: ${ofStudy ? shownChange(base, files) : catalogue}`,
        async run() {
          await writeStudy(base, files);
          if (!ofStudy) {
            await Deno.writeTextFile(join(base.project, "datasets", "catalogue.json"), catalogue);
          }
          await judged(args, files.definition + files.journal + catalogue);
        },
      };
    },
  },
];
