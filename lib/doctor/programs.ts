import { join } from "node:path";
import { projectFolder } from "../core/project.ts";
import { environmentVariable } from "../core/runtime/environment.ts";
import { isNotFound, isPermissionDenied } from "../core/runtime/errors.ts";
import { operatingSystem } from "../core/runtime/machine.ts";
import { ownProgram } from "../core/runtime/own_process.ts";
import { runProgram } from "../core/runtime/processes.ts";

/** A program that was found, and what it says of its version. */
export interface Program {
  /** Program and first arguments. */
  readonly command: readonly string[];
  readonly version: string;
}

/** The first of several command lines that runs; null when none does. */
export async function firstThatRuns(
  commands: readonly (readonly string[])[],
  versionArguments: readonly string[] = ["--version"],
): Promise<Program | null> {
  for (const command of commands) {
    const text = await outputOf([...command, ...versionArguments]);
    if (text !== null) return { command, version: text };
  }
  return null;
}

/** First line of what a program prints; null when it is missing or fails. */
async function outputOf([program, ...args]: readonly string[]): Promise<string | null> {
  try {
    const { success, stdout } = await runProgram(program, {
      args: [...args],
      stdin: "null",
      stderr: "null",
      signal: AbortSignal.timeout(30_000),
    });
    return success ? new TextDecoder().decode(stdout).trim().split("\n")[0] : null;
  } catch (error) {
    if (isNotFound(error) || isPermissionDenied(error)) {
      return null;
    }
    throw error;
  }
}

type CommandLines = readonly (readonly string[])[];

/** A program that a variable names, before all others. */
function named(variable: string): CommandLines {
  const program = environmentVariable(variable);
  return program ? [[program]] : [];
}

const scripts = operatingSystem === "windows" ? "Scripts" : "bin";

const jupyterLines = (): CommandLines => [
  ...named("PARSIMONY_JUPYTERLAB"),
  [join(projectFolder(), ".venv", scripts, "jupyter-lab")],
  ["jupyter-lab"],
  ["python3", "-m", "jupyterlab"],
];

const chromiumLines = (): CommandLines => [
  ...named("PARSIMONY_CHROMIUM"),
  ["chromium"],
  ["chromium-browser"],
  ["google-chrome"],
  ["google-chrome-stable"],
  ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"],
];

const redisLines: CommandLines = [["redis-server"], ["valkey-server"]];

const gitLines: CommandLines = [["git"]];

/**
 * JupyterLab: the program that PARSIMONY_JUPYTERLAB names, in the project's .venv, on PATH, or as a
 * Python module.
 */
export const findJupyter = () => firstThatRuns(jupyterLines());

/** Chromium or Chrome, as puppeteer can drive it. */
export const findChromium = () => firstThatRuns(chromiumLines());

/** A Redis or Valkey server. */
export const findRedis = () => firstThatRuns(redisLines);

/** Git. */
export const findGit = () => firstThatRuns(gitLines);

/** What `--allow-run` of the task `lab` or `doctor` names: the programs that it looks for. */
export function allowedPrograms(task: "lab" | "doctor"): string[] {
  const lines = task === "lab"
    ? jupyterLines()
    : [[ownProgram()], ...jupyterLines(), ...chromiumLines(), ...redisLines, ...gitLines];
  return lines.map(([program]) => program.replaceAll(",", ",,"));
}
