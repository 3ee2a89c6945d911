import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { projectFolder } from "./core/project.ts";
import { importsOf } from "./notebook/cells.ts";
import { readNotebook, sourceOf } from "./notebook/notebook_file.ts";

const project = projectFolder(dirname(fileURLToPath(import.meta.url)));

/** Rooms with what they hold and import; `deno task rooms` writes docs/architecture.md's table of them. */
const rooms: Readonly<Record<string, { readonly imports: readonly string[] }>> = JSON.parse(
  await Deno.readTextFile(join(project, "lib", "rooms.json")),
);

/** Entries that may import from everywhere. */
const entries = ["cli.ts", "mod.ts", "commands"];

/** A module of lib, or a package, with what it imports. */
type Graph = ReadonlyMap<string, readonly string[]>;

const graph = await importGraph();

Deno.test("every room of lib/ imports only the rooms that the architecture allows", () => {
  const wrong = edges().filter(([from, to]) => {
    const [source, target] = [roomOf(from), roomOf(to)];
    if (isTest(from) || entries.includes(source) || source === target) return false;
    assert.ok(source in rooms, `Room ${source} of ${from} has no line in lib/rooms.json.`);
    const free = source === "core/runtime" ? [] : ["core", "core/runtime"];
    return ![...free, ...rooms[source].imports].includes(target);
  });
  assert.deepEqual(wrong.map((edge) => edge.join(" → ")), []);
});

Deno.test("no room may import what stands below it in lib/rooms.json", () => {
  const names = Object.keys(rooms);
  for (const [index, name] of names.entries()) {
    const upward = rooms[name].imports.filter((each) => !names.slice(0, index).includes(each));
    const outside = upward.filter((each) => name === "fuzzing" && entries.includes(each));
    assert.deepEqual(upward, outside, name);
  }
});

Deno.test("a room may import only what it does import", () => {
  const used = new Set(
    edges().filter(([from]) => !isTest(from)).map((edge) => edge.map(roomOf).join(" → ")),
  );
  const unused = Object.entries(rooms).flatMap(([room, { imports }]) =>
    imports.map((each) => `${room} → ${each}`).filter((edge) => !used.has(edge))
  );
  assert.deepEqual(unused, []);
});

Deno.test("Deno is named in core/runtime alone, but for tests and code that its kernel runs", async () => {
  const found: string[] = [];
  for (const file of graph.keys()) {
    const room = roomOf(file);
    if (!file.endsWith(".ts") || file.startsWith("..") || isTest(file)) continue;
    if (["core/runtime", "fuzzing"].includes(room) || file === "notebook/_prelude.ts") continue;
    const code = (await Deno.readTextFile(join(project, "lib", file)))
      .replace(/^\s*(\*|\/\/|\/\*).*$/gm, "");
    if (/\bDeno(\.\w|\?\.|\[| as |[;,)])/.test(code)) found.push(file);
  }
  assert.deepEqual(found, []);
});

Deno.test("nothing of the library imports the room that tries malformed inputs", () => {
  const wrong = edges().filter(([from, to]) =>
    roomOf(to) === "fuzzing" && roomOf(from) !== "fuzzing" && !isTest(from)
  );
  assert.deepEqual(wrong.map((edge) => edge.join(" → ")), []);
});

Deno.test("a file or folder named _x is imported from its own folder only", () => {
  const wrong = edges().filter(([from, to]) => {
    const parts = to.split("/");
    const hidden = parts.findIndex((part) => part.startsWith("_"));
    // Stored reference values are data that a table over all rooms may read.
    if (isTest(from) && /\/_reference\/.*\.json$/.test(to)) return false;
    return hidden >= 0 &&
      !from.startsWith(parts.slice(0, hidden).map((part) => `${part}/`).join(""));
  });
  assert.deepEqual(wrong.map((edge) => edge.join(" → ")), []);
});

Deno.test("lib/ has no import cycle", () => {
  assert.deepEqual(cyclesIn(graph), []);
});

Deno.test("lib/ imports no notebook, bench or tool", () => {
  const outside = [...graph].flatMap(([from, targets]) =>
    targets.filter((to) => to.startsWith("..")).map((to) => `${from} → ${to}`)
  ).filter((edge) => !/_test\.ts → |→ \.\.\/(deno|datasets\/[a-z]+)\.json$/.test(edge));
  assert.deepEqual(outside, []);
});

Deno.test("notebooks import what the package exports, and no file of it", async () => {
  const folder = join(project, "notebooks");
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".ipynb")) continue;
    const { cells } = await readNotebook(join(folder, name));
    const imported = cells.filter(({ cell_type }) => cell_type === "code").map(sourceOf)
      .flatMap(importsOf);
    found.push(
      ...imported.filter((each) => each.startsWith(".")).map((each) => `${name}: ${each}`),
    );
  }
  assert.deepEqual(found, []);
});

Deno.test("statistics, strategies, plots and reports load neither tfjs nor danfojs, and mod.ts no danfojs", () => {
  const heavy = /^npm:\/?(@tensorflow\/|danfojs)/;
  for (const room of ["records", "statistics", "studies/search", "plots", "reports", "notebook"]) {
    for (const file of graph.keys()) {
      if (roomOf(file) !== room || isTest(file)) continue;
      assert.deepEqual([...reachable(file)].filter((each) => heavy.test(each)), [], file);
    }
  }
  if (graph.has("mod.ts")) {
    assert.deepEqual([...reachable("mod.ts")].filter((each) => /danfojs/.test(each)), []);
  }
});

Deno.test("cyclesIn finds a cycle, so that the test above can fail", () => {
  const cycle = cyclesIn(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["a"]], ["d", ["a"]]]));
  assert.deepEqual(cycle, ["a → b → c → a"]);
});

Deno.test("no file of lib/ has more than 400 lines", async () => {
  const long = (await sources()).filter(({ text }) => text.trimEnd().split("\n").length > 400);
  assert.deepEqual(long.map(({ file }) => file), []);
});

Deno.test("no function outside of tests has more than 100 lines", async () => {
  const long = (await sources()).filter(({ file }) => !isTest(file)).flatMap(functions)
    .filter(({ lines }) => lines > 100).map(({ name }) => name);
  assert.deepEqual(long, []);
});

Deno.test("no function outside of kernels takes more than 7 arguments", async () => {
  const many = (await sources())
    .filter(({ file }) =>
      !/^lib\/engine\/(products|_shared_passes|_blas_library|_board|_backend)\.ts$/.test(file)
    )
    .flatMap(functions).filter(({ parameters }) => parameters > 7).map(({ name }) => name);
  assert.deepEqual(many, []);
});

Deno.test("functions are measured with their names, lines and parameters", () => {
  const text =
    "const a = {\n  f(x, y) {\n    return x + y;\n  },\n};\nfunction g() {}\nh(() => 1);\n";
  assert.deepEqual(functions({ file: "a.ts", text }), [
    { name: "f(x, y) {", lines: 3, parameters: 2 },
    { name: "g", lines: 1, parameters: 0 },
    { name: "() => 1", lines: 1, parameters: 0 },
  ]);
});

Deno.test("docs/decisions.md names every entry in its index, once and by a room that there is", async () => {
  const text = await Deno.readTextFile(join(project, "docs", "decisions.md"));
  const index = text.slice(0, text.indexOf("\n## "));
  const entries = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) =>
    `#${title.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")}`
  );
  const linked = [...index.matchAll(/\]\((#[^)]+)\)/g)].map(([, target]) => target);
  assert.deepEqual(linked.sort(), entries.sort());
  const outside = [...index.matchAll(/^- `(.+?)`/gm)].map(([, room]) => room)
    .filter((room) => !(room in rooms) && room !== "commands" && room !== "tests");
  assert.deepEqual(outside, []);
});

/** Every file of lib/ written by hand. */
async function sources(): Promise<{ file: string; text: string }[]> {
  const files = (await typeScriptFiles(join(project, "lib")))
    .filter((file) => !/\/_reference\/|\.d\.ts$/.test(file));
  return await Promise.all(files.map(async (file) => ({
    file: relative(project, file).replaceAll("\\", "/"),
    text: await Deno.readTextFile(file),
  })));
}

/** Length and number of parameters of each function in a text. */
function functions({ file, text }: { file: string; text: string }) {
  const found: { name: string; lines: number; parameters: number }[] = [];
  const measure = (node: Measured) => {
    const lines = text.slice(...node.range).split("\n");
    const name = ("id" in node ? node.id?.name : undefined) ?? lines[0];
    found.push({ name, lines: lines.length, parameters: node.params.length });
  };
  const create = () => ({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  });
  Deno.lint.runPlugin({ name: "lengths", rules: { functions: { create } } }, file, text);
  return found;
}

type Measured =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

function edges(): [from: string, to: string][] {
  return [...graph].flatMap(([from, targets]) =>
    targets.filter((to) => graph.has(to) && !to.startsWith("..")).map((
      to,
    ): [string, string] => [from, to])
  );
}

function roomOf(file: string): string {
  const [room, inner] = file.split("/");
  return `${room}/${inner}` in rooms ? `${room}/${inner}` : room;
}

function isTest(file: string): boolean {
  return file.endsWith("_test.ts") || /(^|\/)_?testing\//.test(file);
}

function reachable(start: string): Set<string> {
  const seen = new Set([start]);
  for (const file of seen) for (const next of graph.get(file) ?? []) seen.add(next);
  return seen;
}

/** Each cycle once, as the path from its first module round to it again. */
function cyclesIn(graph: Graph): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

/** What each TypeScript file of lib/ imports, as Deno resolves it: types, code and `import()`. */
async function importGraph(): Promise<Graph> {
  const library = join(project, "lib");
  const files = await typeScriptFiles(library);
  const folder = join(project, ".temporary");
  await Deno.mkdir(folder, { recursive: true });
  const all = await Deno.makeTempFile({ dir: folder, prefix: "all-", suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      all,
      files.map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};\n`).join(""),
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", all],
      cwd: project,
      stderr: "null",
    }).output();
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
      modules: { specifier: string; dependencies?: Dependency[] }[];
    };
    const short = (specifier: string) =>
      specifier.startsWith("file:")
        ? relative(library, fileURLToPath(specifier)).replaceAll("\\", "/")
        : specifier;
    return new Map(
      modules.filter(({ specifier }) => specifier.startsWith("file:"))
        .filter(({ specifier }) => fileURLToPath(specifier) !== all)
        .map(({ specifier, dependencies = [] }) => [
          short(specifier),
          [
            ...new Set(
              dependencies.flatMap(({ code, type }) => [code?.specifier, type?.specifier])
                .filter((each) => each !== undefined).map(short),
            ),
          ],
        ]),
    );
  } finally {
    await Deno.remove(all);
  }
}

interface Dependency {
  readonly code?: { readonly specifier?: string };
  readonly type?: { readonly specifier?: string };
}

async function typeScriptFiles(folder: string): Promise<string[]> {
  const entries = (await Array.fromAsync(Deno.readDir(folder))).sort((a, b) =>
    a.name < b.name ? -1 : 1
  );
  const nested = await Promise.all(entries.map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory) return entry.name === "assembly" ? [] : typeScriptFiles(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  }));
  return nested.flat();
}
