import assert from "node:assert/strict";
import { Resvg } from "@resvg/resvg-wasm";
import { shapes } from "../statistics/testing/shapes.ts";
import { syntheticRecords as records } from "../statistics/testing/synthetic_study.ts";
import { everyFigure } from "../studies/testing/told.ts";
import type { Chart, Layer } from "./chart.ts";
import { layOut, lineHeight, sampleWidth } from "./layout.ts";
import { renderPdf } from "./pdf.ts";
import { renderPng } from "./png.ts";
import { chartForPrint } from "./print.ts";
import { renderSvg } from "./svg.ts";
import { figures } from "./testing/figures.ts";
import { channels, luminance, theme } from "./theme.ts";
import { lookOf } from "./_told_apart.ts";

const text = (pdf: Uint8Array) => new TextDecoder("latin1").decode(pdf);

Deno.test("a figure for print is a PDF and an SVG as wide as one column or two, without its title", async () => {
  const figure = figures().losses;
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
  await assert.rejects(figure.print({ columns: 3 as never }), /columns must be one of 1, 2, found/);
  await assert.rejects(figure.print({ width: 3 } as never), /unknown option "width"/);
});

Deno.test({
  name: "a PDF is written without any permission, the same bytes each time, without a date",
  permissions: "none",
  async fn() {
    const chart = chartForPrint(figures().heat.chart, 2);
    const pdf = await renderPdf(chart);
    assert.deepEqual(await renderPdf(chart), pdf);
    assert.match(text(pdf), /D:19700101000000Z/);
    assert.ok(!text(pdf).includes("/Type3") && !text(pdf).includes("/Subtype /Image"));
  },
});

/** The entries of a legend by pairs. */
function pairs<Entry>(entries: readonly Entry[]): (readonly [Entry, Entry])[] {
  return entries.flatMap((a, index) => entries.slice(index + 1).map((b) => [a, b] as const));
}

const lightness = (layer: Layer) =>
  "color" in layer ? 116 * Math.cbrt(luminance(channels(layer.color))) - 16 : 0;

Deno.test("any two entries of a printed legend differ in mark, dashes or lightness", () => {
  const charts = [
    ...Object.entries(figures()).map(([name, { chart }]) => [name, chart] as const),
    ...Object.entries(shapes).flatMap(([shape, make]) =>
      everyFigure(make()).map(({ call, figure }) => [`${shape}: ${call}`, figure.chart] as const)
    ),
  ];
  let compared = 0;
  for (const [name, chart] of charts) {
    for (const [a, b] of pairs(layOut(chartForPrint(chart, 2)).entries)) {
      compared++;
      assert.ok(
        lookOf(a.layer) !== lookOf(b.layer) ||
          Math.abs(lightness(a.layer) - lightness(b.layer)) > 25,
        `${name}: ${a.name} and ${b.name} are both ${lookOf(a.layer)}`,
      );
    }
  }
  assert.ok(compared > 1000, String(compared));
});

/** What a legend shows beside each name, drawn and turned to grey, 0 to 255. */
function graySamples(chart: Chart): { name: string; gray: number[] }[] {
  const scale = 2;
  const image = new Resvg(renderSvg(chart), {
    font: { loadSystemFonts: false },
    fitTo: { mode: "zoom", value: scale },
  }).render();
  const { width, pixels } = image;
  const { entries, entryPlaces } = layOut(chart);
  return entries.map(({ name }, index) => {
    const { left, top } = entryPlaces[index];
    const gray: number[] = [];
    for (let y = scale * top; y < scale * (top + lineHeight.legend); y++) {
      for (let x = scale * left; x < scale * (left + sampleWidth(chart)); x++) {
        const at = 4 * (Math.round(y) * width + Math.round(x));
        const [red, green, blue] = pixels.subarray(at, at + 3);
        gray.push(0.299 * red + 0.587 * green + 0.114 * blue);
      }
    }
    return { name, gray };
  });
}

Deno.test("a printed legend that is copied in grey still shows each entry in its own way", async () => {
  await renderPng(renderSvg(figures().losses.chart));
  for (const [name, { chart }] of Object.entries(figures())) {
    for (const [a, b] of pairs(graySamples(chartForPrint(chart, 1)))) {
      const ink = a.gray.filter((value) => value < 250).length;
      const apart = a.gray.filter((value, at) => Math.abs(value - b.gray[at]) > 64).length;
      assert.ok(ink > 40, `${name}: ${a.name} is drawn`);
      assert.ok(apart > 20, `${name}: ${a.name} and ${b.name} differ in ${apart} of ${ink} dots`);
    }
  }
});

Deno.test("nothing of a printed figure is smaller than 7 points, and no text leaves the image", () => {
  for (const [name, { chart }] of Object.entries(figures())) {
    for (const columns of [1, 2] as const) {
      const printed = chartForPrint(chart, columns);
      const svg = renderSvg(printed);
      const sizes = [...svg.matchAll(/font-size="(\d+)"/g)].map(([, size]) => Number(size));
      assert.ok(sizes.every((size) => size * 0.6 >= 7), `${name}: ${sizes}`);
      assert.ok(sizes.length > 0 && sizes.every((size) => size === theme.textSize));
    }
  }
});

Deno.test("a study's records are drawn for print without a run that has completed", async () => {
  const source = records({ axes: { lambda: [0, 1e-4], alpha: [0, 1] }, status: () => "failed" });
  for (const { call, figure } of everyFigure(source)) {
    const { svg } = await figure.print({ columns: 2 });
    assert.ok(!/NaN|undefined|Infinity/.test(svg), call);
  }
});

Deno.test("names at an axis that have no room beside each other are turned, and none is left out", () => {
  const { chart } = figures().variance;
  const labels = chart.panels[0].x.ticks!.map(({ label }) => label.split("\n")[0]);
  const printed = chartForPrint(chart, 1);
  assert.equal(printed.panels[0].x.turned, true);
  const svg = renderSvg(printed);
  const drawn = svg.match(/rotate\(-90[^>]*><text [^>]*text-anchor="end"/g) ?? [];
  assert.equal(drawn.length, labels.length);
  assert.equal(chartForPrint(chart, 2).panels[0].x.turned, undefined);
});
