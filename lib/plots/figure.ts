import { gzipSync } from "node:zlib";
import { checkKeys } from "../core/check.ts";
import { escapeHtml, visibleText } from "../core/html.ts";
import { sha256 } from "../core/hash.ts";
import type { Chart } from "./chart.ts";
import { darkColors, darkFunctions, darkImage } from "./dark.ts";
import { type PlotlyFigure, plotlyFigure } from "./plotly.ts";
import { plotlyScript } from "./plotly_script.ts";
import { printChart, type PrintedFigure, type PrintOptions } from "./print.ts";
import { resized } from "./resize.ts";
import { renderSvg } from "./svg.ts";

const display: unique symbol = Symbol.for("Jupyter.display") as never;

/** A figure: shows itself in a notebook, and gives its picture as SVG and as plotly JSON. */
export interface Figure {
  /** What is drawn, as plain data. */
  readonly chart: Chart;
  /** A text that says what the figure shows. */
  readonly alt: string;
  /** The figure for plotly. */
  plotly(): PlotlyFigure;
  /**
   * The static image; the same bytes for the same chart.
   *
   * @param options.width Pixels, 240 to 4000, such as 480 for a column of print; titles are broken anew and
   * panels keep their height. The chart's own width when left out.
   */
  svg(options?: { readonly width?: number }): string;
  /**
   * The static image as PNG, drawn by WebAssembly without a browser.
   *
   * @param options.dark Whether for a dark page; false.
   * @param options.scale Pixels of the PNG for each of the image; 2.
   * @param options.width Pixels of the image, as for the SVG.
   */
  png(
    options?: { readonly dark?: boolean; readonly scale?: number; readonly width?: number },
  ): Promise<Uint8Array>;
  /**
   * The figure for print, as PDF (vectors, typeface embedded) and SVG: light, series told apart without
   * hue, without title and subtitle, which `caption` has.
   *
   * @param options.columns 1 for 3.25 inches (the default), 2 for 6.75.
   */
  print(options?: PrintOptions): Promise<PrintedFigure>;
  /** What a notebook shows: plotly JSON, HTML with the script once per kernel, and SVG. */
  [display](): Promise<{ [mimeType: string]: unknown }>;
}

/** Makes a figure of a chart. */
export function figureOf(chart: Chart): Figure {
  return {
    chart,
    alt: chart.alt,
    plotly: () => plotlyFigure(chart),
    svg(options = {}) {
      checkKeys("figure.svg", options, ["width"]);
      return renderSvg(resized(chart, options.width ?? chart.width));
    },
    async png(options = {}) {
      checkKeys("figure.png", options, ["dark", "scale", "width"]);
      const { renderPng } = await import("./png.ts");
      const svg = renderSvg(resized(chart, options.width ?? chart.width));
      return await renderPng(options.dark ? darkImage(chart, svg) : svg, options.scale);
    },
    print: (options) => printChart(chart, options),
    async [display]() {
      const svg = renderSvg(chart);
      const { data, layout, config } = plotlyFigure(chart);
      return {
        "application/vnd.plotly.v1+json": { data, layout, config },
        "text/html": await scriptOnce() + figureHtml(chart, svg),
        "image/svg+xml": svg,
        "text/plain": visibleText(`${chart.title}\n${chart.alt}`),
      };
    },
  };
}

let scriptWasShown = false;

/** The script, compressed, in the first figure of a kernel; nothing in the others. */
async function scriptOnce(): Promise<string> {
  if (scriptWasShown) return "";
  scriptWasShown = true;
  const packed = gzipSync(await plotlyScript(), { level: 9 }).toString("base64");
  return `<script>(() => {
  if (window.parsimonyPlotly) return;
  window.parsimonyPlotly = (async () => {
    const bytes = Uint8Array.from(atob("${packed}"), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const module = { exports: {} };
    new Function("module", "exports", "define", await new Response(stream).text())(module, module.exports);
    return module.exports;
  })();
  window.dispatchEvent(new Event("parsimony-plotly"));
})();</script>
`;
}

/** The static image, which plotly replaces when its script is there and scripts may run. */
function figureHtml(chart: Chart, svg: string): string {
  const { data, layout, config } = plotlyFigure(chart);
  // The same figure has the same id, so that a rerun changes nothing in the notebook.
  const id = `figure-${sha256(svg).slice(0, 12)}`;
  const image = `data:image/svg+xml;base64,${
    btoa(String.fromCharCode(...new TextEncoder().encode(svg)))
  }`;
  return `<div class="${id}" role="group" aria-label="${escapeHtml(chart.alt)}">` +
    `<img alt="${escapeHtml(chart.alt)}" src="${image}"></div>
<script>(() => {${darkFunctions}
  const draw = () => window.parsimonyPlotly?.then((Plotly) => {
    for (const element of document.querySelectorAll(".${id}")) {
      if (element.dataset.drawn) continue;
      element.dataset.drawn = "true";
      element.replaceChildren();
      const figure = ${scriptJson({ data, layout, config })};
      const draw = () => {
        const { data, layout, config } = wantsDark() ? recolored(figure, ${
      scriptJson(darkColors(chart))
    }) : figure;
        return Plotly.react(element, data, layout, config);
      };
      draw();
      darkQuery.addEventListener("change", draw);
    }
  });
  if (window.parsimonyPlotly) draw();
  else window.addEventListener("parsimony-plotly", draw, { once: true });
})();</script>`;
}

/** JSON as it may stand in a script element of HTML. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/</g, "\\u003c")
    .replace(/\u2028/g, "\\u2028").replace(/\u2029/g, "\\u2029");
}
