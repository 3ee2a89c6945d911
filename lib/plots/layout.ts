import { wrapWords } from "../statistics/format.ts";
import type { Chart, Layer, Panel } from "./chart.ts";
import { theme } from "./theme.ts";

/** A rectangle in pixels. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where the parts of a chart are. */
export interface ChartLayout {
  readonly titleLines: readonly string[];
  readonly subtitleLines: readonly string[];
  readonly panels: readonly Rectangle[];
  readonly legend: Rectangle;
  /** Names of the legend with the layer that shows how each is drawn. */
  readonly entries: readonly { readonly name: string; readonly layer: Layer }[];
  /** Rows of the legend, by entry. */
  readonly entryPlaces: readonly { readonly left: number; readonly top: number }[];
}

/** Width of a line of text in pixels, about: no font is at hand to measure with. */
export function textWidth(text: string, size: number, bold = false): number {
  return (bold ? 0.64 : 0.56) * size * [...text].length;
}

function wrapText(text: string, width: number, size: number, bold = false): string[] {
  // An equation is not broken.
  return wrapWords(
    text.replace(/ = /g, "\u00a0=\u00a0"),
    (line) => textWidth(line, size, bold) <= width,
  );
}

/** Height of a line of the title, the subtitle and the legend. */
export const lineHeight = { title: 21, subtitle: 17, legend: 20, tick: 15 } as const;

/** Lines that the labels of a panel's horizontal axis take beyond the first. */
export function tickRows(panel: Panel): number {
  return Math.max(0, ...(panel.x.ticks ?? []).map(({ label }) => label.split("\n").length - 1));
}

/** Panels of a compact chart that would be narrower are stacked. */
const narrowest = 200;

/** Lays a chart out in its width and height. */
export function layOut(chart: Chart): ChartLayout {
  // The buttons of an interactive figure stand beside the title.
  const buttons = chart.compact ? 40 : 110;
  const titleLines = chart.print
    ? []
    : wrapText(chart.title, chart.width - buttons, theme.titleSize, true);
  const subtitleLines = chart.print
    ? []
    : wrapText(chart.subtitle, chart.width - 40, theme.subtitleSize);
  const entries = legendEntries(chart);
  const widest = Math.max(0, ...entries.map(({ name }) => textWidth(name, theme.textSize)));
  const right = chart.legend === "right" && entries.length > 0 ? widest + 52 : 20;
  const columnWidth = widest + 44;
  const columns = Math.max(1, Math.floor((chart.width - 40) / columnWidth));
  const rows = chart.legend === "bottom" ? Math.ceil(entries.length / columns) : 0;
  const ticks = Math.max(...chart.panels.map(tickRows)) * lineHeight.tick;
  const bottom = 52 + ticks;
  const legendHeight = rows * lineHeight.legend;
  const panelTitles = chart.panels.some(({ title }) => title !== undefined) ? 22 : 0;
  const top = chart.print ? 8 + panelTitles : 20 + titleLines.length * lineHeight.title +
    subtitleLines.length * lineHeight.subtitle + 10 + panelTitles;
  const left = 66;
  const between = 66;
  const inner = chart.width - left - right;
  const { length } = chart.panels;
  const beside = (inner - between * (length - 1)) / length;
  const stacked = chart.compact === true && beside < narrowest;
  const width = stacked ? inner : beside;
  const below = stacked ? length - 1 : 0;
  const height = (chart.height - top - bottom - legendHeight - below * (bottom + panelTitles)) /
    (below + 1);
  const panels = chart.panels.map((_, index) => ({
    left: stacked ? left : left + index * (width + between),
    top: stacked ? top + index * (height + bottom + panelTitles) : top,
    width,
    height,
  }));
  const legend = chart.legend === "right"
    ? { left: chart.width - right + 14, top, width: right - 14, height }
    : {
      left: 20,
      top: chart.height - legendHeight - 6,
      width: chart.width - 40,
      height: legendHeight,
    };
  const entryPlaces = entries.map((_, index) =>
    chart.legend === "right"
      ? { left: legend.left, top: legend.top + index * lineHeight.legend }
      : {
        left: legend.left + (index % columns) * columnWidth,
        top: legend.top + Math.floor(index / columns) * lineHeight.legend,
      }
  );
  return { titleLines, subtitleLines, panels, legend, entries, entryPlaces };
}

function legendEntries(chart: Chart): { name: string; layer: Layer }[] {
  if (chart.legend === "none") return [];
  const seen = new Map<string, Layer>();
  for (const layer of chart.panels.flatMap(({ layers }) => layers)) {
    if (!isInLegend(layer) || seen.has(layer.name)) continue;
    seen.set(layer.name, layer);
  }
  return [...seen].map(([name, layer]) => ({ name, layer }));
}

/** Whether a layer has an entry in the legend. */
export function isInLegend(layer: Layer): layer is Layer & { readonly name: string } {
  switch (layer.kind) {
    case "line":
    case "steps":
      return layer.legend;
    case "marks":
      return layer.x.length > 0 && layer.name !== "";
    case "frames":
      return layer.cells.length > 0;
    default:
      return false;
  }
}
