import assert from "node:assert/strict";
import { join } from "node:path";
import { documentedFiles } from "./core/testing/documented.ts";
import { withSecondProject } from "./core/testing/second_project.ts";

type Run = {
  status: string;
  error: string;
  curve: { trainingLoss: number }[];
  parameters: unknown;
};

/** Runs the study of a page in a project of its own, and gives the records of its runs. */
function runsOf(page: string, study: string, modules: readonly string[]): Promise<Run[]> {
  const documented = documentedFiles(page);
  const files = Object.fromEntries(
    ["study.ts", ...modules].map((file) => [file, documented[file]]),
  );
  const text = "So we beat on, boats against the current, borne back ceaselessly. ".repeat(20);
  return withSecondProject({ ...files, "my-text.txt": text }, async ({ folder, deno }) => {
    const [, command] = files["study.ts"].match(/^\/\/ study\.ts, run by: deno (.+)\n/)!;
    const { code, stdout, stderr } = await deno(...command.split(" "));
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`${study}: \\d points × 3 folds × 2 seeds`));
    assert.doesNotMatch(stderr, /Warning/);
    const journal = await Deno.readTextFile(join(folder, "results", study, "runs.jsonl"));
    return journal.trimEnd().split("\n").map((line) => JSON.parse(line));
  });
}

function checkLearned(runs: readonly Run[], least: number): void {
  for (const { status, error, curve } of runs) {
    assert.equal(status, "completed", error);
    assert.ok(curve.at(-1)!.trainingLoss < curve[0].trainingLoss - least);
  }
}

Deno.test("a second project links the library with the README's snippet and trains", async () => {
  const runs = await runsOf("README.md", "my-text", []);
  assert.ok(runs.length > 4 * 3 * 2, `${runs.length} runs`);
  checkLearned(runs, 0.5);
});

Deno.test("a second project trains the model and the penalty of docs/own-parts.md", async () => {
  const modules = ["parts/bigram.ts", "parts/logarithm.ts"];
  const runs = await runsOf("docs/own-parts.md", "own-parts", modules);
  assert.ok(runs.length > 2 * 3 * 2, `${runs.length} runs`);
  checkLearned(runs, 0.2);
  assert.deepEqual(runs[0].parameters, [
    { name: "embedding/table", kind: "embedding", shape: [22, 8], penalties: [] },
    { name: "output/kernel", kind: "kernel", shape: [8, 22], penalties: ["logarithm"] },
  ]);
});
