import { checkKeys, checkOneOf } from "../core/check.ts";
import type { Chart } from "./chart.ts";
import { layOut } from "./layout.ts";
import { resized } from "./resize.ts";
import { renderSvg } from "./svg.ts";

/** Which columns of a page a figure for print fills. */
export interface PrintOptions {
  /** 1: 3.25 inches (390 pixels); 2: 6.75 inches (810 pixels). @default 1 */
  readonly columns?: 1 | 2;
}

/** A figure for print. */
export interface PrintedFigure {
  /** A page with vectors and embedded typefaces, as large as the figure. */
  readonly pdf: Uint8Array;
  /** The same as SVG; its texts need the typeface Inter, or take another without serifs. */
  readonly svg: string;
  /** What the figure shows and what its marks, bars and bands are: title and subtitle, as sentences. */
  readonly caption: string;
}

const widths = { 1: 390, 2: 810 } as const;

/** Panels are at most as high, unless what stands at their vertical axis needs more. */
const panelHeights = { 1: 220, 2: 260 } as const;

/** Pixels that a label at a vertical axis takes. */
const labelHeight = 18;

/** A chart as it is laid out for print: light, told apart without hue, without title and subtitle. */
export function chartForPrint(chart: Chart, columns: 1 | 2): Chart {
  const [{ height }] = layOut(chart).panels;
  const cells = chart.panels.some(({ layers }) => layers.some(({ kind }) => kind === "cells"));
  const labels = Math.max(...chart.panels.map(({ y }) => y.ticks?.length ?? 0));
  const wanted = Math.max(panelHeights[columns], labelHeight * labels);
  return resized({ ...chart, print: true }, widths[columns], {
    panelHeight: cells ? height : Math.min(height, wanted),
  });
}

/** Draws a chart for print. */
export async function printChart(chart: Chart, options: PrintOptions = {}): Promise<PrintedFigure> {
  checkKeys("figure.print", options, ["columns"]);
  const { columns = 1 } = options;
  checkOneOf("figure.print: columns", columns, [1, 2]);
  const printed = chartForPrint(chart, columns);
  const { renderPdf } = await import("./pdf.ts");
  return {
    pdf: await renderPdf(printed),
    svg: renderSvg(printed),
    caption: captionOfChart(chart),
  };
}

/** Title and subtitle of a chart as sentences, for a caption. */
export function captionOfChart({ title, subtitle }: Chart): string {
  return [title, subtitle].filter((part) => part !== "")
    .map((part) => /[.!?]$/.test(part) ? part : `${part}.`).join(" ");
}
