import assert from "node:assert/strict";
import { formatNotebook, parseNotebook } from "./notebook_file.ts";

const cell = { cell_type: "code", metadata: {}, source: ["1;\n"], outputs: [] };
const text = (changes: object) =>
  JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5, ...changes });

Deno.test("parseNotebook says in own words what of a file is no notebook", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["{", /it is not JSON: line 1, column 2 is its end/],
    ["null", /its nbformat must be 4, found nothing/],
    [text({ nbformat: "\u202e" }), /its nbformat must be 4, found "‹U\+202E›"/],
    [text({ cells: {} }), /its cells must be a list, found {}/],
    [text({ cells: [null] }), /cell 1 must be an object, found null/],
    [text({ cells: [cell, 3] }), /cell 2 must be an object, found 3/],
    [text({ cells: [{ ...cell, cell_type: "\n" }] }), /cell_type must be one of code, .* "\\n"/],
    [text({ cells: [{ ...cell, source: [1] }] }), /cell 1: source must be a list of texts/],
    [text({ cells: [{ ...cell, metadata: [] }] }), /cell 1: metadata must be an object/],
    [text({ cells: [{ ...cell, metadata: { tags: "x" } }] }), /cell 1: tags must be a list of te/],
    [text({ cells: [{ ...cell, outputs: 1 }] }), /cell 1: outputs must be a list, found 1/],
    [text({ cells: [{ ...cell, outputs: [null] }] }), /cell 1: an output must be an object/],
    [text({ metadata: 3 }), /its metadata must be an object, found 3/],
  ];
  for (const [content, said] of cases) {
    assert.throws(() => parseNotebook(content, "a.ipynb"), (error: Error) => {
      assert.match(error.message, /^a\.ipynb is no notebook: [^\n]*\.$/);
      assert.match(error.message, said);
      return true;
    });
  }
});

Deno.test("parseNotebook holds lines where nbformat has a text, and formatNotebook writes it again", () => {
  const read = parseNotebook(text({ cells: [{ cell_type: "markdown", source: "a\nb" }] }), "x");
  assert.deepEqual(read.cells[0].source, ["a\n", "b"]);
  const written = formatNotebook(read);
  assert.equal(formatNotebook(parseNotebook(written, "x")), written);
});
