import assert from "node:assert/strict";
import { join } from "node:path";
import { project, withNotebooks } from "./_testing/notebooks.ts";
import { notebookOf } from "./_testing/notebooks.ts";
import { checkNotebooks, importsOf, importsOutsideLock, joinCells } from "./cells.ts";

function problemsOf(...cells: Parameters<typeof notebookOf>): Promise<readonly string[]> {
  return withNotebooks([notebookOf(...cells)], async (paths) => {
    const { problems } = await checkNotebooks(paths, project);
    return problems;
  });
}

Deno.test("importsOf finds static, side-effect, attributed and dynamic imports, each once", () => {
  const code = [
    'import assert from "node:assert/strict";',
    "import {",
    "  grid,",
    "  type Study,",
    '} from "parsimony";',
    'import "./effect.ts";',
    'import table from "./table.json" with { type: "json" };',
    'const later = await import("npm:left-pad@1.0.0");',
    'const again = await import("parsimony");',
    'const text = "no import here";',
    "const url = import.meta.url;",
  ].join("\n");
  assert.deepEqual(importsOf(code), [
    "node:assert/strict",
    "parsimony",
    "./effect.ts",
    "./table.json",
    "npm:left-pad@1.0.0",
  ]);
});

Deno.test("joinCells keeps the place of every line", () => {
  const notebook = notebookOf(
    'import {\n  ok,\n} from "node:assert";\nconst one = 1;',
    "",
    "ok(one);\nconst two = 2;",
  );
  const { code, lines, cells } = joinCells(notebook, "/project/notebooks");
  assert.equal(cells, 2);
  const text = code.split("\n");
  assert.equal(text.length, lines.length);
  assert.deepEqual(lines[text.indexOf("const one = 1;")], { cell: 1, line: 4 });
  assert.deepEqual(lines[text.indexOf("const two = 2;")], { cell: 2, line: 2 });
});

Deno.test("joinCells resolves relative imports from the notebook's folder", () => {
  const { code } = joinCells(notebookOf('import { x } from "../lib/x.ts";'), "/project/notebooks");
  assert.match(code, /from "file:\/\/\/project\/lib\/x\.ts"/);
});

Deno.test("joinCells refuses one name for two imports and accepts the same import twice", () => {
  const same = notebookOf('import { ok } from "node:assert";', 'import { ok } from "node:assert";');
  assert.equal(joinCells(same, "/project").cells, 2);
  const other = notebookOf(
    'import { ok } from "node:assert";',
    '\nimport { ok, equal } from "node:assert/strict";',
  );
  assert.throws(
    () => joinCells(other, "/project"),
    /Cell 2, line 2, imports ok from "node:assert\/s/,
  );
});

Deno.test("checkNotebooks accepts names that later cells declare again with another type", async () => {
  assert.deepEqual(
    await problemsOf(
      'import assert from "node:assert/strict";\nconst value = 1;\nfunction twice(x: number) { return 2 * x }',
      'const value = "text";\nassert.equal(value.length, 4);',
      "class twice {}\nconst made: twice = new twice();\nmade;",
      'import assert from "node:assert/strict";\nawait Promise.resolve(value.toUpperCase());',
      'await Deno.jupyter.display({ "text/plain": value }, { raw: true });',
    ),
    [],
  );
});

Deno.test("checkNotebooks names cell and line of a type error", async () => {
  const [problem, ...rest] = await problemsOf(
    "const count: number = 1;",
    'const fine = count;\nconst wrong: number = "text";\nwrong + fine;',
  );
  assert.deepEqual(rest, []);
  assert.match(problem, /Type 'string' is not assignable to type 'number'/);
  assert.match(problem, /1\.ipynb, cell 2, line 2/);
});

Deno.test("checkNotebooks reports a name used before its cell, as the kernel would", async () => {
  const [problem] = await problemsOf("later;", "const later = 1;\nlater;");
  assert.match(problem, /Cannot find name 'later'/);
  assert.match(problem, /cell 1, line 1/);
});

Deno.test("checkNotebooks reports imports that deno.lock does not hold", async () => {
  const problems = await problemsOf('const pad = await import("npm:left-pad@1.3.0");\npad;');
  assert.match(problems[0], /"npm:left-pad@1\.3\.0" is imported but not in deno\.lock/);
});

Deno.test("importsOutsideLock follows the import map, prefixes and versions", async () => {
  await withNotebooks([], async (_, folder) => {
    await Deno.writeTextFile(
      join(folder, "deno.json"),
      JSON.stringify({
        imports: {
          "own": "./lib/mod.ts",
          "known": "npm:known@1.0.0",
          "@scope/known/": "npm:/@scope/known@2.0.0/",
          "unlocked": "npm:unlocked@1.0.0",
        },
      }),
    );
    await Deno.writeTextFile(
      join(folder, "deno.lock"),
      JSON.stringify({
        specifiers: { "npm:known@1.0.0": "1.0.0", "npm:@scope/known@2.0.0": "2.0.0" },
      }),
    );
    const imports = [
      "own",
      "known",
      "@scope/known/part.js",
      "npm:known@1.0.0/sub/path",
      "node:path",
      "./near.ts",
      "unlocked",
      "nowhere",
      "npm:known@1.0.1",
      "https://example.org/mod.ts",
    ];
    const notebook = notebookOf(imports.map((each) => `import "${each}";`).join("\n"));
    assert.deepEqual(await importsOutsideLock(notebook, folder), imports.slice(6));
  });
});

Deno.test("importsOutsideLock takes a linked package and its entries for what is here, also before the first run", async () => {
  await withNotebooks([], async (_, folder) => {
    await Deno.mkdir(join(folder, "library"));
    await Deno.writeTextFile(join(folder, "library", "deno.json"), '{ "name": "@own/library" }');
    await Deno.writeTextFile(
      join(folder, "deno.json"),
      JSON.stringify({
        links: ["./library"],
        imports: { library: "jsr:@own/library@^0.1.0", other: "jsr:@own/other@^0.1.0" },
      }),
    );
    const imports = ["library", "library/part", "jsr:@own/library@^0.1.0", "other", "other/part"];
    const notebook = notebookOf(imports.map((each) => `import "${each}";`).join("\n"));
    assert.deepEqual(await importsOutsideLock(notebook, folder), imports.slice(3));
  });
});
