import { dirname, join, relative } from "node:path";
import { documentedFiles, libraryFolder } from "./documented.ts";

/** A project in a temporary folder that links the library. */
export interface SecondProject {
  readonly folder: string;
  /** Runs Deno there; its output without colours. */
  deno(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
}

/**
 * Uses a project as a user has it, beside the library; removed afterwards.
 *
 * @param files Its files by path; `deno.json`, where it is not among them, is the README's.
 */
export async function withSecondProject<T>(
  files: { readonly [path: string]: string },
  use: (project: SecondProject) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "second-project-" });
  try {
    const { "deno.json": configuration = documentedFiles("README.md")["deno.json"], ...others } =
      files;
    const linked = configuration.replace("../parsimony", relative(folder, libraryFolder));
    for (const [path, text] of Object.entries({ ...others, "deno.json": linked })) {
      await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    return await use({ folder, deno: (...args) => runDeno(folder, args) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runDeno(cwd: string, args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  return {
    code,
    stdout: new TextDecoder().decode(stdout),
    stderr: new TextDecoder().decode(stderr),
  };
}
