import { denoProgram } from "../core/runtime/deno_program.ts";
import { startProgram } from "../core/runtime/processes.ts";
import { formatNotebook, type Notebook } from "./notebook_file.ts";

/**
 * Text of a notebook as `deno fmt` leaves it, cells with parameters that were set among them. A notebook
 * with code that is none, and so is left alone by `deno fmt`, is given as it is.
 *
 * @param folder Where its settings are: those of the deno.json at or above it.
 */
export async function formattedNotebook(notebook: Notebook, folder: string): Promise<string> {
  const text = formatNotebook(notebook);
  const program = startProgram(denoProgram("format a notebook"), {
    args: ["fmt", "--quiet", "--ext", "ipynb", "-"],
    cwd: folder,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  });
  const output = program.output();
  await new Blob([text]).stream().pipeTo(program.stdin).catch(() => {});
  const { success, stdout } = await output;
  return success ? new TextDecoder().decode(stdout) : text;
}
