import os from "node:os";
import { join } from "node:path";
import { fairEnvironment } from "./participants.ts";

/** What a Python of the bench must have. */
export interface PeerNeeds {
  /** Name of its folder in the cache. */
  readonly folder: string;
  /** Module that must be importable. */
  readonly module: string;
  /** What pip installs. */
  readonly packages: readonly string[];
  /** Words on its size, for the message that it is being made; may be empty. */
  readonly size: string;
}

const pytorch: PeerNeeds = {
  folder: "python",
  module: "torch",
  packages: ["torch", "numpy"],
  size: "; on Linux that is several GB",
};

/**
 * A Python that can import what is needed, PyTorch by default: the one given, or an environment of the bench's own, made once in
 * the user's cache folder (XDG_CACHE_HOME, else ~/.cache) with the newest of PyPI. For
 * PyTorch on Linux that brings CUDA libraries along, several GB.
 *
 * @param given Path of a Python, or undefined.
 * @param print Called with what takes long.
 * @param needs What it must have.
 * @throws {Error} If there is no Python, or a package cannot be installed or imported.
 */
export async function findPeer(
  given: string | undefined,
  print: (line: string) => void,
  needs: PeerNeeds = pytorch,
): Promise<string> {
  const { module, packages, size } = needs;
  if (given !== undefined) {
    if (await canImport(given, module)) return given;
    throw new Error(`Cannot use --python ${given}: it cannot run or cannot import ${module}.`);
  }
  const folder = peerFolder(needs.folder);
  const python = Deno.build.os === "windows"
    ? join(folder, "Scripts", "python.exe")
    : join(folder, "bin", "python");
  if (await canImport(python, module)) return python;
  print(`Making a Python environment with ${module} in ${folder}${size}.`);
  await run(Deno.build.os === "windows" ? "python" : "python3", "-m", "venv", folder);
  await run(python, "-m", "pip", "install", "--quiet", "--upgrade", ...packages);
  if (await canImport(python, module)) return python;
  throw new Error(`${module} was installed in ${folder} and cannot be imported.`);
}

/** A folder of the bench in the cache folder. */
export function peerFolder(name: string): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") || join(os.homedir(), ".cache");
  return join(cache, "parsimony-bench", name);
}

async function canImport(python: string, module: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(python, {
      args: ["-c", `import ${module}`],
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
