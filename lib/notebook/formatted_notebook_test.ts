import assert from "node:assert/strict";
import { withTemporaryProject } from "../core/testing/temporary_project.ts";
import { formattedNotebook } from "./formatted_notebook.ts";
import { formatNotebook, parseNotebook, setParameters, sourceOf } from "./notebook_file.ts";

const notebookOf = (source: string) =>
  parseNotebook(
    JSON.stringify({
      cells: [
        { cell_type: "code", metadata: { tags: ["parameters"] }, outputs: [], source },
      ],
      metadata: { language_info: { name: "typescript" } },
      nbformat: 4,
      nbformat_minor: 5,
    }),
    "a.ipynb",
  );

Deno.test("a notebook with parameters that were set is written as deno fmt leaves it, by the settings of its folder", () =>
  withTemporaryProject(async (folder) => {
    await Deno.writeTextFile(`${folder}/deno.json`, '{ "fmt": { "lineWidth": 24 } }');
    const set = setParameters(notebookOf("const rates: number[] = [];"), { rates: [1, 2] });
    assert.equal(sourceOf(set.cells[1]), "const rates = [1,2];");
    const short = await formattedNotebook(set, folder);
    assert.equal(sourceOf(parseNotebook(short, "a").cells[1]), "const rates = [1, 2];");
    const long = setParameters(set, { rates: [111, 222] });
    const written = await formattedNotebook(long, folder);
    assert.equal(
      sourceOf(parseNotebook(written, "a").cells[1]),
      "const rates = [\n  111,\n  222,\n];",
    );
    assert.equal(await formattedNotebook(parseNotebook(written, "a"), folder), written);
  }));

Deno.test("a notebook with a syntax error is written as it is", async () => {
  const broken = notebookOf("const a = ;");
  assert.equal(await formattedNotebook(broken, Deno.cwd()), formatNotebook(broken));
});
