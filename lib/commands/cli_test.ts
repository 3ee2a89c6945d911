import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { project, task, taskWith } from "./_testing/task.ts";
import { commands } from "./commands.ts";

Deno.test("every command is a task of deno.json, asks for named permissions and freezes the lock", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(project, "deno.json"))) as {
    tasks: Record<string, string>;
  };
  for (const { name } of commands) assert.ok(name in tasks, name);
  for (const [name, line] of Object.entries(tasks)) {
    assert.match(line, /^deno run --frozen /, name);
    assert.doesNotMatch(line, /(^| )(-A|--allow-all)\b/, name);
  }
});

Deno.test("every task says with --help how it is used, and does nothing else", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(project, "deno.json")));
  const bench = /^deno task bench training /;
  for (const name of Object.keys(tasks)) {
    const { code, output, errors } = await task(name, "--help");
    assert.equal(code, 0, `${name}: ${errors}`);
    assert.match(output, name === "bench" ? bench : new RegExp(`^${name}\\b`));
    // With an empty cache Deno says what it downloads.
    assert.equal(errors.replaceAll(/^Download .*\n/gm, ""), "");
  }
});

Deno.test("a command refuses unknown options and superfluous arguments with its usage", async () => {
  const option = await task("notebooks", "--wrong");
  assert.equal(option.code, 2);
  assert.match(
    option.errors,
    /Unknown option "--wrong"; options are --set, --time-limit, --write, --check\./,
  );
  assert.match(option.errors, /notebooks \[NAME\]/);
  const argument = await task("start", "superfluous");
  assert.equal(argument.code, 2);
  assert.match(argument.errors, /Expected 0 arguments, found 1: "superfluous"/);
  const limit = await task("notebooks", "--time-limit", "soon");
  assert.equal(limit.code, 2);
  assert.match(limit.errors, /seconds above 0, found "soon"/);
  const value = await task("notebooks", "1", "--set", "steps");
  assert.equal(value.code, 2);
  assert.match(value.errors, /--set takes name=value, found "steps"/);
});

Deno.test("study and report say which study does not exist", async () => {
  for (const [name, ...args] of [["study", "show", "no-such-study"], ["report", "no-such-study"]]) {
    const { code, errors } = await task(name, ...args);
    assert.equal(code, 1);
    assert.match(errors, /no-such-study.*does not exist/);
  }
});

Deno.test("notebooks names the notebooks there are when one is not", async () => {
  const { code, errors } = await task("notebooks", "99");
  assert.equal(code, 2);
  assert.match(errors, /No notebook begins with "99-"; there are: 01-/);
});

Deno.test("notebooks fails with cell and cause, and keeps the outputs up to there", async () => {
  await Deno.mkdir(join(project, ".temporary"), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: join(project, ".temporary") });
  const path = join(folder, `${basename(folder)}.ipynb`);
  const stored = join(project, "results", "notebooks", basename(path));
  try {
    const cells = ["console.log('first')", "throw new Error('second')"].map((source) => ({
      cell_type: "code",
      metadata: {},
      source: [source],
      execution_count: null,
      outputs: [],
    }));
    await Deno.writeTextFile(
      path,
      JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 4 }),
    );
    const { code, output } = await taskWith({ PARSIMONY_BLAS: folder }, "notebooks", path);
    assert.equal(code, 1);
    assert.match(
      output,
      /^PARSIMONY_BLAS names .*, which cannot be used as BLAS: it is no file\./m,
    );
    assert.match(output, /: running 2 cells on the Deno kernel$/m);
    assert.match(output, /Cell 2 of .* failed[^]*Error: second/);
    const kept = JSON.parse(await Deno.readTextFile(stored));
    assert.deepEqual(kept.cells[0].outputs[0].text, ["first\n"]);
    assert.equal(kept.cells[1].outputs[0].evalue, "second");
    // With --write the notebook stays as it was, and the failed copy is where it is without.
    const before = await Deno.readTextFile(path);
    await Deno.remove(stored);
    const written = await task("notebooks", path, "--write");
    assert.equal(written.code, 1);
    assert.match(written.output, /failed, outputs and error in results\/notebooks\//);
    assert.equal(await Deno.readTextFile(path), before);
    assert.match(await Deno.readTextFile(stored), /"evalue": "second"/);
    const untagged = await task("notebooks", path, "--set", "a=b");
    assert.match(untagged.errors, /no cell is tagged "parameters"[^]*"tags": \["parameters"\]/);
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(stored).catch(() => {});
  }
});

Deno.test("doctor finds Deno, an engine and the kernel, and exits 0", async () => {
  const { code, output, errors } = await task("doctor");
  assert.equal(code, 0, output + errors);
  assert.match(output, new RegExp(`✓ Deno +${Deno.version.deno.replaceAll(".", "\\.")} `));
  assert.match(output, /✓ Engine +(wasm|native)/);
  assert.match(output, /✓ Deno kernel +answers/);
  for (const subject of ["BLAS", "OPENBLAS_CORETYPE", "JupyterLab", "Chromium", "Redis", "git"]) {
    assert.match(output, new RegExp(`^[✓–!] ${subject} `, "m"));
  }
});

const ownJupyter = await Deno.stat(join(project, ".venv")).then(() => true, () => false);

Deno.test({
  name: "lab says how to install JupyterLab where there is none" +
    (ownJupyter ? " (ignored: there is one in .venv)" : ""),
  ignore: ownJupyter,
  async fn() {
    // With this PATH there is none, whatever the machine has.
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-read=.", "--allow-env", "--allow-run", "lib/cli.ts", "lab"],
      cwd: project,
      env: { PATH: "/nonexistent", PARSIMONY_JUPYTERLAB: "", NO_COLOR: "1" },
    }).output();
    assert.equal(code, 1);
    assert.match(new TextDecoder().decode(stderr), /JupyterLab was not found[^]*pip install/);
  },
});

Deno.test("start runs the first notebook and prints the outcome, also with a wrong PARSIMONY_BLAS; again, it trains nothing", async () => {
  const name = `start-${crypto.randomUUID().slice(0, 8)}`;
  const settings = [`name=${name}`, "steps=10", "excerptLength=6000", "seeds=[1]"];
  const args = settings.flatMap((setting) => ["--set", setting]);
  const folder = join(project, "results", name);
  try {
    const wrong = join(project, ".temporary", "no", "libblas.so");
    const first = await taskWith({ PARSIMONY_BLAS: wrong }, "start", ...args);
    assert.equal(first.code, 0, first.output + first.errors);
    const said =
      `PARSIMONY_BLAS names ${wrong}, which cannot be used as BLAS: there is no such file.`;
    assert.equal(first.output.split("\n").filter((line) => line.startsWith(said)).length, 1);
    assert.match(first.output, new RegExp(`Study ${name}: best points`));
    assert.match(first.output, new RegExp(`results/${name}/report\\.html`));
    assert.match(first.output, /Digest {2}[0-9a-f]{64}/);
    assert.match(await Deno.readTextFile(join(folder, "report.html")), /^<!doctype html>/i);
    const { cells } = JSON.parse(await Deno.readTextFile(join(folder, "notebook.ipynb")));
    assert.ok(cells.some((cell: { outputs?: unknown[] }) => cell.outputs?.length));
    const journal = await Deno.readTextFile(join(folder, "runs.jsonl"));
    const again = await task("start", ...args);
    assert.equal(again.code, 0, again.output + again.errors);
    assert.equal(await Deno.readTextFile(join(folder, "runs.jsonl")), journal);
    assert.doesNotMatch(again.output, /PARSIMONY_BLAS/);
    const outcome = (output: string) => output.slice(output.indexOf("Study "));
    assert.equal(outcome(again.output), outcome(first.output));
  } finally {
    // The first notebook has a second study, of strengths.
    for (const each of [folder, `${folder}-strengths`]) {
      await Deno.remove(each, { recursive: true });
    }
  }
});
