import { checkKeys, checkOneOf } from "../core/check.ts";
import { visibleText } from "../core/html.ts";
import type { Chart, Panel } from "./chart.ts";
import { layOut } from "./layout.ts";
import { resized } from "./resize.ts";
import { renderSvg } from "./svg.ts";
import { withTexts } from "./_chart_texts.ts";
import { toldApart } from "./_told_apart.ts";

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

/** Panels are as high, unless what stands at their vertical axis needs more. */
const panelHeights = { 1: 220, 2: 250 } as const;

/** Panels are no lower where many stand below each other. */
const lowest = 90;

/** Pixels that a label at a vertical axis takes, and a cell with its number and a mark in its corner. */
const rowHeights = { label: 18, cell: 36 } as const;

/** Most of a page, with room for a caption: 8 inches. */
const pageHeight = 960;

/** A chart as it is laid out for print: light, told apart without hue, without title and subtitle. */
export function chartForPrint(chart: Chart, columns: 1 | 2): Chart {
  const least = Math.max(...chart.panels.map(rowsHeight));
  const panelHeight = Math.max(least, panelHeights[columns]);
  const fit = (panelHeight: number) =>
    resized(
      { ...toldApart(withTexts(chart, visibleText)), print: true, compact: true },
      widths[columns],
      { panelHeight },
    );
  const printed = fit(panelHeight);
  if (printed.height <= pageHeight) return printed;
  const lines = new Set(layOut(printed).panels.map(({ top }) => top)).size;
  const less = (printed.height - pageHeight) / lines;
  return fit(Math.max(least, lowest, panelHeight - less));
}

/** What the labels at the vertical axis of a panel need. */
function rowsHeight({ y, layers }: Panel): number {
  const cells = layers.some(({ kind }) => kind === "cells");
  return (y.ticks?.length ?? 0) * rowHeights[cells ? "cell" : "label"];
}

/** Draws a chart for print. */
export async function printChart(chart: Chart, options: PrintOptions = {}): Promise<PrintedFigure> {
  checkKeys("figure.print", options, ["columns"]);
  const { columns = 1 } = options;
  checkOneOf("figure.print: columns", columns, [1, 2]);
  const { inInter, renderPdf } = await import("./pdf.ts");
  return {
    pdf: await renderPdf(chartForPrint(inInter(chart), columns)),
    svg: renderSvg(chartForPrint(chart, columns)),
    caption: captionOfChart(chart),
  };
}

/** Title and subtitle of a chart as sentences, for a caption. */
export function captionOfChart({ title, subtitle }: Chart): string {
  return [title, subtitle].filter((part) => part !== "")
    .map((part) => /[.!?]$/.test(part) ? part : `${part}.`).join(" ");
}
