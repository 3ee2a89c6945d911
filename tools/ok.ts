// `deno task ok`: everything that must be well before a commit. The last line is `N passed, N failed`.

import { lintDocumentation } from "./_doc_lint.ts";
import { check, deno, type Outcome, print, runSteps, testSteps } from "./_steps.ts";

function kernels(): Promise<boolean> {
  const permissions = ["--no-prompt", "--allow-read=.", "--allow-env"];
  return deno("run", "--frozen", ...permissions, "tools/build_kernels.ts", "--check");
}

async function documentation(): Promise<Outcome> {
  const problems = await lintDocumentation(["lib/mod.ts", "lib/frames/mod.ts"]);
  for (const problem of problems) print(problem);
  return check(problems.length === 0, `${problems.length} undocumented symbols`);
}

await runSteps([
  ["format", async () => check(await deno("fmt", "--check", "--quiet"), "format")],
  ["lint", async () => check(await deno("lint", "--quiet"), "lint")],
  ["types", async () => check(await deno("check", "--frozen", "--quiet", "."), "types")],
  ["kernels", async () => check(await kernels(), "kernels.wasm is what its sources build")],
  ["documentation", documentation],
  ...testSteps,
]);
