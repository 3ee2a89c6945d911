import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryProject } from "../core/testing/temporary_project.ts";
import { formatNotebook } from "../notebook/notebook_file.ts";
import { readRuns } from "../records/read_runs.ts";
import { project as library } from "./_testing/task.ts";

/** A command in another project: its exit code, and all that it printed. */
async function cli(cwd: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `--config=${library}/deno.json`, `${library}/lib/cli.ts`, ...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** A notebook that runs a study of doubles; to all runs of one fold the same happens. */
function notebook(mischief: string): string {
  const address = (path: string) => JSON.stringify(`file://${library}/lib/studies/${path}`);
  const code = `
const { runStudyWith } = await import(${address("_study_course.ts")});
const { doubleOptions, doubleParts } = await import(${address("_testing/parts.ts")});
const happens = { mischief: ${JSON.stringify(mischief)}, mischiefFold: 1 };
const { reporter: _, ...options } = doubleOptions(undefined, { patienceSeconds: 1 }, happens);
const study = await runStudyWith(doubleParts, options);
await Deno.writeTextFile(study.folder + "/report.html", "");
`;
  return formatNotebook({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { parsimony: { study: "double" } },
    cells: [{
      cell_type: "code",
      id: "study",
      metadata: {},
      execution_count: null,
      outputs: [],
      source: [code],
    }],
  });
}

Deno.test("start and notebooks end with 1 while runs stay failed, and say what has them tried again", () =>
  withTemporaryProject(async (project) => {
    await Deno.mkdir(join(project, "notebooks"));
    await Deno.writeTextFile(join(project, "notebooks", "01-failing.ipynb"), notebook("throw"));
    const sentence =
      /Study double: .*; 8 failed \(retryFailed: true of runStudy tries them again\)\./;
    for (const command of [["notebooks", "1"], ["start"], ["notebooks"]]) {
      const { code, said } = await cli(project, ...command);
      assert.equal(code, 1, said);
      assert.match(said, sentence);
      assert.match(said, /01-failing\.ipynb: done/);
    }
    const shown = await cli(project, "study", "list");
    assert.match(shown.said, /^double: 24\/24 runs, 2 refits, 8 failed \(retryFailed: true of/);
  }));

Deno.test("notebooks ends with 1 where something outside of the runs stays missing, and no run is recorded as failed", () =>
  withTemporaryProject(async (project) => {
    await Deno.mkdir(join(project, "notebooks"));
    await Deno.writeTextFile(join(project, "notebooks", "01-full.ipynb"), notebook("full"));
    const { code, said } = await cli(project, "notebooks", "1");
    assert.equal(code, 1, said);
    assert.match(said, /OutsideTrouble: Study double cannot go on: No space left/);
    // How many are done within the patience is for the machine to say: all of the other two folds, or fewer.
    const finished = Number(/(\d+) of at least 24 runs are finished/.exec(said)?.[1]);
    assert.ok(finished <= 16, said);
    const kept = readRuns(join(project, "results", "double", "runs.jsonl"));
    assert.deepEqual(kept.map(({ status }) => status), Array(finished).fill("completed"));
  }));

Deno.test("reproduce ends with 1 while runs stay failed, and with --retry-failed they are tried again", () =>
  withTemporaryProject(async (project) => {
    const command = ["reproduce", "word-lstm-short", "--quick"];
    const first = await cli(project, ...command);
    assert.equal(first.code, 0, first.said);
    const journal = join(project, "results/published/word-lstm-short-quick/runs.jsonl");
    const lines = (await Deno.readTextFile(journal)).trimEnd().split("\n");
    const last = { ...JSON.parse(lines.pop()!), status: "failed", error: "Its process crashed." };
    await Deno.writeTextFile(journal, [...lines, JSON.stringify(last), ""].join("\n"));
    const { code, said } = await cli(project, ...command);
    assert.equal(code, 1, said);
    assert.match(
      said,
      /Of 3 runs, 1 failed \(the same command with --retry-failed tries it again\)/,
    );
    const again = await cli(project, ...command, "--retry-failed");
    assert.equal(again.code, 0, again.said);
    assert.doesNotMatch(again.said, /failed/);
  }));
