import { parseArgs, type ParseArgsConfig } from "node:util";
import { show } from "../core/check.ts";
import { visibleLine } from "../core/html.ts";
import { didYouMean } from "../core/did_you_mean.ts";
import { allowedVariable } from "../core/runtime/environment.ts";

/** What a command is called with. */
export interface CommandContext {
  readonly args: readonly string[];
  /** Writes a line to standard output. */
  readonly print: (line: string) => void;
  /** Aborted by Ctrl-C and by SIGTERM. */
  readonly signal: AbortSignal;
}

/** A command of `lib/cli.ts`; its code is loaded when it is called. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Arguments and options. */
  readonly usage: string;
  /** Whether it computes for so long without a pause that it runs in a Worker, to hear signals. */
  readonly busy?: true;
  load(): Promise<(context: CommandContext) => Promise<number>>;
}

/** An end of a command that is no defect of ours: shown without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Exit code. */
  readonly code: number;
  /** Whether the command's usage helps. */
  readonly showUsage: boolean;

  constructor(message: string, code = 1, showUsage = false) {
    super(message);
    this.code = code;
    this.showUsage = showUsage;
  }

  /** Makes any error one; with PARSIMONY_DEBUG set, its stack is in the message. */
  static from(error: unknown): CommandError {
    if (error instanceof CommandError) return error;
    const known = error instanceof Error ? error : new Error(String(error));
    return new CommandError(debugging() ? known.stack ?? known.message : messageOf(known));
  }
}

/** The message of an error; of Deno's that a permission is missing, what gives it. */
function messageOf({ message }: Error): string {
  // The system quotes paths as they are.
  if (/\(os error \d+\)/.test(message)) return visibleLine(message);
  const refused = /^Requires (\w+) access(?: to (".*"))?, run again/s.exec(message);
  // What a message quotes may have lines of its own: they stand under ours, indented.
  if (refused === null) return message.replace(/\n(?=\S)/g, "\n  ");
  const [, kind] = refused;
  const what = refused[2] && visibleLine(refused[2]);
  const path = kind === "read" || kind === "write";
  return `Requires ${kind} access${
    what === undefined ? "" : ` to ${what}`
  }, which this command was ` +
    `not given. ${
      path ? "Keep the file inside of the project, or run" : "Run"
    } the line of its task ` +
    `in deno.json with that added to --allow-${kind}.`;
}

function debugging(): boolean {
  return allowedVariable("PARSIMONY_DEBUG") !== undefined;
}

/**
 * Parses arguments with node:util; an unknown option or a wrong number of arguments is refused with
 * the command's usage.
 */
export function parseCommand<T extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  { options, positionals: [least, most] }: {
    options: T;
    /** How many arguments besides options there may be. */
    positionals: readonly [least: number, most: number];
  },
) {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new CommandError(
      unknownOption(args, Object.keys(options)) ?? visibleLine((error as Error).message),
      2,
      true,
    );
  }
  const { positionals, values } = parsed;
  if (positionals.length < least || positionals.length > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    const found = positionals.length === 0
      ? "none"
      : `${positionals.length}: ${listed(positionals)}`;
    throw new CommandError(
      `Expected ${wanted} ${wanted === "1" ? "argument" : "arguments"}, found ${found}.`,
      2,
      true,
    );
  }
  return { values, positionals };
}

/** How many arguments a message lists. */
const mostListed = 5;

function listed(args: readonly string[]): string {
  const more = args.length > mostListed ? ` and ${args.length - mostListed} more` : "";
  return args.slice(0, mostListed).map(show).join(" ") + more;
}

/** What is said of the first option that is not known; null when all are. */
function unknownOption(args: readonly string[], known: readonly string[]): string | null {
  const end = args.indexOf("--");
  const given = args.slice(0, end < 0 ? undefined : end)
    .filter((arg) => /^-[^\d]/.test(arg)).map((arg) => arg.split("=")[0]);
  const unknown = given.find((arg) => !known.includes(arg.replace(/^--/, "")));
  if (unknown === undefined) return null;
  const options = known.map((name) => `--${name}`);
  return `Unknown option ${show(unknown)}; options are ${options.join(", ") || "none"}.` +
    didYouMean(unknown, options);
}

/**
 * Returns the whole number that an option was given, or undefined where it was not.
 *
 * @throws {CommandError} With the text found and the numbers allowed.
 */
export function wholeNumber(
  option: string,
  text: string | undefined,
  { from, to }: { readonly from?: number; readonly to?: number } = {},
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  const inside = value >= (from ?? -Infinity) && value <= (to ?? Infinity);
  if (text.trim() !== "" && Number.isSafeInteger(value) && inside) return value;
  const range = `${from === undefined ? "" : ` from ${from}`}${
    to === undefined ? "" : ` to ${to}`
  }`;
  throw new CommandError(
    `${option} must be a whole number${range}, found ` +
      `${show(text)}.`,
    2,
    true,
  );
}

/** Returns the value of an option that must be one of a list, or throws. */
export function oneOf<T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((each) => each === text);
  if (found !== undefined) return found;
  throw new CommandError(
    `${option} must be one of ${known.join(", ")}, found ${show(text)}.${didYouMean(text, known)}`,
    2,
    true,
  );
}
