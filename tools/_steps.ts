import { join } from "node:path";
import { projectFolder } from "../lib/core/project.ts";
import { print } from "../lib/core/terminal.ts";
import { filesBelow, inLanes, longestFirst } from "./_lanes.ts";
import { checkNotebooks } from "../lib/notebook/cells.ts";

export { print };

/** How many checks of a step went well, and how many did not. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** What the step counted, for the summary. */
  readonly words: string;
  /** What failed, with the end of what it printed, for the end of a long output; absent for none. */
  readonly failures?: readonly string[];
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
 * Runs `deno test` on arguments of the user's and counts from its own report. A skipped test counts as
 * failed where PARSIMONY_REQUIRE_ALL is set.
 */
export async function test(noun: string, ...args: string[]): Promise<Outcome> {
  const counted = await countTests(
    args,
    async (...all) => ({ success: await deno(...all), said: "" }),
  );
  return inWords(noun, [counted]);
}

/**
 * Tests files, each in a process of its own, on all cores; what a file printed is printed when it is
 * done. Types are not checked: the step before does that, once for all.
 */
async function testEach(
  noun: string,
  files: readonly string[],
  options: readonly string[] = [],
): Promise<Outcome> {
  const log = join(project, ".temporary", `seconds of ${noun}.json`);
  const before = await Deno.readTextFile(log).then(JSON.parse, () => ({}));
  const seconds: { [file: string]: number } = {};
  const counted = await inLanes(
    longestFirst(files, before).map((file) => async () => {
      const started = performance.now();
      const counted = await countTests([...options, "--quiet", "--no-check", file], quietDeno);
      seconds[file] = (performance.now() - started) / 1000;
      return counted;
    }),
  );
  await Deno.writeTextFile(log, JSON.stringify(seconds));
  const failures = counted.filter(({ failed }) => failed > 0)
    .map(({ args, said }) => `${args.at(-1)}\n${lastLines(said)}`);
  return { ...inWords(noun, counted), ...(failures.length > 0 && { failures }) };
}

/** Lines of the end of a failed test's output that are shown again after all others. */
const linesShownAgain = 40;

/** The end of an output. */
export function lastLines(output: string): string {
  return output.trim().split("\n").slice(-linesShownAgain).join("\n");
}

/** What one `deno test` counted; a skipped test that was refused is among the failed as well. */
interface Counted {
  readonly tests: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What `deno test` was given; its file is the last. */
  readonly args: readonly string[];
  /** What it printed. */
  readonly said: string;
}

async function countTests(
  args: readonly string[],
  run: (...args: string[]) => Promise<{ readonly success: boolean; readonly said: string }>,
): Promise<Counted> {
  const folder = join(project, ".temporary");
  await Deno.mkdir(folder, { recursive: true });
  const report = await Deno.makeTempFile({ dir: folder, suffix: ".xml" });
  try {
    const { success, said } = await run(
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
    return { tests, passed: tests - failures - skipped, failed, skipped, args, said };
  } finally {
    await Deno.remove(report);
  }
}

function inWords(noun: string, all: readonly Counted[]): Outcome {
  const sum = (key: "tests" | "passed" | "failed" | "skipped") =>
    all.reduce((total, each) => total + each[key], 0);
  const [tests, passed, failed, skipped] = (["tests", "passed", "failed", "skipped"] as const)
    .map(sum);
  return { passed, failed, words: `${tests} ${noun}, ${failed} failed, ${skipped} skipped` };
}

/** Runs Deno and prints what it said when it is done. */
async function quietDeno(...args: string[]): Promise<{ success: boolean; said: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: project,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim())
    .filter((text) => text !== "").join("\n");
  if (said !== "") print(said);
  return { success, said };
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

/** Source files whose documentation has an example. */
export async function filesWithExamples(): Promise<string[]> {
  const found: string[] = [];
  for (const path of await filesBelow(project, ["lib"], ".ts")) {
    if (path.endsWith("_test.ts")) continue;
    if (/^ \* @example/m.test(await Deno.readTextFile(join(project, path)))) found.push(path);
  }
  return found;
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

/** Folders of source files; what tests install lies in others. */
const sources: readonly string[] = ["lib", "tools", "bench"];

/** Types of all source files. */
export const types: Step = [
  "types",
  async () => check(await deno("check", "--frozen", "--quiet", ...sources), "types"),
];

/** What `deno task test` runs, and `deno task ok` as well; both check the types before. */
export const testSteps: readonly Step[] = [
  [
    "types of examples",
    async () =>
      check(
        await deno("check", "--frozen", "--quiet", "--doc", ...await filesWithExamples()),
        "types of examples",
      ),
  ],
  [
    "tests",
    async () => testEach("tests", await filesBelow(project, sources, "_test.ts")),
  ],
  ["doc examples", async () => testEach("doc examples", await filesWithExamples(), ["--doc"])],
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
  for (const failure of outcomes.flatMap(({ failures = [] }) => failures)) {
    print(`\n— failed: ${failure}`);
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
