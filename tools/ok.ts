// `deno task ok`: everything that must be well before a commit. The last line is `N passed, N failed`.

import { basename, join } from "node:path";
import { lintDocumentation } from "./_doc_lint.ts";
import {
  check,
  deno,
  notebookPaths,
  type Outcome,
  print,
  project,
  runSteps,
  testSteps,
  types,
} from "./_steps.ts";
import { toolOptions } from "./_usage.ts";

const usage = `ok
  Everything that must be well before a commit: format, lint, types, what is built, documentation, and what
  deno task test runs. The last line is: N passed, N failed.`;

/** `--ignore` replaces the configuration's own list, so both go into it. */
async function format(): Promise<Outcome> {
  const { fmt: { exclude } } = JSON.parse(await Deno.readTextFile(join(project, "deno.json")));
  const ignore = `--ignore=${[...exclude, "notebooks"].join(",")}`;
  return check(await deno("fmt", "--check", "--quiet", ignore), "format");
}

/**
 * Whether notebooks are as `deno fmt` leaves them. They are compared with formatted copies: with Deno
 * 2.9.6 `deno fmt --check` calls a notebook unformatted although formatting changes no byte of it.
 */
async function notebookFormat(): Promise<Outcome> {
  await Deno.mkdir(join(project, ".temporary"), { recursive: true });
  const copies = await Deno.makeTempDir({ dir: join(project, ".temporary") });
  try {
    const changed: string[] = [];
    const paths = await notebookPaths();
    for (const path of paths) await Deno.copyFile(path, join(copies, basename(path)));
    const formatted = paths.length === 0 || await deno("fmt", "--quiet", copies);
    for (const path of paths) {
      const copy = await Deno.readTextFile(join(copies, basename(path)));
      if (copy !== await Deno.readTextFile(path)) changed.push(basename(path));
    }
    for (const name of changed) print(`${name} is not formatted: deno fmt notebooks`);
    return check(formatted && changed.length === 0, "format of notebooks");
  } finally {
    await Deno.remove(copies, { recursive: true });
  }
}

function kernels(): Promise<boolean> {
  const permissions = ["--no-prompt", "--allow-read=.", "--allow-env=CI"];
  return deno("run", "--frozen", ...permissions, "tools/build_kernels.ts", "--check");
}

function danfojs(): Promise<boolean> {
  const permissions = ["--no-prompt", "--allow-read", "--allow-env", "--allow-run"];
  return deno("run", "--frozen", ...permissions, "tools/build_danfojs.ts", "--check");
}

async function documentation(): Promise<Outcome> {
  const problems = await lintDocumentation(["lib/mod.ts", "lib/frames/mod.ts"]);
  for (const problem of problems) print(problem);
  return check(problems.length === 0, `${problems.length} undocumented symbols`);
}

toolOptions(usage, {});
await runSteps([
  ["format", format],
  ["format of notebooks", notebookFormat],
  ["lint", async () => check(await deno("lint", "--quiet"), "lint")],
  types,
  ["kernels", async () => check(await kernels(), "kernels.wasm is what its sources build")],
  ["danfojs", async () => check(await danfojs(), "_danfojs.js is what its packages build")],
  ["documentation", documentation],
  ...testSteps,
]);
