import assert from "node:assert/strict";
import { join } from "node:path";
import { type SyntheticOptions, syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { parseHtml, textOf } from "./parse_html.ts";
import { reportDocument } from "./document.ts";
import { fragment } from "./html.ts";
import { escapeMarkdown, renderMarkdown } from "./markdown.ts";
import { figurePaths, renderReport, writeMarkdownReport } from "./report.ts";

function records(options: SyntheticOptions = {}) {
  const { study, runs } = syntheticStudy(options);
  return { record: study, records: runs };
}

function render(options: SyntheticOptions = {}): string {
  const document = reportDocument(records(options), null);
  return renderMarkdown(document, document.figures.map((_, index) => figurePaths(index)));
}

const small: SyntheticOptions = { axes: { lambda: [0, 1e-4], alpha: [0, 1] }, seeds: [1] };

Deno.test("a report of one seed, or of one fold, speaks of it in the singular", () => {
  const seed = render({ ...small, finalPoints: [{ lambda: 0, alpha: 0 }] });
  assert.match(seed, /nats per token: one training of one seed, trained on text outside the block/);
  assert.doesNotMatch(seed, /± standard deviation/);
  for (const page of [seed, render({ ...small, folds: 1 })]) {
    assert.doesNotMatch(page, /\b1 (seeds|folds|runs|points)\b/);
  }
});

/** Rows of all tables, as plain cells. */
function markdownCells(page: string): string[][] {
  return page.split("\n").filter((line) => line.startsWith("| ") && !/^\| :?-{3}/.test(line))
    .map((line) =>
      line.slice(2, -2).split(" | ").map((cell) =>
        cell.replace(/\\(.)/g, "$1").replace(/[_`]/g, "").replaceAll("&lt;", "<").trim()
      )
    );
}

Deno.test("renderMarkdown says in its tables what the page says, number by number", () => {
  const html = renderReport(records(small), { script: "", command: null });
  const rows = [...html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell)
  );
  const numbers = (cells: readonly string[]) => cells.filter((cell) => /^[\d.−±% ]+$/.test(cell));
  const found = markdownCells(render(small));
  assert.equal(found.length, rows.length);
  let compared = 0;
  for (const [index, row] of rows.entries()) {
    assert.equal(found[index].length, row.length, row.join());
    assert.deepEqual(numbers(found[index]), numbers(row));
    compared += numbers(row).length;
  }
  assert.ok(compared > 200);
});

Deno.test("renderMarkdown closes what it folds, keeps formulas as TeX and names every picture", () => {
  const page = render(small);
  assert.equal(page.split("<details>").length, page.split("</details>").length);
  assert.match(page, /```math\nL = -\\frac\{1\}\{n\} \\sum_\{t=1\}\^\{n\} \\ln p/);
  assert.match(page, /\$`w \\leftarrow w - \\eta \\alpha w`\$/);
  const pictures = [...page.matchAll(/srcset="([^"]+)"><img alt="([^"]{40,})" src="([^"]+)"/g)];
  assert.equal(pictures.length, reportDocument(records(small), null).figures.length);
  assert.deepEqual(pictures[0].slice(1).filter((_, at) => at !== 1), [
    "figures/figure-01-dark.png",
    "figures/figure-01.png",
  ]);
  assert.match(page, /⟦Call me ⟧Ishmael/);
  assert.ok(!/\bNaN\b|undefined|\[object/.test(page));
});

const bad =
  "</details><script>alert(1)</script>\n````\n# no\u202eevil\u001b[31m |a|b| $x$ \u{1f40b}\ud800";

Deno.test("renderMarkdown keeps what comes from corpora, samples and names from being markup", () => {
  const source = records({ ...small, corpusName: bad, sampleText: bad });
  const document = reportDocument({ ...source, record: { ...source.record, name: bad } }, bad);
  const page = renderMarkdown(document, document.figures.map((_, index) => figurePaths(index)));
  assert.ok(!page.includes("\u202e") && !page.includes("\u001b") && page.isWellFormed());
  // Outside of fences, where a text is code, no tag of a text is left.
  const outside = page.replace(/^(`{3,})(?:text|math)\n[^]*?\n\1$/gm, "");
  assert.ok(!outside.includes("<script"));
  assert.equal(outside.split("<details>").length, outside.split("</details>").length);
  assert.ok(!outside.includes("\n# no"));
  assert.ok(outside.includes("\\|a\\|b\\| \\$x\\$ \u{1f40b}"));
  // The fence of the sample is longer than the ticks in it.
  assert.match(page, /\n`{5}text\n⟦Call me ⟧<\/details><script>/);
});

Deno.test("escapeMarkdown escapes marks, markup, and what would begin a list", () => {
  assert.equal(escapeMarkdown("a*b_c|`d` <i>&"), "a\\*b\\_c\\|\\`d\\` &lt;i&gt;&amp;");
  assert.deepEqual(["- a", "1. a", "-a", "1.5"].map(escapeMarkdown), [
    "\\- a",
    "\\1. a",
    "-a",
    "1.5",
  ]);
});

Deno.test("parseHtml gives back the texts of a fragment and refuses what is not closed", () => {
  const [element] = parseHtml(fragment`<p class="a b">x ${"<&>'\""}<br><b>y</b></p>`.html);
  assert.ok(typeof element !== "string");
  assert.deepEqual([element.tag, element.classes], ["p", ["a", "b"]]);
  assert.equal(textOf(element), "x <&>'\"\ny");
  assert.throws(() => parseHtml("<p><b></p>"), /<\/p> where b is open/);
  assert.throws(() => parseHtml("<p>"), /<p> is not closed/);
});

Deno.test("writeMarkdownReport writes the text with pictures, and removes those of an earlier one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const source = records({ axes: { alpha: [0, 1] }, seeds: [1], folds: 2 });
    await Deno.mkdir(join(folder, "figures"));
    for (const name of ["figure-77.png", "mine.png"]) {
      await Deno.writeTextFile(join(folder, "figures", name), "");
    }
    const path = await writeMarkdownReport({ ...source, folder });
    assert.equal(path, join(folder, "report.md"));
    const page = await Deno.readTextFile(path);
    const names = (await Array.fromAsync(Deno.readDir(join(folder, "figures"))))
      .map(({ name }) => name).sort();
    const linked = [...page.matchAll(/figures\/(figure-\d+(?:-dark)?\.png)/g)].map(([, name]) =>
      name
    );
    assert.deepEqual(names, [...linked, "mine.png"].sort());
    const diverged = records({ ...small, status: () => "diverged" });
    const text = await Deno.readTextFile(await writeMarkdownReport({ ...diverged, folder }));
    assert.match(text, /> This study is incomplete/);
    assert.match(text, /No run completed, so nothing can be concluded/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("F1: writeMarkdownReport writes no pictures through a link that came with a study", async () => {
  const [folder, elsewhere] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  try {
    await Deno.symlink(elsewhere, join(folder, "figures"));
    const { study: record, runs: records } = syntheticStudy();
    await assert.rejects(
      writeMarkdownReport({ record, records, folder }),
      /figures: it is a link\. Remove it/,
    );
    assert.deepEqual([...Deno.readDirSync(elsewhere)], []);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["figures"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(elsewhere, { recursive: true });
  }
});
