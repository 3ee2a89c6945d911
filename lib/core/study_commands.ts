import { projectFolder, readConfiguration } from "./project.ts";
import { version } from "./version.ts";

/** Commands on a stored study, as they work in the project that holds it: what stands before its name. */
export interface StudyCommands {
  readonly verify: string;
  readonly report: string;
  readonly study: string;
}

/** What each command asks Deno for, where the project has no task that says it. */
const permissions: StudyCommands = {
  verify: "--allow-read=. --allow-write=.temporary --allow-env --allow-run=deno",
  report: "--allow-read=. --allow-write=results --allow-env",
  study: "--allow-read=. --allow-env",
};

const names = ["verify", "report", "study"] as const;

function each(command: (name: keyof StudyCommands) => string): StudyCommands {
  return { verify: command("verify"), report: command("report"), study: command("study") };
}

/** Of a project with tasks of these names, such as the library's own and the tutorial's. */
export const taskCommands = each((name) => `deno task ${name}`);

const packageName = "@parsimony/parsimony";

/** Of a project that imports the library as `parsimony`. */
const namedCommands = each((name) => `deno run ${permissions[name]} parsimony/cli ${name}`);

/** Of any project that has the library, whatever it calls it. */
const packageCommands = each((name) =>
  `deno run ${permissions[name]} jsr:${packageName}@^${version}/cli ${name}`
);

/**
 * The commands of the project that holds a folder: its task of that name where that calls the library,
 * else the whole command. Outside of any project, those of one with tasks.
 *
 * @param folder A folder, such as that of a study.
 */
export function studyCommandsIn(folder: string): StudyCommands {
  const { imports = {}, tasks = {} } = configurationOf(folder) ?? { tasks: taskNames };
  const named = new RegExp(`^jsr:/?${packageName}(@|$)`).test(imports.parsimony ?? "");
  const whole = named ? namedCommands : packageCommands;
  return each((name) => {
    const task = tasks[name];
    const text = typeof task === "string" ? task : task?.command ?? "";
    return new RegExp(`(^|[ /])cli(\\.ts)? ${name}$`).test(text.trim())
      ? taskCommands[name]
      : whole[name];
  });
}

const taskNames = Object.fromEntries(names.map((name) => [name, `cli ${name}`]));

function configurationOf(folder: string) {
  try {
    return readConfiguration(projectFolder(folder));
  } catch {
    // No project, none that may be read, or none that Deno could read either.
    return null;
  }
}

/**
 * The forms that a report may show of a command: those above, and no other, as someone may run them.
 *
 * @param name Name of the command.
 */
export function formsOf(name: keyof StudyCommands): string[] {
  return [taskCommands[name], namedCommands[name], packageCommands[name]];
}

/** A study's name as one argument of a command: spaces are all that could part it. */
export function studyArgument(name: string): string {
  return name.includes(" ") ? `"${name}"` : name;
}
