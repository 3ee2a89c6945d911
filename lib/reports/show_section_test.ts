import assert from "node:assert/strict";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { comparisonDocument } from "./comparison.ts";
import { reportDocument } from "./document.ts";
import {
  type ComparisonSection,
  type ReportSection,
  showComparisonSection,
  showReportSection,
} from "./show_section.ts";

type Options = Parameters<typeof syntheticStudy>[0];

function source(options: Options = {}) {
  const { study: record, runs: records } = syntheticStudy({
    axes: { lambda: [0, 1e-4], alpha: [0, 1] },
    ...options,
  });
  return { record, records };
}

function shown(section: ReportSection, study = source()) {
  const found = showReportSection(study, section);
  type Display = { [display: symbol]: () => { "text/html": string; "text/plain": string } };
  const cell = (found as unknown as Display)[Symbol.for("Jupyter.display")]();
  return { text: String(found), ...cell };
}

Deno.test("showReportSection shows every section of a report but its figures, as the report has it", () => {
  const study = source();
  for (const { id, title, body } of reportDocument(study, null).sections) {
    if (id === "figures") continue;
    const { text, "text/html": html, "text/plain": plain } = shown(id as ReportSection, study);
    assert.ok(html.endsWith(`<div class="parsimony-section">${body.html}</div>`), id);
    // The notebook's page has classes of the same names.
    const [, rules] = /^<style>(.*?)<\/style>\n/s.exec(html)!;
    assert.ok(rules.split("\n").every((rule) => rule.startsWith(".parsimony-section ")));
    assert.equal(plain, text);
    assert.ok(text.startsWith(`## ${title}\n\n`) && !text.endsWith("\n"), id);
    assert.ok(!/\n## /.test(text), `${id} alone`);
  }
});

Deno.test("showReportSection says that a study is incomplete, and escapes what comes from texts", () => {
  const status: NonNullable<Options>["status"] = (_point, fold) =>
    fold === 2 ? "missing" : "completed";
  const { text } = shown("abstract", source({ status }));
  assert.match(text, /We set out to compare .*; 24 of 36 runs completed/);
  const sampleText = "<script>alert(1)</script>\u001b[31m";
  const samples = shown("samples", source({ sampleText }));
  assert.ok(!samples["text/html"].includes("<script>"));
  for (const each of [samples["text/html"], samples.text]) {
    assert.ok(each.includes("alert(1)") && !each.includes("\u001b"));
  }
});

Deno.test("showReportSection refuses the figures and sections that no report has", () => {
  for (const section of ["figures", "conclusion"]) {
    assert.throws(
      () => shown(section as ReportSection),
      new RegExp(`section must be one of "abstract".*found "${section}"`),
    );
  }
});

Deno.test("showComparisonSection shows every section of a comparison but its figures, and refuses others", () => {
  const [first, second] = [source(), source({ name: "other", ownNoise: 0.1 })];
  for (const { id, title } of comparisonDocument(first, second).sections) {
    const show = () => String(showComparisonSection(first, second, id as ComparisonSection));
    if (id === "figures") assert.throws(show, /section must be one of "abstract".*found "figures"/);
    else assert.ok(show().startsWith(`## ${title}\n\n`), id);
  }
  const abstract = String(showComparisonSection(first, second, "abstract"));
  assert.match(abstract, /synthetic selects .*other selects/);
});
