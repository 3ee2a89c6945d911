import assert from "node:assert/strict";
import { syntheticRecords as records } from "../statistics/testing/synthetic_study.ts";
import { plotHeatMaps } from "./heat_maps.ts";
import { plotLosses } from "./losses_by_axis.ts";
import { renderPdf } from "./pdf.ts";
import { chartForPrint } from "./print.ts";

const source = records();
const text = (pdf: Uint8Array) => new TextDecoder("latin1").decode(pdf);

Deno.test("a figure for print is a PDF and an SVG as wide as one column or two, without its title", async () => {
  const figure = plotLosses(source);
  for (const [columns, points, pixels] of [[1, 234, 390], [2, 486, 810]] as const) {
    const { pdf, svg, caption } = await figure.print({ columns });
    assert.match(text(pdf), new RegExp(`/MediaBox \\[0 0 ${points} `));
    assert.match(svg, new RegExp(`viewBox="0 0 ${pixels} \\d+"`));
    assert.ok(!svg.includes("<style>") && !svg.includes(`font-size="16"`));
    assert.ok(caption.startsWith(figure.chart.title) && caption.includes(figure.chart.subtitle));
    // A typeface embedded whole would be 300 kB.
    assert.ok(pdf.length > 4000 && pdf.length < 40_000, String(pdf.length));
  }
  assert.deepEqual((await figure.print()).pdf, (await figure.print({ columns: 1 })).pdf);
  await assert.rejects(
    figure.print({ columns: 3 as never }),
    /columns must be one of 1, 2, found 3/,
  );
  await assert.rejects(figure.print({ width: 3 } as never), /unknown option "width"/);
});

Deno.test({
  name: "a PDF is written without any permission, the same bytes each time, without a date",
  permissions: "none",
  async fn() {
    const chart = chartForPrint(plotHeatMaps(source).chart, 2);
    const pdf = await renderPdf(chart);
    assert.deepEqual(await renderPdf(chart), pdf);
    assert.match(text(pdf), /\/CreationDate \d+ 0 R/);
    assert.match(text(pdf), /D:19700101000000Z/);
    assert.ok(!text(pdf).includes("/Type3") && !text(pdf).includes("/Subtype /Image"));
  },
});
