import { join } from "node:path";
import { projectFolder } from "../core/project.ts";
import { formatNotebook, linesOf, type Notebook } from "./notebook_file.ts";

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
