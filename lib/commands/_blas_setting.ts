import { denoProgram } from "../core/runtime/deno_program.ts";
import { environmentVariable } from "../core/runtime/environment.ts";
import { operatingSystem } from "../core/runtime/machine.ts";
import { runProgram } from "../core/runtime/processes.ts";

/**
 * Says in one line when PARSIMONY_BLAS names a file that cannot be read. Loads nothing: whether a file
 * that can be read is a BLAS shows when an engine needs it.
 *
 * A bare name is looked up by the system's loader, and the libraries of macOS are no files: of these
 * nothing is said.
 */
export async function warnOfMissingBlas(print: (line: string) => void): Promise<void> {
  const path = environmentVariable("PARSIMONY_BLAS");
  if (!path || !/[\\/]/.test(path) || /^\/(System|usr\/lib)\//.test(path) && onMac) return;
  const { stdout } = await runProgram(denoProgram("look at PARSIMONY_BLAS"), {
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--no-prompt",
      `--allow-read=${path.replaceAll(",", ",,")}`,
      new URL("./_library_file.ts", import.meta.url).href,
      path,
    ],
    stdin: "null",
    stderr: "null",
  });
  const problem = new TextDecoder().decode(stdout);
  if (problem === "") return;
  print(
    `PARSIMONY_BLAS names ${path}, which cannot be used as BLAS: ${problem}. Engine native falls ` +
      `back to wasm; wasm needs no BLAS.`,
  );
}

const onMac = operatingSystem === "darwin";
