import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The block of README.md, or of another page, that begins with a comment naming a file. */
function snippet(name: string, page = "README.md"): string {
  const text = Deno.readTextFileSync(join(root, page));
  const found = text.match(new RegExp("```\\w+\\n(// " + name + "[^]*?)```"));
  assert.ok(found, `${page} has no block for ${name}`);
  return found[1];
}

type Run = {
  status: string;
  error: string;
  curve: { trainingLoss: number }[];
  parameters: unknown;
};

/** Runs the study of a page in a project of its own, and gives the records of its runs. */
async function runsOf(page: string, study: string, modules: readonly string[]): Promise<Run[]> {
  const project = await Deno.makeTempDir({ prefix: "second-project-" });
  try {
    const configuration = snippet("deno.json").split("\n").slice(1).join("\n")
      .replace("../parsimony", relative(project, root));
    await Deno.writeTextFile(join(project, "deno.json"), configuration);
    for (const module of ["study.ts", ...modules]) {
      await Deno.mkdir(dirname(join(project, module)), { recursive: true });
      await Deno.writeTextFile(join(project, module), snippet(module, page));
    }
    const text = "So we beat on, boats against the current, borne back ceaselessly. ".repeat(20);
    await Deno.writeTextFile(join(project, "my-text.txt"), text);
    const flags = snippet("study.ts", page).split("\n")[0].match(/--allow-\S+/g)!;
    const { code, stdout, stderr } = await new Deno.Command(process.execPath, {
      args: ["run", "--no-prompt", ...flags, "study.ts"],
      cwd: project,
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 0, said);
    assert.match(said, new RegExp(`${study}: \\d points × 3 folds × 2 seeds`));
    const journal = await Deno.readTextFile(join(project, "results", study, "runs.jsonl"));
    return journal.trimEnd().split("\n").map((line) => JSON.parse(line));
  } finally {
    await Deno.remove(project, { recursive: true });
  }
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
