import assert from "node:assert/strict";
import { join } from "node:path";
import { type Block, blocksOf, definitionLines } from "./core/testing/documented.ts";
import { documentedFiles, libraryFolder } from "./core/testing/documented.ts";
import { withSecondProject } from "./core/testing/second_project.ts";
import { commands } from "./commands/commands.ts";
import { readConfiguration } from "./core/project.ts";
import { readTrainedModel } from "./mod.ts";
import { parseParameter, readNotebook, setParameters } from "./notebook/notebook_file.ts";

// `deno test … lib/tutorial_test.ts -- --update` writes the outputs and the figure that it gets.
const updating = Deno.args.includes("--update");
const page = "docs/tutorial.md";
const figure = join(libraryFolder, "docs/images/tutorial/gap.svg");

/** A block of commands for the tutorial's project, with the output that the page shows behind it. */
interface Step {
  /** What stands behind `deno task`, in words. */
  readonly commands: readonly (readonly string[])[];
  readonly output: Block | null;
}

function stepsOf(blocks: readonly Block[]): Step[] {
  const project = blocks.findIndex(({ text }) => text.startsWith("// deno.json\n"));
  return blocks.slice(project).flatMap(({ language, text }, index, rest) => {
    if (language !== "sh") return [];
    const next = rest[index + 1];
    const commands = [...text.matchAll(/^deno task (.+)$/gm)].map(([, words]) => words.split(" "));
    return [{ commands, output: next?.language === "text" ? next : null }];
  });
}

/** A notebook of a user's own: a parameter, and a cell that shows a frame. */
const notebook = JSON.stringify({
  cells: [
    'const study: string = "";',
    'import { loadStudy } from "parsimony";\nimport { trialsFrame } from "parsimony/frames";\n' +
    "trialsFrame(loadStudy(study))",
  ].map((source, index) => ({
    cell_type: "code",
    id: `cell-${index}`,
    metadata: index === 0 ? { tags: ["parameters"] } : {},
    execution_count: null,
    outputs: [],
    source,
  })),
  metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
  nbformat: 4,
  nbformat_minor: 5,
});

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

/** Commands on the library's own notebooks, documents and published results. */
const ours = new Set(["start", "reproduce", "findings", "simulate"]);

Deno.test("the tutorial's project is the README's and has every command as a task, and its penalty has ten lines", () => {
  const files = documentedFiles(page);
  const [own, readme] = [files, documentedFiles("README.md")].map((each) =>
    JSON.parse(each["deno.json"].split("\n").slice(1).join("\n"))
  );
  assert.deepEqual(own, readme);
  const elsewhere = ["run", ...commands.map(({ name }) => name).filter((name) => !ours.has(name))];
  assert.deepEqual(Object.keys(own.tasks).sort(), elsewhere.sort());
  for (const [name, command] of Object.entries<string>(own.tasks)) {
    if (name !== "run") assert.ok(command.endsWith(` parsimony/cli ${name}`), command);
    assert.doesNotMatch(command, /--allow-all|-A\b/);
  }
  const lines = definitionLines(files["parts/ceiling.ts"]);
  assert.ok(lines.length > 5 && lines.length <= 10, `${lines.length} lines`);
});

Deno.test("the tutorial's files print what it shows, and write the files that it names", () =>
  withSecondProject(documentedFiles(page), async ({ folder, deno }) => {
    const steps = stepsOf(blocksOf(page));
    assert.deepEqual(steps.flatMap(({ commands }) => commands.map((words) => words.join(" "))), [
      "run text.ts",
      "run study.ts",
      "run penalty.ts",
      "run report.ts",
      "run simplify.ts",
      "verify my-penalty --sample 1 --seed 7",
      "pack my-text --with-text",
    ]);
    const run = async (...words: string[]) => {
      const { code, stdout, stderr } = await deno("task", ...words);
      assert.equal(code, 0, stdout + stderr);
      // The task itself, packages when they are fetched, and the progress that a slow machine sees:
      // nothing else, no warning.
      const told =
        /^(Task [^\n]*\n|Download [^\n]*\n|Study [^\n]*\n|my-\w+ [━╌╾╸╺╴][^\n]* runs[^\n]*\n)*$/;
      assert.match(stderr, told, stderr);
      return stdout;
    };
    let written = Deno.readTextFileSync(join(libraryFolder, page));
    const outputs: string[] = [];
    let from = 0;
    for (const { commands, output } of steps) {
      let printed = "";
      for (const words of commands) printed += await run(...words);
      outputs.push(printed);
      assert.ok(output !== null, `The page shows no output of ${commands}.`);
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
    assert.ok(outputs[0].endsWith(await run("run", "study.ts")));
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
    const simplified = steps.findIndex(({ commands }) => commands[0][1] === "simplify.ts");
    assert.ok(outputs[simplified].endsWith(`${writes}\n`), writes);
    model.dispose();

    // "The tasks are the library's commands for this folder"
    const { tasks } = readConfiguration(folder);
    const names = Object.keys(tasks!).filter((name) => name !== "run");
    const helps = await Promise.all(names.map((name) => run(name, "--help")));
    for (const [index, help] of helps.entries()) assert.ok(help.startsWith(names[index]), help);
    assert.equal((await run("study", "list")).trimEnd().split("\n").length, 2);
    assert.match(await run("datasets", "list"), /^moby-dick /);
    assert.match(await run("doctor"), /✓ Deno kernel +answers/);
    await Deno.writeTextFile(join(folder, "mine.ipynb"), notebook);
    await run("notebooks", "mine.ipynb", "--set", "study=my-text");
    assert.match(await textOf("results", "notebooks", "mine.ipynb"), /validationLoss<\/th>/);
    assert.match(await run("notebooks", "mine.ipynb", "--check"), /2 cells .* 0 problems/);

    // "Whoever has the folder puts it into results/ of a project like this one"
    const { "deno.json": configuration } = documentedFiles(page);
    await withSecondProject({ "deno.json": configuration }, async (reader) => {
      await Deno.mkdir(join(reader.folder, "results"));
      const given = join(reader.folder, "results", "my-text");
      await Deno.rename(join(folder, "packed", "my-text"), given);
      const { code, stdout, stderr } = await reader.deno(
        ...["task", "verify", "my-text", "--sample", "1"],
      );
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /^✓ run [0-9a-f]{12} trained again on wasm: the same bits$/m);
    });
  }));
