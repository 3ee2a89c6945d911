import { join, relative } from "node:path";
import { projectFolder } from "../lib/core/project.ts";
import { print } from "../lib/core/terminal.ts";
import { checkNotebooks } from "../lib/notebook/cells.ts";

export { print };

/** How many checks of a step went well, and how many did not. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** What the step counted, for the summary. */
  readonly words: string;
}

export const project = projectFolder();

/** Permissions of tests: they start kernels, browsers and training processes. */
const testPermissions = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-run",
  "--allow-ffi",
  "--allow-sys",
  "--allow-net=127.0.0.1,localhost",
];

/** Runs Deno with our output; true when it succeeded. */
export async function deno(...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: project }).spawn()
    .status;
  return success;
}

/** One check, passed or failed. */
export function check(passed: boolean, words: string): Outcome {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, words };
}

/**
 * Runs `deno test` and counts from its own report. A skipped test counts as failed where
 * PARSIMONY_REQUIRE_ALL is set.
 */
export async function test(noun: string, ...args: string[]): Promise<Outcome> {
  const folder = join(project, ".temporary");
  await Deno.mkdir(folder, { recursive: true });
  const report = await Deno.makeTempFile({ dir: folder, suffix: ".xml" });
  try {
    const success = await deno(
      "test",
      "--frozen",
      "--no-prompt",
      `--junit-path=${report}`,
      ...testPermissions,
      ...args,
    );
    const { tests, failures, skipped } = countsOf(await Deno.readTextFile(report));
    const refused = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1" ? skipped : 0;
    // Deno also fails for what is no test, such as a type error or a leaked process.
    const failed = Math.max(failures + refused, success ? 0 : 1);
    const passed = tests - failures - skipped;
    return {
      passed,
      failed,
      words: `${tests} ${noun}, ${failed} failed, ${skipped} skipped`,
    };
  } finally {
    await Deno.remove(report);
  }
}

/** Counts of a JUnit report; zeros for an empty one. */
export function countsOf(report: string): { tests: number; failures: number; skipped: number } {
  const cases = [...report.matchAll(/<testcase\b[^>]*?(\/>|>([\s\S]*?)<\/testcase>)/g)]
    .map((match) => match[2] ?? "");
  return {
    tests: cases.length,
    failures: cases.filter((content) => /<(failure|error)\b/.test(content)).length,
    skipped: cases.filter((content) => /<skipped\b/.test(content)).length,
  };
}

/** Source files whose documentation has an example, and Markdown files with TypeScript code. */
export async function filesWithExamples(): Promise<string[]> {
  const found: string[] = [];
  for await (const path of files(join(project, "lib"))) {
    if (!path.endsWith(".ts") || path.endsWith("_test.ts")) continue;
    if (/^ \* @example/m.test(await Deno.readTextFile(path))) found.push(relative(project, path));
  }
  return found.sort();
}

async function* files(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* files(path);
    else yield path;
  }
}

/** Paths of all notebooks of the project. */
export async function notebookPaths(): Promise<string[]> {
  const folder = join(project, "notebooks");
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".ipynb")).sort();
  return names.map((name) => join(folder, name));
}

/** Type-checks the cells of all notebooks, and that the lock file has what they import. */
export async function cells(): Promise<Outcome> {
  const paths = await notebookPaths();
  const { cells, problems } = await checkNotebooks(paths, project);
  for (const problem of problems) print(problem);
  return {
    passed: problems.length === 0 ? cells : 0,
    failed: problems.length,
    words: `${cells} cells of ${paths.length} notebooks, ${problems.length} problems`,
  };
}

/** A step of a tool, with its name. */
export type Step = readonly [name: string, run: () => Promise<Outcome>];

/** What `deno task test` runs, and `deno task ok` as well. */
export const testSteps: readonly Step[] = [
  ["tests", () => test("tests", "lib", "tools", "bench")],
  ["doc examples", async () => await test("doc examples", "--doc", ...await filesWithExamples())],
  ["cells of notebooks", cells],
];

/**
 * Runs steps, also those after one that failed, so that one call shows all; then prints a line for
 * each and, as the last line, exactly `N passed, N failed`.
 */
export async function runSteps(steps: readonly Step[]): Promise<never> {
  finish(await outcomesOf(steps));
}

/** Runs steps and prints a line for each; for a tool that has something to clear away behind them. */
export async function outcomesOf(steps: readonly Step[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const summary: string[] = [];
  for (const [name, run] of steps) {
    print(`\n— ${name}`);
    const outcome = await run();
    outcomes.push(outcome);
    summary.push(`${outcome.failed === 0 ? "✓" : "✗"} ${name}: ${outcome.words}`);
  }
  print(`\n${summary.join("\n")}`);
  return outcomes;
}

/** Prints the outcome in one line, exactly as continuous integration reads it, and exits. */
export function finish(outcomes: readonly Outcome[]): never {
  const sum = (key: "passed" | "failed") =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  print(`${sum("passed")} passed, ${sum("failed")} failed`);
  Deno.exit(sum("failed") === 0 ? 0 : 1);
}
