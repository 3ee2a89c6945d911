import { fileURLToPath } from "node:url";
import { denoProgram } from "../../core/runtime/deno_program.ts";

/**
 * Starts a script of this folder in a project; it may write there and speak to this machine only. A
 * process whose output nobody reads stops when the pipe is full: give that of a long one to "null".
 */
export function startScript(
  project: string,
  script: string,
  args: readonly string[],
  environment: Record<string, string> = {},
  output: "piped" | "null" = "piped",
): Deno.ChildProcess {
  return new Deno.Command(denoProgram("start a process of a test"), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      // With the overrides of package.json beside it, which BullMQ needs.
      `--config=${fileURLToPath(new URL("../../../deno.json", import.meta.url))}`,
      "--allow-read",
      "--allow-env",
      "--allow-sys",
      "--allow-net=127.0.0.1,localhost",
      `--allow-write=${project}`,
      "--allow-run",
      new URL(script, import.meta.url).href,
      ...args,
    ],
    cwd: project,
    env: environment,
    stdin: "null",
    stdout: output,
    stderr: output,
  }).spawn();
}

/** The end of a process: whether it went well, and what it wrote. */
export async function outcomeOf(
  process: Deno.ChildProcess,
): Promise<{ success: boolean; out: string; errors: string }> {
  const { success, stdout, stderr } = await process.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { success, out: decode(stdout), errors: decode(stderr) };
}

/** Ends a process and gives what it wrote. */
export function end(process: Deno.ChildProcess) {
  try {
    process.kill("SIGKILL");
  } catch { /* it is gone */ }
  return outcomeOf(process);
}

/** Kills a process, or asks it by another signal, with no more permission than `--allow-run=kill`. */
export async function signal(pid: number, name: "KILL" | "INT" | "TERM" | "STOP"): Promise<void> {
  await new Deno.Command("kill", { args: [`-${name}`, String(pid)], stderr: "null" }).output();
}

/** The training processes that a process has started and that are alive. */
export function trainingProcesses(parent: number): Promise<number[]> {
  return childrenWith(parent, "studies/pool/child.ts");
}

/** The only kernel that a process has started. */
export async function kernelProcess(parent: number): Promise<number> {
  return (await childrenWith(parent, "jupyter --kernel"))[0];
}

/** The children of a process that are alive and have some words in their command. */
async function childrenWith(parent: number, words: string): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "pid=,stat=,args=", "--ppid", String(parent)],
  }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.includes(words) && !/^\s*\d+\s+Z/.test(line))
    .map((line) => parseInt(line));
}

/** Whether a process is alive (a zombie is not). */
export async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] })
    .output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

/** Whether there is a file or folder of that name. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Waits until something is true, for at most a minute. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let wait = 0; wait < 2400; wait++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Waited a minute in vain until ${what}.`);
}
