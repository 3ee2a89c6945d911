import assert from "node:assert/strict";
import {
  curvesFrame,
  frameCsv,
  frameHtml,
  frameText,
  runsFrame,
  trialsFrame,
} from "./frames/mod.ts";
import { comparisonDocument } from "./reports/comparison.ts";
import { manyStudiesDocument } from "./reports/many_studies.ts";
import { type ReportDocument, reportDocument } from "./reports/document.ts";
import { renderMarkdown } from "./reports/markdown.ts";
import { formatOutcome } from "./reports/outcome.ts";
import { renderPage } from "./reports/page.ts";
import { figurePaths } from "./reports/report.ts";
import { showFindings, showSamples } from "./reports/show.ts";
import { visibleText } from "./core/html.ts";
import { selectPoints } from "./studies/plan/selection.ts";
import { pointTable, tableHtml, tableText } from "./studies/table.ts";
import { generatedStudies } from "./studies/testing/generated_studies.ts";
import { everyFigure, textOfHtml, textsOfFigure, valuesIn } from "./studies/testing/told.ts";

const studies = await generatedStudies();

/** What a text shows when a value was not there. */
const nothing = /\b(?:undefined|NaN|Infinity|null)\b|\[object/;

/** Refuses a text that shows a value which is not there. */
function assertSaid(text: string, where: string): void {
  const found = nothing.exec(text);
  if (found === null) return;
  assert.fail(`${where}: … ${text.slice(Math.max(0, found.index - 80), found.index + 60)} …`);
}

function assertDocument(document: ReportDocument): void {
  const page = renderPage(document, "/* plotly */");
  assertSaid(textOfHtml(page), `page ${document.title}`);
  const paths = document.figures.map((_, index) => figurePaths(index));
  const markdown = renderMarkdown(document, paths).replace(/^(`{3,})[^\n]*\n.*?^\1$/gms, "");
  assertSaid(markdown, `Markdown of ${document.title}`);
  assert.ok(markdown.startsWith("# "), document.title);
  for (const figure of document.figures) {
    assert.ok(valuesIn(figure) > 0, `${document.title}: nothing is drawn by "${figure.caption}"`);
    const svg = figure.svg();
    assert.ok(svg.startsWith("<svg") && !/NaN|undefined|Infinity/.test(svg), figure.caption);
    for (const text of [...textsOfFigure(figure), figure.caption]) {
      assertSaid(text, figure.caption);
    }
  }
}

for (const [index, study] of studies.entries()) {
  const { shape, record, records } = study;
  const other = studies[(index + 1) % studies.length];

  Deno.test(`a report, its Markdown and its words can be made of the study ${shape}`, () => {
    assertDocument(reportDocument(study, null));
    for (const shown of [showFindings(study), showSamples(study)]) {
      assertSaid(String(shown), "what a cell shows");
    }
    assertSaid(formatOutcome(study), "outcome");
    const table = pointTable(record, records, selectPoints(record, records));
    assertSaid(tableText(table), "table");
    assertSaid(textOfHtml(tableHtml(table)), "table");
  });

  Deno.test(`${shape} can be compared with ${other.shape}, and with itself`, () => {
    assertDocument(comparisonDocument(study, other));
    assertDocument(comparisonDocument(study, study));
  });

  Deno.test(`${shape} can be compared on three texts`, () => {
    const copies = ["first", "second", "third"].map((name) => ({
      ...study,
      record: { ...record, name, corpus: { ...record.corpus, name, sha256: name } },
    }));
    const [point, from] = record.space.points;
    const contrast = record.baseline === null && record.space.arms === undefined
      ? { point, from: from ?? point }
      : {};
    assertDocument(manyStudiesDocument(copies, { ...contrast, draws: 200 }));
  });

  Deno.test(`every figure can be drawn of the study ${shape}, light and dark`, () => {
    for (const { call, figure } of everyFigure(study)) {
      for (const text of textsOfFigure(figure)) assertSaid(text, call);
      const svg = figure.svg();
      assert.ok(!/NaN|undefined|Infinity/.test(svg), `${call}: the image has what is no number`);
      const plotly = JSON.stringify(figure.plotly());
      assert.ok(!/undefined|NaN/.test(plotly), `${call}: ${plotly.slice(0, 200)}`);
    }
  });

  Deno.test(`frames and CSV of the study ${shape} hold every axis of every run`, () => {
    const axes = [...new Set(record.space.points.flatMap((point) => Object.keys(point)))];
    const frames = [
      trialsFrame(study),
      trialsFrame(study, { view: "bestStep" }),
      ...(records.length === 0 ? [] : [runsFrame(study)]),
      ...(records.every(({ curve }) => curve.length === 0) ? [] : [curvesFrame(study)]),
    ];
    for (const frame of frames) {
      const columns = frame.columns.map(String);
      for (const axis of axes) {
        const name = columns.find((column) => column === axis || column === `point.${axis}`);
        assert.ok(name !== undefined, `no column of axis ${axis}: ${columns.join(", ")}`);
        const shown = new Set(
          (frame.column(`point.${axis}` in frame ? `point.${axis}` : name).values as unknown[]).map(
            String,
          ),
        );
        for (const value of shown) {
          const known = record.space.points.some((point) =>
            axis in point
              ? value === String(point[axis]) || value === JSON.stringify(point[axis])
              : true
          );
          assert.ok(known, `${axis} has ${value}, which no point has`);
        }
      }
      assert.equal(new Set(columns).size, columns.length, columns.join(", "));
      const [text, html, csv] = [frameText(frame), frameHtml(frame), frameCsv(frame)];
      assert.ok(text.length > 0 && html.includes("<table") && csv.split("\n").length > 1);
      assert.equal(visibleText(text), text);
    }
  });
}

Deno.test("pictures of a few generated studies can be drawn as PNG, light and dark", async () => {
  for (const name of ["joined-remedies", "hostile-names", "arms"]) {
    const study = studies.find(({ shape }) => shape === name)!;
    const figures = everyFigure(study);
    for (const { call, figure } of [figures[0], figures.at(-1)!]) {
      for (const dark of [false, true]) {
        const png = await figure.png({ dark, scale: 1 });
        assert.deepEqual([...png.slice(1, 4)], [0x50, 0x4e, 0x47], call);
      }
    }
  }
});
