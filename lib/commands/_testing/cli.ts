import { join } from "node:path";
import { project } from "./task.ts";

const configuration = join(project, "deno.json");

/** Flags of a task of deno.json, in their order. */
async function flagsOf(name: string): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(configuration));
  return (tasks[name] as string).split(" ").filter((flag) => /^--(allow|no)/.test(flag));
}

async function argumentsOf(name: string, args: readonly string[]): Promise<string[]> {
  return [
    ...["run", "--frozen", "--config", configuration, ...await flagsOf(name)],
    ...[join(project, "lib", "cli.ts"), name, ...args],
  ];
}

/** A command of `lib/cli.ts` in another project, with the permissions of its task. */
export async function cliIn(folder: string, name: string, ...args: string[]) {
  return new Deno.Command(Deno.execPath(), {
    args: await argumentsOf(name, args),
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
    args: await argumentsOf(name, args),
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}
