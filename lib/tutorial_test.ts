import assert from "node:assert/strict";
import { join } from "node:path";
import { type Block, blocksOf, definitionLines } from "./core/testing/documented.ts";
import { documentedFiles, libraryFolder } from "./core/testing/documented.ts";
import { withSecondProject } from "./core/testing/second_project.ts";
import { readTrainedModel } from "./mod.ts";
import { parseParameter, readNotebook, setParameters } from "./notebook/notebook_file.ts";

// `deno test … lib/tutorial_test.ts -- --update` writes the outputs and the figure that it gets.
const updating = Deno.args.includes("--update");
const page = "docs/tutorial.md";
const figure = join(libraryFolder, "docs/images/tutorial/gap.svg");

/** A block of commands `deno task run FILE …`, with the output that the page shows behind it. */
interface Step {
  readonly scripts: readonly string[];
  readonly output: Block | null;
}

function stepsOf(blocks: readonly Block[]): Step[] {
  return blocks.flatMap(({ language, text }, index) => {
    const scripts = [...text.matchAll(/^deno task run (\S+)$/gm)].map(([, script]) => script);
    if (language !== "sh" || scripts.length === 0) return [];
    const next = blocks[index + 1];
    return [{ scripts, output: next?.language === "text" ? next : null }];
  });
}

Deno.test("the values that the README and the tutorial give to `start` are parameters of the first notebook", async () => {
  const notebook = await readNotebook(join(libraryFolder, "notebooks/01-first-look.ipynb"));
  for (const [document, expected] of [["README.md", 2], [page, 3]] as const) {
    const text = await Deno.readTextFile(join(libraryFolder, document));
    const command = text.match(/deno task start( --set [^`\n]+)/)![1];
    const values = [...command.matchAll(/ --set '?([^\s']+)'?/g)]
      .map(([, value]) => parseParameter(value));
    assert.equal(values.length, expected);
    setParameters(notebook, Object.fromEntries(values));
  }
});

Deno.test("the tutorial's project links the library as the README says, and its penalty has ten lines", () => {
  const files = documentedFiles(page);
  const [own, readme] = [files, documentedFiles("README.md")].map((each) =>
    JSON.parse(each["deno.json"].split("\n").slice(1).join("\n"))
  );
  const { tasks, ...others } = own;
  assert.deepEqual(others, readme);
  assert.deepEqual(Object.keys(tasks), ["run"]);
  const lines = definitionLines(files["parts/ceiling.ts"]);
  assert.ok(lines.length > 5 && lines.length <= 10, `${lines.length} lines`);
});

Deno.test("the tutorial's files print what it shows, and write the files that it names", () =>
  withSecondProject(documentedFiles(page), async ({ folder, deno }) => {
    const steps = stepsOf(blocksOf(page));
    assert.deepEqual(steps.flatMap(({ scripts }) => scripts), [
      "text.ts",
      "study.ts",
      "penalty.ts",
      "report.ts",
      "simplify.ts",
    ]);
    const run = async (script: string) => {
      const { code, stdout, stderr } = await deno("task", "run", script);
      assert.equal(code, 0, stdout + stderr);
      return stdout;
    };
    let written = Deno.readTextFileSync(join(libraryFolder, page));
    const outputs: string[] = [];
    let from = 0;
    for (const { scripts, output } of steps) {
      let printed = "";
      for (const script of scripts) printed += await run(script);
      outputs.push(printed);
      assert.ok(output !== null, `The page shows no output of ${scripts}.`);
      if (!updating) {
        assert.equal(output.text, printed);
        continue;
      }
      const block = "```text\n" + output.text + "```\n";
      from = written.indexOf(block, from);
      const fresh = "```text\n" + printed + "```\n";
      written = written.slice(0, from) + fresh + written.slice(from + block.length);
      from += fresh.length;
    }
    const file = (...path: string[]) => Deno.readFile(join(folder, ...path));
    const textOf = async (...path: string[]) => new TextDecoder().decode(await file(...path));
    if (updating) {
      await Deno.writeTextFile(join(libraryFolder, page), written);
      await Deno.mkdir(join(figure, ".."), { recursive: true });
      await Deno.writeTextFile(figure, await textOf("gap.svg"));
    }
    assert.equal(await textOf("gap.svg"), Deno.readTextFileSync(figure));

    // "with the same numbers"
    const unpenalized = await Promise.all(["my-text", "my-penalty"].map(async (study) => {
      const lines = (await textOf("results", study, "runs.jsonl")).trimEnd().split("\n");
      return lines.map((line) => JSON.parse(line)).filter(({ point }) => point.lambda === 0)
        .map(({ fold, final }) => [fold, final.heldOutLoss]).sort();
    }));
    assert.equal(unpenalized[0].length, 4);
    assert.deepEqual(unpenalized[0], unpenalized[1]);

    // "Run it again: nothing is trained"
    const journal = await textOf("results", "my-text", "runs.jsonl");
    assert.ok(outputs[0].endsWith(await run("study.ts")));
    assert.equal(await textOf("results", "my-text", "runs.jsonl"), journal);

    for (const study of ["my-text", "my-penalty"]) {
      assert.match(await textOf("results", study, "report.html"), /<\/html>\s*$/);
    }
    assert.match(await textOf("results", "my-text", "report.md"), /figures\/figure-01\.png/);
    assert.ok((await file("results", "my-text", "figures", "figure-01.png")).length > 10_000);
    const comparison = await textOf("results", "my-text", "compare-with-my-penalty.html");
    assert.match(comparison, /ceiling/);
    assert.match(await textOf("findings.md"), /the model over-fits\.\n/);

    const model = await readTrainedModel(await file("my-model.safetensors"));
    const writes = model.generate({ prompt: "Call me ", length: 50, temperature: 0.5, seed: 1 });
    assert.ok(outputs.at(-1)!.endsWith(`${writes}\n`), writes);
    model.dispose();
  }));
