import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The block of README.md that begins with a comment naming a file. */
function snippet(name: string): string {
  const readme = Deno.readTextFileSync(join(root, "README.md"));
  const found = readme.match(new RegExp("```\\w+\\n(// " + name + "[^]*?)```"));
  assert.ok(found, `README.md has no block for ${name}`);
  return found[1];
}

Deno.test("a second project links the library with the README's snippet and trains", async () => {
  const project = await Deno.makeTempDir({ prefix: "second-project-" });
  try {
    const configuration = snippet("deno.json").split("\n").slice(1).join("\n")
      .replace("../parsimony", relative(project, root));
    await Deno.writeTextFile(join(project, "deno.json"), configuration);
    await Deno.writeTextFile(join(project, "study.ts"), snippet("study.ts"));
    const text = "So we beat on, boats against the current, borne back ceaselessly. ".repeat(20);
    await Deno.writeTextFile(join(project, "my-text.txt"), text);
    const flags = snippet("study.ts").split("\n")[0].match(/--allow-\S+/g)!;
    const { code, stdout, stderr } = await new Deno.Command(process.execPath, {
      args: ["run", "--no-prompt", ...flags, "study.ts"],
      cwd: project,
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 0, said);
    assert.match(said, /my-text: 4 points × 3 folds × 2 seeds/);
    const journal = await Deno.readTextFile(join(project, "results", "my-text", "runs.jsonl"));
    const runs = journal.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.ok(runs.length > 4 * 3 * 2, `${runs.length} runs`);
    for (const { status, curve } of runs) {
      assert.equal(status, "completed");
      assert.ok(curve.at(-1).trainingLoss < curve[0].trainingLoss - 0.5);
    }
  } finally {
    await Deno.remove(project, { recursive: true });
  }
});
