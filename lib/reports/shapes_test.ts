import assert from "node:assert/strict";
import { shapes } from "../statistics/testing/shapes.ts";
import { reportDocument } from "./document.ts";
import { renderMarkdown } from "./markdown.ts";
import { figurePaths, renderReport } from "./report.ts";

Deno.test("joined and conditional spaces, and points of arms, have reports in which nothing is undefined", () => {
  for (const shape of ["three joined remedies", "conditional axis", "arms"]) {
    const study = shapes[shape]();
    const page = renderReport(study, { script: "", command: null })
      .replace(/<script>[\s\S]*?<\/script>/g, "");
    const document = reportDocument(study, null);
    const markdown = renderMarkdown(document, document.figures.map((_, at) => figurePaths(at)));
    assert.ok(document.figures.length > 4, shape);
    for (const text of [page, markdown]) assert.ok(!/undefined|\bNaN\b/.test(text), shape);
  }
});
