import assert from "node:assert/strict";
import { parseNotebook } from "../lib/notebook/notebook_file.ts";
import { notebookPaths } from "./_steps.ts";
import { differences, pictureOf, picturesOf, withPictures } from "./notebook_pictures.ts";

const svg = (title: string) => `<svg width="760" height="430">\n<title>${title}</title></svg>\n`;

/** A notebook with a cell for each picture; those whose picture begins with an asterisk are tagged. */
function notebookWith(...titles: (string | null)[]) {
  const cells = titles.map((title) => ({
    cell_type: "code",
    metadata: title?.startsWith("*") ? { tags: ["picture"] } : {},
    source: ["draw();"],
    outputs: title === null || title === "*"
      ? [{ output_type: "stream", name: "stdout", text: ["no"] }]
      : [
        { output_type: "display_data", metadata: {}, data: { "text/plain": ["table"] } },
        {
          output_type: "execute_result",
          metadata: {},
          data: { "image/svg+xml": svg(title).split(/(?<=\n)/) },
        },
      ],
  }));
  return parseNotebook(JSON.stringify({ cells, metadata: {}, nbformat: 4 }), "a.ipynb");
}

Deno.test("the pictures of docs/images/notebooks and those in the README are what the notebooks hold", async () => {
  const wanted = await picturesOf(await notebookPaths());
  assert.ok(wanted.size > 4);
  assert.deepEqual(await differences(wanted), []);
  const [path, text] = [...wanted][0];
  assert.deepEqual(await differences(new Map([...wanted, [path, text.replace("0", "1")]])), [
    `${path} is not what the notebooks hold`,
  ]);
  wanted.delete(path);
  assert.deepEqual(await differences(wanted), [`${path} belongs to no notebook`]);
});

Deno.test("pictureOf takes the image of the tagged cell, else the first one", () => {
  assert.equal(pictureOf(notebookWith(null, "one", "two"), "a"), svg("one"));
  assert.equal(pictureOf(notebookWith("one", "*two", "three"), "a"), svg("*two"));
  assert.throws(() => pictureOf(notebookWith(null), "a.ipynb"), /a\.ipynb has no static image/);
  assert.throws(() => pictureOf(notebookWith("one", "*"), "a"), /tagged "picture" has no static/);
  assert.throws(() => pictureOf(notebookWith("*one", "*two"), "a"), /2 cells tagged "picture"/);
});

Deno.test("withPictures makes the table of Markdown rows, sorted, and leaves its own as it is", () => {
  const rows = [
    "| [02 · Second & last](notebooks/02-b.ipynb) | what `b` shows, it's <this> |",
    "| [01 · First](notebooks/01-a.ipynb)         | what a shows                  |",
  ];
  const pageOf = (table: string) =>
    `before\n<!-- notebooks -->\n${table}\n<!-- /notebooks -->\nafter | [x](notebooks/x.ipynb) |\n`;
  const pictures = new Map([["01-a", svg("A &lt; 1")], ["02-b", svg("B")]]);
  const page = withPictures(pageOf(rows.join("\n")), pictures);
  assert.match(
    page,
    /^before\n<!-- notebooks -->\n\n<table>\n<tr>\n<td [^]*<\/table>\n\n<!-- \/notebooks/,
  );
  assert.match(page, /01-a\.svg[^]*<br>\nwhat a shows\n<\/td>\n<td [^]*02-b\.svg/);
  assert.match(page, /<img alt="A &lt; 1" src="docs\/images\/notebooks\/01-a\.svg" width="\d+">/);
  assert.match(
    page,
    /02 · Second &amp; last<\/a><br>\nwhat <code>b<\/code> shows, it's &lt;this&gt;\n/,
  );
  assert.equal(withPictures(page, pictures), page);

  const third = new Map([...pictures, ["03-c", svg("C")]]);
  assert.throws(() => withPictures(page, third), /03-c\.ipynb must be in the table.*found 0 times/);
  const added = page.replace("<table>", "| [03 · C](notebooks/03-c.ipynb) | c |\n\n<table>");
  assert.match(
    withPictures(added, third),
    /<\/tr>\n<tr>\n<td [^]*03-c\.svg[^]*\nc\n<\/td>\n<\/tr>/,
  );
  const twice = pageOf([...rows, rows[1]].join("\n"));
  assert.throws(() => withPictures(twice, pictures), /01-a\.ipynb must be .* found 2 times/);
  assert.throws(() => withPictures(page, new Map([["01-a", svg("A")]])), /02-b.* does not exist/);
  assert.throws(() => withPictures("no table", pictures), /must have the marks <!-- notebooks -->/);
});
