import assert from "node:assert/strict";
import type { RunRecord } from "../records/run_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { comparisonDocument } from "./comparison.ts";
import { reportDocument } from "./document.ts";
import { manyStudiesDocument } from "./many_studies.ts";
import { renderMarkdown } from "./markdown.ts";
import { formatOutcome } from "./outcome.ts";
import { renderPage } from "./page.ts";
import { figurePaths } from "./report.ts";
import { showFindings, showSamples } from "./show.ts";

const hostile = "</script></span></pre><script>alert(1)</script><!-- \u001b[31m\u202eevil\u2066 " +
  "\u{1f40b} | `x` $y$ [a](b) \"q\" 'r' &amp;\ud800";
const marks = ["\u001b", "\u202e", "\u2066", "\ud800"];

/** A study in which every text that anyone can set is hostile. */
function study() {
  const { study, runs } = syntheticStudy({
    axes: { [`${hostile}1`]: [0, 1e-4], [`${hostile}2`]: [0, 1] },
    folds: 2,
    seeds: [1],
    corpusName: hostile,
    sampleText: `${hostile}\n# heading\n\`\`\`\`\n<details>`,
  });
  const { corpus, provenance } = study;
  const record = {
    ...study,
    name: hostile,
    corpus: { ...corpus, licence: hostile, source: hostile },
    provenance: { ...provenance, cpu: hostile, packages: { [hostile]: hostile } },
    specifications: study.specifications.map((specification) => ({
      ...specification,
      model: { kind: "ownModel", name: hostile, module: hostile, export: hostile, options: {} },
      training: { [hostile]: hostile },
    })),
  };
  const [first, ...others] = runs;
  const failed: RunRecord = { ...first, fold: "final", status: "failed", error: hostile };
  return { record, records: [...others, first, { ...failed, id: "0".repeat(64) }] };
}

function assertHarmless(text: string, where: string): void {
  for (const mark of marks) assert.ok(!text.includes(mark), `${where} has ${JSON.stringify(mark)}`);
  assert.ok(text.isWellFormed(), where);
}

Deno.test("a page and its comparison hold no script, tag or mark of a hostile study's texts", () => {
  const source = study();
  const others = ["a", "b"].map((name) => ({
    ...source,
    record: { ...source.record, name, corpus: { ...source.record.corpus, sha256: name } },
  }));
  for (
    const document of [
      reportDocument(source, hostile),
      comparisonDocument(source, source),
      manyStudiesDocument([source, ...others], { draws: 200 }),
    ]
  ) {
    const page = renderPage(document, "/* plotly */");
    assertHarmless(page, document.title.slice(0, 9));
    assert.equal(page.split("<script").length - 1, 2);
    assert.equal(page.split("</script").length - 1, 2);
    const body = page.replace(/<script.*?<\/script>/gs, "");
    assert.ok(!body.includes("<!--") && !body.includes("alert(1)</script>"));
    assert.ok(body.includes("‹U+001B›[31m‹U+202E›evil‹U+2066› \u{1f40b}"));
  }
});

Deno.test("a Markdown report of a hostile study has no markup of its texts outside of code", () => {
  const document = reportDocument(study(), hostile);
  const page = renderMarkdown(document, document.figures.map((_, index) => figurePaths(index)));
  assertHarmless(page, "Markdown");
  const outside = page.replace(/^(`{3,})(?:text|math)\n[^]*?\n\1$/gm, "")
    .replace(/(?<!\\)(`+)[^`\n][^\n]*?\1/g, "");
  assert.ok(!/<script|<!--|<\/span|\n# heading|[^\\]\]\(b\)/.test(outside));
  assert.equal(outside.split("<details>").length, outside.split("</details>").length);
  // In a table's row a bar of a text must not begin a cell.
  const widths = page.split(/\n(?!\| )/).map((part) =>
    part.split("\n").filter((line) => line.startsWith("| ")).map((line) =>
      line.replaceAll("\\|", "").split("|").length
    )
  );
  for (const rows of widths) assert.ok(new Set(rows).size <= 1, rows.join());
});

Deno.test("every figure of a hostile study is harmless in a cell, and an SVG that another program reads", async () => {
  const { figures } = reportDocument(study(), null);
  assert.ok(figures.length > 10);
  const display = Symbol.for("Jupyter.display");
  type Shown = { [display: symbol]: () => Promise<{ [mimeType: string]: unknown }> };
  for (const figure of figures) {
    const shown = await (figure as unknown as Shown)[display]();
    for (const [type, content] of Object.entries(shown)) {
      const text = typeof content === "string" ? content : JSON.stringify(content);
      // plotly.js itself, packed, stands in the first one.
      const own = text.replace(/^<script>.*?<\/script>\n/s, "");
      assertHarmless(own, type);
      if (type === "text/plain") continue;
      assert.ok(!own.includes("<script>alert") && !own.includes("<!--"), type);
      assert.equal(own.split("<script>").length, own.split("</script>").length, type);
    }
  }
  const png = await figures[0].png({ scale: 1 });
  assert.deepEqual([...png.subarray(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
});

Deno.test("what cells and terminals are told of a hostile study is harmless", () => {
  const source = study();
  const display = Symbol.for("Jupyter.display");
  type Shown = { [display: symbol]: () => { [mimeType: string]: string } };
  for (const shown of [showFindings(source), showSamples(source)]) {
    const { "text/html": html, "text/plain": plain } = (shown as unknown as Shown)[display]();
    assertHarmless(html, "HTML");
    assert.ok(!html.includes("<script") && !html.includes("<!--"));
    assertHarmless(plain, "text");
    assertHarmless(String(shown), "String()");
  }
  assertHarmless(formatOutcome(source), "outcome");
});
