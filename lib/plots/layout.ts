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
  readonly entries: readonly {
    readonly name: string;
    /** The name, broken where a narrow chart asks for it. */
    readonly lines: readonly string[];
    readonly layer: Layer;
  }[];
  /** Where the legend has them, by entry. */
  readonly entryPlaces: readonly { readonly left: number; readonly top: number }[];
}

/** Width of a line of text in pixels, about: no font is at hand to measure with. */
export function textWidth(text: string, size: number, bold = false): number {
  return (bold ? 0.64 : 0.56) * size * [...text].length;
}

function wrapText(text: string, width: number, size: number, bold = false): string[] {
  const fits = (line: string) => textWidth(line, size, bold) <= width;
  // An equation is not broken where it has room on a line.
  const words = text.replace(/ = /g, "\u00a0=\u00a0").split(" ")
    .flatMap((word) => fits(word) ? [word] : word.split("\u00a0"))
    .flatMap((word) =>
      fits(word) ? [word] : pieces(word, Math.floor(width / textWidth("x", size)))
    );
  return wrapWords(words.join(" "), fits);
}

/** A word that has no room on a line, cut. */
function pieces(word: string, length: number): string[] {
  const characters = [...word];
  const size = Math.max(1, length);
  return Array.from(
    { length: Math.ceil(characters.length / size) },
    (_, index) => characters.slice(index * size, (index + 1) * size).join(""),
  );
}

/** Height of a line of the title, the subtitle and the legend. */
export const lineHeight = { title: 21, subtitle: 17, legend: 20, tick: 15 } as const;

/** Lines that the labels of a panel's horizontal axis take beyond the first. */
export function tickRows({ x: { ticks = [], turned } }: Panel): number {
  if (turned) {
    const longest = Math.max(...ticks.map(({ label }) => textWidth(label, theme.textSize)));
    return Math.ceil(longest / lineHeight.tick) - 1;
  }
  return Math.max(0, ...ticks.map(({ label }) => label.split("\n").length - 1));
}

/** Panels of a compact chart that would be narrower stand in several rows. */
const narrowest = { screen: 200, print: 160 } as const;

/** Space between neighbours, and left of the first for labels and the title of the vertical axis. */
const between = 66;

/** Width of what shows in the legend how an entry is drawn. */
export function sampleWidth({ print }: Chart): number {
  return print ? 32 : 20;
}

/** The title of a vertical axis in as many lines as a panel's height asks for; one where the chart is wide. */
export function verticalTitleLines(chart: Chart, { y }: Panel, height: number): string[] {
  return chart.compact ? wrapText(y.title, height + 24, theme.textSize) : [y.title];
}

/** The title of a horizontal axis in as many lines as a panel's width asks for; one where the chart is wide. */
export function horizontalTitleLines(chart: Chart, { x }: Panel, width: number): string[] {
  return chart.compact ? wrapText(x.title, width + 20, theme.textSize) : [x.title];
}

/** The title of a panel in as many lines as its width asks for; one where the chart is wide. */
export function panelTitleLines(chart: Chart, { title }: Panel, width: number): string[] {
  if (title === undefined) return [];
  return chart.compact ? wrapText(title, width + 20, theme.textSize, true) : [title];
}

/** Lays a chart out in its width and height. */
export function layOut(chart: Chart): ChartLayout {
  const left = chart.left ?? between;
  const once = layOutFrom(chart, left);
  const lines = Math.max(
    ...chart.panels.map((panel, index) =>
      verticalTitleLines(chart, panel, once.panels[index].height).length
    ),
  );
  return lines > 1 ? layOutFrom(chart, left + (lines - 1) * lineHeight.tick) : once;
}

function layOutFrom(chart: Chart, left: number): ChartLayout {
  const { titleLines, subtitleLines, height: headingHeight } = headingOf(chart);
  const entries = legendEntries(chart);
  const widest = Math.max(
    0,
    ...entries.flatMap(({ lines }) => lines.map((line) => textWidth(line, theme.textSize))),
  );
  const right = chart.legend === "right" && entries.length > 0
    ? widest + sampleWidth(chart) + 32
    : 20;
  const columnWidth = widest + sampleWidth(chart) + 24;
  const columns = Math.max(1, Math.floor((chart.width - 40) / columnWidth));
  const rowTops = legendRows(entries, chart.legend === "right" ? 1 : columns);
  const legendHeight = chart.legend === "bottom" ? rowTops.at(-1)! : 0;
  const { panels, top } = panelsOf(chart, {
    left,
    right: chart.width - right,
    top: headingHeight,
    bottom: chart.height - legendHeight,
    between: left,
  });
  const legend = chart.legend === "right"
    ? { left: chart.width - right + 14, top, width: right - 14, height: panels[0].height }
    : {
      left: 20,
      top: chart.height - legendHeight - 6,
      width: chart.width - 40,
      height: legendHeight,
    };
  const entryPlaces = entries.map((_, index) =>
    chart.legend === "right" ? { left: legend.left, top: legend.top + rowTops[index] } : {
      left: legend.left + (index % columns) * columnWidth,
      top: legend.top + rowTops[Math.floor(index / columns)],
    }
  );
  return { titleLines, subtitleLines, panels, legend, entries, entryPlaces };
}

/** Where the rows of a legend begin, and where the last one ends. */
function legendRows(entries: ChartLayout["entries"], columns: number): number[] {
  const tops = [0];
  for (let start = 0; start < entries.length; start += columns) {
    const lines = Math.max(
      ...entries.slice(start, start + columns).map(({ lines }) => lines.length),
    );
    tops.push(tops.at(-1)! + lineHeight.legend + (lines - 1) * lineHeight.tick);
  }
  return tops;
}

function headingOf(chart: Chart) {
  if (chart.print) return { titleLines: [], subtitleLines: [], height: 8 };
  // The buttons of an interactive figure stand beside the title.
  const buttons = chart.compact ? 60 : 110;
  const titleLines = wrapText(chart.title, chart.width - buttons, theme.titleSize, true);
  const subtitleLines = wrapText(chart.subtitle, chart.width - 40, theme.subtitleSize);
  const height = 20 + titleLines.length * lineHeight.title +
    subtitleLines.length * lineHeight.subtitle + 10;
  return { titleLines, subtitleLines, height };
}

interface PanelSpace {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly between: number;
}

/** Panels side by side, in a compact chart in rows of equal length where they would be too narrow. */
function panelsOf(chart: Chart, space: PanelSpace) {
  const { length } = chart.panels;
  const inner = space.right - space.left;
  const widthOf = (columns: number) => (inner - space.between * (columns - 1)) / columns;
  let rows = 1;
  const least = narrowest[chart.print ? "print" : "screen"];
  while (chart.compact && rows < length && widthOf(Math.ceil(length / rows)) < least) rows++;
  const columns = Math.ceil(length / rows);
  const width = widthOf(columns);
  const titleLines = Math.max(
    ...chart.panels.map((panel) => panelTitleLines(chart, panel, width).length),
  );
  const titles = titleLines === 0 ? 0 : 22 + (titleLines - 1) * lineHeight.tick;
  const lines = Math.max(
    ...chart.panels.map((panel) =>
      tickRows(panel) + Math.max(1, horizontalTitleLines(chart, panel, width).length) - 1
    ),
  );
  const below = 52 + lines * lineHeight.tick;
  const height = (space.bottom - space.top - rows * (titles + below)) / rows;
  const top = space.top + titles;
  const panels = chart.panels.map((_, index) => ({
    left: space.left + (index % columns) * (width + space.between),
    top: top + Math.floor(index / columns) * (height + below + titles),
    width,
    height,
  }));
  return { panels, top };
}

function legendEntries(chart: Chart): ChartLayout["entries"] {
  if (chart.legend === "none") return [];
  const seen = new Map<string, Layer>();
  for (const layer of chart.panels.flatMap(({ layers }) => layers)) {
    if (!isInLegend(layer) || seen.has(layer.name)) continue;
    seen.set(layer.name, layer);
  }
  const room = chart.width - 80 - sampleWidth(chart);
  return [...seen].map(([name, layer]) => ({
    name,
    lines: chart.compact ? wrapText(name, room, theme.textSize) : [name],
    layer,
  }));
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
