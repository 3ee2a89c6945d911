import { join } from "node:path";
import { libraryPaths } from "../../core/runtime/deno_program.ts";
import { allowedPrograms } from "../../doctor/programs.ts";
import { project } from "./task.ts";

const configuration = join(project, "deno.json");

/** What a task asks the shell for, and what stands for it here. */
const substitutions: readonly (readonly [asked: RegExp, instead: (name: string) => string])[] = [
  [/"\$\(deno eval -p 'Deno\.execPath\(\)'\)"/, () => Deno.execPath()],
  [
    /"\$\(deno run [^)]* lib\/doctor\/allowed_programs\.ts (?:lab|doctor)\)"/,
    (name) => allowedPrograms(name as "lab" | "doctor").join(),
  ],
];

/** Flags of a task of deno.json that permit something or forbid prompts, in their order. */
export async function flagsOf(name: string): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(configuration));
  // What the shell puts in may have spaces, so it is put in behind the split.
  const marked = (tasks[name] as string).replace(/"\$\(([^)]|\(\))*\)"/, (asked) => {
    const found = substitutions.find(([known]) => known.test(asked));
    if (found === undefined) throw new Error(`Task ${name} asks the shell for ${asked}.`);
    return `<${substitutions.indexOf(found)}>`;
  });
  return marked.split(" ").filter((flag) => /^--(allow|no|quiet)/.test(flag)).map((flag) =>
    flag.replace(/<(\d)>/, (_, index) => substitutions[Number(index)][1](name))
  );
}

function argumentsWith(flags: readonly string[], name: string, args: readonly string[]) {
  return [
    ...["run", "--frozen", "--config", configuration, ...flags],
    ...[join(project, "lib", "cli.ts"), name, ...args],
  ];
}

/** A command of `lib/cli.ts` in another project, with the permissions of its task. */
export async function cliIn(folder: string, name: string, ...args: string[]) {
  return cliWith(besideLibrary(await flagsOf(name)), folder, name, ...args);
}

/** Flags of a task for a project that is beside the library: a thread of a command reads its code. */
export function besideLibrary(flags: readonly string[]): string[] {
  return flags.map((flag) =>
    flag.replace(/^--allow-read=\./, (own) => [own, ...libraryPaths].join())
  );
}

/** A command of `lib/cli.ts` in another project, with the flags given. */
export function cliWith(
  flags: readonly string[],
  folder: string,
  name: string,
  ...args: string[]
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: argumentsWith(flags, name, args),
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** What it came to. */
export async function outcomeOf(command: Deno.Command) {
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout), errors: decoder.decode(stderr) };
}

/** A command that is running. */
export type Started = Deno.ChildProcess;

/** Starts one whose output nobody reads. */
export async function startIn(folder: string, name: string, ...args: string[]): Promise<Started> {
  return new Deno.Command(Deno.execPath(), {
    args: argumentsWith(besideLibrary(await flagsOf(name)), name, args),
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}
