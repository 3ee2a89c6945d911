import assert from "node:assert/strict";
import { join } from "node:path";
import { projectFolder } from "../../core/project.ts";
import { formatNotebook, linesOf, type Notebook } from "../notebook_file.ts";

/** A notebook of code cells, for tests; a cell given as a pair has tags. */
export function notebookOf(...cells: (string | [source: string, ...tags: string[]])[]): Notebook {
  return {
    cells: cells.map((cell, index) => {
      const [source, ...tags] = typeof cell === "string" ? [cell] : cell;
      return {
        cell_type: "code",
        id: `cell-${index + 1}`,
        metadata: tags.length > 0 ? { tags } : {},
        source: linesOf(source),
        execution_count: null,
        outputs: [],
      };
    }),
    metadata: {
      kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** Writes notebooks into a temporary folder, hands over their paths, and removes the folder. */
export async function withNotebooks<T>(
  notebooks: readonly Notebook[],
  use: (paths: string[], folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-test-" });
  try {
    const paths = await Promise.all(notebooks.map(async (notebook, index) => {
      const path = join(folder, `${index + 1}.ipynb`);
      await Deno.writeTextFile(path, formatNotebook(notebook));
      return path;
    }));
    return await use(paths, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Working directory that kernels of tests share: the import map is found from there. */
export const project = projectFolder(new URL(".", import.meta.url).pathname);

/** A cell that runs until its kernel ends, and says by which port one can see that it does. */
export const listeningCell = `
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log("port", listener.addr.port);
await new Promise(() => {});`;

/** Runs code that starts a kernel with the cell above and prints its output; then kills it. */
export async function leavesWithItsParent(code: string): Promise<void> {
  const parent = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", code],
    cwd: project,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let printed = "";
  let port = 0;
  for await (const text of parent.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    port = Number(/port (\d+)\n/.exec(printed)?.[1] ?? 0);
    if (port > 0) break;
  }
  parent.kill("SIGKILL");
  await parent.status;
  assert.ok(port > 0, printed);
  // It may take a moment, but not for ever: the test fails by its own limit of attempts.
  for (let attempt = 0; await listens(port); attempt++) {
    assert.ok(attempt < 200, "The kernel still runs 20 s after its parent was killed.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function listens(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
