import os from "node:os";
import { join } from "node:path";
import { fairEnvironment } from "./participants.ts";

/**
 * A Python that can import torch: the one given, or an environment of the bench's own, made once in
 * the user's cache folder (XDG_CACHE_HOME, else ~/.cache) with the newest PyTorch of PyPI. On Linux
 * that brings CUDA libraries along, several GB.
 *
 * @param given Path of a Python, or undefined.
 * @param print Called with what takes long.
 * @throws {Error} If there is no Python, or PyTorch cannot be installed or imported.
 */
export async function findPeer(
  given: string | undefined,
  print: (line: string) => void,
): Promise<string> {
  if (given !== undefined) {
    if (await canImport(given)) return given;
    throw new Error(`Cannot use --python ${given}: it cannot run or cannot import torch.`);
  }
  const folder = peerFolder();
  const python = Deno.build.os === "windows"
    ? join(folder, "Scripts", "python.exe")
    : join(folder, "bin", "python");
  if (await canImport(python)) return python;
  print(`Making a Python environment with PyTorch in ${folder}; on Linux that is several GB.`);
  await run(Deno.build.os === "windows" ? "python" : "python3", "-m", "venv", folder);
  await run(python, "-m", "pip", "install", "--quiet", "--upgrade", "torch", "numpy");
  if (await canImport(python)) return python;
  throw new Error(`PyTorch was installed in ${folder} and cannot be imported.`);
}

function peerFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") || join(os.homedir(), ".cache");
  return join(cache, "parsimony-bench", "python");
}

async function canImport(python: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(python, {
      args: ["-c", "import torch"],
      clearEnv: true,
      env: fairEnvironment(Deno.env.toObject(), 1),
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, code } = await new Deno.Command(program, { args }).spawn().status;
  if (!success) throw new Error(`${program} ${args.join(" ")} ended with exit code ${code}.`);
}
