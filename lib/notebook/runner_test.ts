import assert from "node:assert/strict";
import { join } from "node:path";
import {
  leavesWithItsParent,
  listeningCell,
  notebookOf,
  project,
  withNotebooks,
} from "./_testing/notebooks.ts";
import { type CellOutput, formatNotebook, type Notebook, readNotebook } from "./notebook_file.ts";
import { NotebookError, progressMime, runNotebook, type RunNotebookOptions } from "./runner.ts";

type Cells = Parameters<typeof notebookOf>;

function run(cells: Cells, options: RunNotebookOptions = {}): Promise<Notebook> {
  return withNotebooks(
    [notebookOf(...cells)],
    ([path]) => runNotebook(path, { folder: project, ...options }),
  );
}

async function failureOf(cells: Cells, options: RunNotebookOptions = {}): Promise<NotebookError> {
  try {
    await run(cells, options);
  } catch (error) {
    if (error instanceof NotebookError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "The notebook ran, but it should have failed." });
}

function textOf(output: CellOutput | undefined): string {
  if (output?.output_type === "stream") return output.text.join("");
  if (output && "data" in output) return (output.data["text/plain"] as string[]).join("");
  throw new Error(`No text in ${JSON.stringify(output)}`);
}

Deno.test("runNotebook keeps the outputs of 60 of 60 cells, also those that come late", async () => {
  const numbers = Array.from({ length: 60 }, (_, index) => index);
  const cells = numbers.map((number) =>
    `console.log("first ${number}"); console.error("second ${number}"); ` +
    `console.log("third ${number}"); ${number}`
  );
  const notebook = await run(cells);
  for (const number of numbers) {
    const outputs = notebook.cells[number].outputs!;
    assert.deepEqual(outputs.map(textOf), [
      `first ${number}\n`,
      `second ${number}\n`,
      `third ${number}\n`,
      `${number}`,
    ]);
    assert.equal(notebook.cells[number].execution_count, number + 1);
  }
});

Deno.test("runNotebook keeps outputs of several megabytes, in order", async () => {
  const notebook = await run([
    `for (let index = 0; index < 12; index++) {
       await Deno.jupyter.display({ "text/plain": index + "x".repeat(2e6) }, { raw: true });
     }
     "last"`,
    `"next"`,
  ]);
  const lengths = notebook.cells[0].outputs!.map((output) => textOf(output).length);
  assert.deepEqual(lengths, [...Array(10).fill(2e6 + 1), 2e6 + 2, 2e6 + 2, 6]);
  assert.equal(textOf(notebook.cells[1].outputs![0]), '"next"');
});

Deno.test("runNotebook merges streams, updates displays in place and obeys clear_output", async () => {
  const notebook = await run([
    `console.log("a"); console.log("b"); console.error("c");`,
    `const options = { raw: true, display_id: "bar" };
     await Deno.jupyter.display({ "text/plain": "0 %" }, options);`,
    `await Deno.jupyter.display({ "text/plain": "100 %" }, { ...options, update: true });
     console.log("gone");
     await Deno.jupyter.broadcast("clear_output", { wait: true });
     console.log("stays");`,
  ]);
  assert.deepEqual(notebook.cells[0].outputs!.map(textOf), ["a\nb\n", "c\n"]);
  assert.deepEqual(notebook.cells[1].outputs!.map(textOf), ["100 %"]);
  assert.deepEqual(notebook.cells[2].outputs!.map(textOf), ["stays\n"]);
});

Deno.test("runNotebook fails with cell number and stack on a thrown error", async () => {
  const error = await failureOf([
    "1",
    "const deep = () => { throw new RangeError('boom') };\ndeep()",
  ]);
  assert.equal(error.cell, 2);
  assert.match(error.message, /Cell 2 of .*\.ipynb failed/);
  assert.match(error.reason, /RangeError: boom/);
  assert.deepEqual(textOf(error.notebook.cells[0].outputs![0]), "1");
});

Deno.test("runNotebook names line and cause of a syntax error, of which the kernel says nothing", async () => {
  const error = await failureOf(["1", "2", "const fine = 1;\nconst broken = ;"]);
  assert.equal(error.cell, 3);
  assert.match(error.reason, /SyntaxError: Expression expected/);
  assert.match(error.reason, /line 2/);
});

Deno.test("runNotebook names a package that cannot be imported, of which the kernel says nothing", async () => {
  const error = await failureOf([
    'import { x } from "npm:@parsimony-test/does-not-exist@1.0.0";\nx',
  ]);
  assert.equal(error.cell, 1);
  assert.match(error.reason, /Cannot import "npm:@parsimony-test\/does-not-exist@1\.0\.0": ./);
});

Deno.test("runNotebook fails on a missing file and on a missing module, and names them", async () => {
  const file = await failureOf(['await Deno.readTextFile("no-such-file.txt")']);
  assert.match(file.reason, /no-such-file\.txt/);
  const module = await failureOf(['import "./no-such-module.ts"']);
  assert.match(module.reason, /no-such-module\.ts/);
});

Deno.test("runNotebook fails on an unhandled rejection in the cell where it happens", async () => {
  const error = await failureOf(["1", 'Promise.reject(new Error("left alone")); 2', "3"]);
  assert.equal(error.cell, 2);
  assert.match(error.reason, /Unhandled rejection: Error: left alone/);
});

Deno.test("runNotebook fails on an error in a timer, also after the last cell", async () => {
  // On a busy machine the first cell may take longer than any time chosen here.
  const middle = await failureOf([
    `const timer = setInterval(() => {
       if (!globalThis.begun) return;
       clearInterval(timer);
       throw new Error("too late");
     }, 5);`,
    "globalThis.begun = true; await new Promise((done) => setTimeout(done, 200))",
  ]);
  assert.equal(middle.cell, 2);
  assert.match(middle.reason, /too late/);
  const last = await failureOf([
    "0",
    'setTimeout(() => { throw new Error("too late") }, 20); 1',
  ]);
  assert.equal(last.cell, 2);
  assert.match(last.reason, /Error outside of a cell: Error: too late/);
});

Deno.test("runNotebook reports an unhandled rejection after a cell whose error was expected", async () => {
  const error = await failureOf([
    ['throw new Error("as announced")', "raises-exception"],
    'Promise.reject(new Error("left alone")); 2',
  ]);
  assert.equal(error.cell, 2);
  assert.equal(error.notebook.cells[0].outputs![0].output_type, "error");
});

Deno.test("users.md 9: a failed cell ends with its error, whatever the kernel told of it", async () => {
  const cases: [code: string, ename: RegExp, evalue: RegExp][] = [
    ["throw new RangeError('thrown')", /^RangeError$/, /^thrown$/],
    ["await Promise.reject(new TypeError('rejected'))", /^TypeError$/, /^rejected$/],
    ["const broken = ;", /^SyntaxError$/, /^Expression expected/],
    ['import "npm:@parsimony-test/does-not-exist@1.0.0"', /Error$/, /does-not-exist/],
    ["Promise.reject(new Error('left alone')); 2", /^Error$/, /^left alone$/],
    ["setTimeout(() => { throw new Error('late') }, 5);", /^Error$/, /^late$/],
    ["for (;;);", /Error$/, /longer than its limit of 1 s/],
    ["Deno.exit(7)", /Error$/, /ended with exit code 7/],
  ];
  for (const [code, ename, evalue] of cases) {
    const limit = code.startsWith("for") ? { timeLimitSeconds: 1 } : {};
    const { notebook, reason } = await failureOf([`console.log("before"); 1`, code], limit);
    const errors = notebook.cells[1].outputs!.filter(({ output_type }) => output_type === "error");
    assert.equal(errors.length, 1, code);
    const error = notebook.cells[1].outputs!.at(-1)!;
    assert.ok(error.output_type === "error", code);
    assert.match(error.ename, ename, code);
    assert.match(error.evalue, evalue, code);
    assert.ok(reason.includes(error.traceback[0]), code);
    assert.equal(textOf(notebook.cells[0].outputs![0]), "before\n");
  }
  const announced = await run([["const broken = ;", "raises-exception"], "2"]);
  assert.equal(announced.cells[0].outputs![0].output_type, "error");
  assert.equal(textOf(announced.cells[1].outputs![0]), "2");
});

Deno.test("runNotebook stops a busy cell and a waiting cell at the time limit", async () => {
  for (const code of ["for (;;);", "await new Promise(() => setInterval(() => {}, 1000))"]) {
    const error = await failureOf(["1", code], { timeLimitSeconds: 1 });
    assert.equal(error.cell, 2);
    assert.match(error.reason, /longer than its limit of 1 s/);
  }
});

Deno.test("runNotebook says that the kernel died, with its exit code", async () => {
  const error = await failureOf(["1", "Deno.exit(7)"]);
  assert.equal(error.cell, 2);
  assert.match(error.reason, /kernel's process ended with exit code 7/);
});

Deno.test("runNotebook ends the kernel's process when it is aborted", async () => {
  const controller = new AbortController();
  let port = 0;
  const running = run([listeningCell], {
    signal: controller.signal,
    onStream(text) {
      port = Number(text.replace("port ", ""));
      controller.abort(new Error("stopped by the test"));
    },
  });
  await assert.rejects(running, /stopped by the test/);
  assert.ok(port > 0);
  await assert.rejects(
    Deno.connect({ hostname: "127.0.0.1", port }),
    Deno.errors.ConnectionRefused,
  );
});

Deno.test("runNotebook sets parameters behind the tagged cell, const or let, and in all later cells", async () => {
  const cells: Cells = [
    ["const steps = 2000;\nlet name = 'long';\nconst rates = [1];", "parameters"],
    "console.log(steps, name, rates)",
  ];
  const parameters = { steps: 3, name: "short", rates: [0.1, 0.2] };
  const notebook = await run(cells, { parameters });
  assert.deepEqual(notebook.cells[1].metadata.tags, ["injected-parameters"]);
  assert.equal(textOf(notebook.cells[2].outputs![0]), "3 short [ 0.1, 0.2 ]\n");
  await withNotebooks([notebook], async ([path]) => {
    const again = await runNotebook(path, { folder: project, parameters: { steps: 4 } });
    assert.equal(again.cells.length, 3);
    assert.equal(textOf(again.cells[2].outputs![0]), "4 long [ 1 ]\n");
  });
  await assert.rejects(run(cells, { parameters: { step: 1 } }), /declares steps, name, rates/);
  await assert.rejects(run(["1"], { parameters: { step: 1 } }), /no cell is tagged "parameters"/);
});

Deno.test("runNotebook gives the same bytes when a notebook with the same results runs again", async () => {
  const notebook = notebookOf(
    "console.log([1, 2]); ({ b: 1, a: [new Map([[1, 2]])] })",
    "await Deno.jupyter.display({ 'text/html': '<b>x</b>\\n<i>y</i>', 'text/plain': 'x' }, " +
      "{ raw: true, display_id: crypto.randomUUID() });",
    "await new Promise((done) => setTimeout(done, 20)); 3",
  );
  await withNotebooks([notebook], async ([path]) => {
    const first = formatNotebook(await runNotebook(path, { folder: project }));
    await Deno.writeTextFile(path, first);
    assert.equal(formatNotebook(await readNotebook(path)), first);
    assert.equal(formatNotebook(await runNotebook(path, { folder: project })), first);
  });
});

Deno.test("runNotebook hands progress on and keeps it out of the stored outputs", async () => {
  const seen: number[] = [];
  const notebook = await run([
    `for (let done = 1; done <= 3; done++) {
       await Deno.jupyter.display({
         ${JSON.stringify(progressMime)}: { done, total: 3, secondsLeft: null, message: "runs" },
       }, { raw: true, display_id: "progress", update: done > 1 });
     }`,
  ], { onProgress: ({ done }) => seen.push(done) });
  assert.deepEqual(seen, [1, 2, 3]);
  assert.deepEqual(notebook.cells[0].outputs, []);
});

Deno.test("runNotebook starts the kernel in the notebook's folder", async () => {
  const notebook = await withNotebooks(
    [notebookOf("console.log(Deno.cwd())")],
    async ([path], folder) => {
      const executed = await runNotebook(path);
      assert.equal(textOf(executed.cells[0].outputs![0]).trim(), await Deno.realPath(folder));
      return executed;
    },
  );
  assert.equal(notebook.cells.length, 1);
});

Deno.test("runNotebook refuses a file that is no notebook", async () => {
  await withNotebooks([], async (_, folder) => {
    const path = join(folder, "text.ipynb");
    await Deno.writeTextFile(path, "no json");
    await assert.rejects(runNotebook(path), /is no notebook/);
    await Deno.writeTextFile(path, '{"worksheets": [], "nbformat": 3}');
    await assert.rejects(runNotebook(path), /is no notebook: its nbformat must be 4, found 3/);
  });
});

Deno.test("runNotebook's kernel leaves when the process that runs it is killed", () =>
  withNotebooks([notebookOf(listeningCell)], ([path]) =>
    leavesWithItsParent(`
      import { runNotebook } from ${JSON.stringify(import.meta.resolve("./runner.ts"))};
      await runNotebook(${JSON.stringify(path)}, {
        folder: ${JSON.stringify(project)},
        onStream: (text) => console.log(text),
      });`)));
