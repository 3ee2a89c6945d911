// `deno task ok`: everything that must be well before a commit. Later steps run also when an earlier
// one failed, so that one call shows all. The last line is `N passed, N failed`.

import { join } from "node:path";
import { checkNotebooks } from "../lib/notebook/cells.ts";
import { lintDocumentation } from "./_doc_lint.ts";
import { check, deno, filesWithExamples, finish, type Outcome, project, test } from "./_steps.ts";

// deno-lint-ignore no-console -- a tool prints
const print = (line: string) => console.log(line);

async function cells(): Promise<Outcome> {
  const folder = join(project, "notebooks");
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".ipynb")).sort();
  const paths = names.map((name) => join(folder, name));
  const { cells, problems } = await checkNotebooks(paths, project);
  for (const problem of problems) print(problem);
  const words = `${cells} cells of ${paths.length} notebooks, ${problems.length} problems`;
  return check(problems.length === 0, words);
}

async function documentation(): Promise<Outcome> {
  const problems = await lintDocumentation(["lib/mod.ts", "lib/frames/mod.ts"]);
  for (const problem of problems) print(problem);
  return check(problems.length === 0, `${problems.length} undocumented symbols`);
}

function kernels(): Promise<boolean> {
  return deno(
    "run",
    "--frozen",
    "--no-prompt",
    "--allow-read=.",
    "--allow-env",
    "tools/build_kernels.ts",
    "--check",
  );
}

const steps: readonly (readonly [name: string, run: () => Promise<Outcome>])[] = [
  ["format", async () => check(await deno("fmt", "--check", "--quiet"), "format")],
  ["lint", async () => check(await deno("lint", "--quiet"), "lint")],
  ["types", async () => check(await deno("check", "--frozen", "--quiet", "."), "types")],
  ["kernels", async () => check(await kernels(), "kernels.wasm is what its sources build")],
  ["cells of notebooks", cells],
  ["documentation", documentation],
  ["tests", () => test("tests", "lib", "tools")],
  ["doc examples", async () => await test("doc examples", "--doc", ...await filesWithExamples())],
];

const outcomes: Outcome[] = [];
const summary: string[] = [];
for (const [name, run] of steps) {
  print(`\n— ${name}`);
  const outcome = await run();
  outcomes.push(outcome);
  summary.push(`${outcome.failed === 0 ? "✓" : "✗"} ${name}: ${outcome.words}`);
}
print(`\n${summary.join("\n")}`);
finish(outcomes);
