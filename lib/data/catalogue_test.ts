import assert from "node:assert/strict";
import { join } from "node:path";
import builtIn from "../../datasets/catalogue.json" with { type: "json" };
import configuration from "../../deno.json" with { type: "json" };
import { readCatalogue, validateCatalogue } from "./catalogue.ts";
import { npmDocuments, npmTexts } from "./_npm_texts.ts";

type Changes = { [key: string]: unknown };

function catalogueWith(changes: Changes): unknown {
  return { schemaVersion: 1, datasets: [{ ...builtIn.datasets[0], ...changes }] };
}

function projectWith(catalogue: string): string {
  const folder = Deno.makeTempDirSync();
  Deno.mkdirSync(join(folder, "datasets"));
  Deno.writeTextFileSync(join(folder, "datasets", "catalogue.json"), catalogue);
  return folder;
}

Deno.test("readCatalogue gives the library's corpora, each with a source that can be loaded", () => {
  const { datasets } = readCatalogue(null);
  assert.ok(datasets.some(({ name }) => name === "moby-dick"));
  for (const { name, kind, source } of datasets) {
    if (!("npm" in source)) continue;
    const packageName = source.npm.slice(0, source.npm.lastIndexOf("@"));
    const [loaders, key] = kind === "documents" ? [npmDocuments, name] : [npmTexts, packageName];
    assert.ok(Object.hasOwn(loaders, key), `no loader for ${key}`);
    const imports: { [name: string]: string } = configuration.imports;
    assert.equal(imports[`${packageName}/`], `npm:/${source.npm}/`);
  }
});

Deno.test("readCatalogue of this project lists no corpus twice", () => {
  assert.deepEqual(readCatalogue().datasets, readCatalogue(null).datasets);
});

Deno.test("readCatalogue appends a project's own corpora of every kind of source", () => {
  const entries = [
    { ...builtIn.datasets[0], name: "letters", kind: "pairs", source: { path: "texts/a.tsv" } },
    {
      ...builtIn.datasets[0],
      name: "ptb-2.0",
      source: { url: "https://example.org/ptb.txt", path: "datasets/ptb.txt" },
      split: { training: { start: 0, length: 1000 }, test: { start: 1000, length: 10 } },
    },
  ];
  const folder = projectWith(JSON.stringify({ schemaVersion: 1, datasets: entries }));
  try {
    const added = readCatalogue(folder).datasets.slice(builtIn.datasets.length);
    assert.deepEqual(added, entries);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("readCatalogue refuses a project's catalogue that gives a known name to another text", () => {
  const sha256 = "0".repeat(64);
  const folder = projectWith(JSON.stringify(catalogueWith({ sha256 })));
  try {
    const both = new RegExp(`${sha256}.*${builtIn.datasets[0].sha256}`);
    assert.throws(() => readCatalogue(folder), both);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("readCatalogue refuses a project's catalogue that is not JSON", () => {
  const folder = projectWith("{");
  try {
    assert.throws(() => readCatalogue(folder), { name: "SyntaxError", message: /catalogue\.json/ });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

const broken: [circumstance: string, changes: Changes, message: RegExp][] = [
  ["an unknown field", { url: "x" }, /"moby-dick": unknown option "url"/],
  ["a name with a slash", { name: "../x" }, /name must be lowercase letters/],
  [
    "an unknown kind",
    { kind: "table" },
    /kind must be one of "text", "pairs", "documents", found "table"/,
  ],
  ["an npm source without an exact version", { source: { npm: "a@^1.0.0" } }, /exact version/],
  ["no source", { source: {} }, /source: the set of its keys/],
  ["two sources", { source: { npm: "a@1.0.0", path: "b" } }, /source: the set of its keys/],
  [
    "a URL without a place to keep the file",
    { source: { url: "https://a.b/c" } },
    /set of its keys/,
  ],
  ["a URL that is none", { source: { url: "ftp://a.b/c", path: "c" } }, /https:\/\//],
  ["a path that leaves the project", { source: { path: "../a.txt" } }, /must stay inside/],
  ["a short checksum", { sha256: "abc" }, /64 lowercase hexadecimal digits, found "abc"/],
  ["no licence", { licence: "" }, /licence must be a non-empty text/],
  ["a size of nothing", { size: { bytes: 0, codePoints: 0 } }, /size.bytes must be .* from 1/],
  ["a part that leaves the text", {
    size: { bytes: 10, codePoints: 10 },
    split: { test: { start: 5, length: 6 } },
  }, /split.test.length must be .* to 5, found 6/],
  ["a split that is no object", { split: "none" }, /split: options must be an object/],
];

for (const [circumstance, changes, message] of broken) {
  Deno.test(`validateCatalogue refuses an entry with ${circumstance}`, () => {
    assert.throws(() => validateCatalogue(catalogueWith(changes)), message);
  });
}

Deno.test("validateCatalogue refuses another schema version, no list, and a name given twice", () => {
  const [entry] = builtIn.datasets;
  assert.throws(
    () => validateCatalogue({ schemaVersion: 2, datasets: [] }),
    /schemaVersion must be 1, found 2/,
  );
  assert.throws(() => validateCatalogue({ schemaVersion: 1, datasets: {} }), /must be a list/);
  assert.throws(
    () => validateCatalogue({ schemaVersion: 1, datasets: [entry, entry] }),
    /"moby-dick" is given twice/,
  );
});
