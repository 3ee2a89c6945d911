import { join } from "node:path";
import { projectFolder } from "../core/project.ts";

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
    const { success, stdout } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stderr: "null",
      signal: AbortSignal.timeout(30_000),
    }).output();
    return success ? new TextDecoder().decode(stdout).trim().split("\n")[0] : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return null;
    }
    throw error;
  }
}

/**
 * JupyterLab: the program that PARSIMONY_JUPYTERLAB names, in the project's .venv, on PATH, or as a
 * Python module.
 */
export function findJupyter(): Promise<Program | null> {
  const folder = Deno.build.os === "windows" ? "Scripts" : "bin";
  const named = Deno.env.get("PARSIMONY_JUPYTERLAB");
  return firstThatRuns([
    ...(named ? [[named]] : []),
    [join(projectFolder(), ".venv", folder, "jupyter-lab")],
    ["jupyter-lab"],
    ["python3", "-m", "jupyterlab"],
  ]);
}

/** Chromium or Chrome, as puppeteer can drive it. */
export function findChromium(): Promise<Program | null> {
  const named = Deno.env.get("PARSIMONY_CHROMIUM");
  return firstThatRuns([
    ...(named ? [[named]] : []),
    ["chromium"],
    ["chromium-browser"],
    ["google-chrome"],
    ["google-chrome-stable"],
    ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"],
  ]);
}

/** A Redis or Valkey server. */
export function findRedis(): Promise<Program | null> {
  return firstThatRuns([["redis-server"], ["valkey-server"]]);
}

/** Git. */
export function findGit(): Promise<Program | null> {
  return firstThatRuns([["git"]]);
}
