import type { Json, JsonObject } from "../core/json.ts";
import { roundTicks } from "./axes.ts";
import { cellShapes, plain, tracesOfLayer } from "./_plotly_traces.ts";
import type { Axis, Chart, Panel } from "./chart.ts";
import {
  horizontalTitleLines,
  layOut,
  lineHeight,
  panelTitleLines,
  type Rectangle,
  tickRows,
  verticalTitleLines,
} from "./layout.ts";
import { theme } from "./theme.ts";

/** A plotly figure as plain JSON: what `Plotly.newPlot(element, data, layout, config)` takes. */
export interface PlotlyFigure {
  /** Traces. */
  readonly data: readonly JsonObject[];
  /** Axes, titles, annotations and shapes. */
  readonly layout: JsonObject;
  /** Behaviour of the buttons. */
  readonly config: JsonObject;
}

/** What another width changes of a plotly figure. */
export interface PlotlyLayout {
  readonly layout: JsonObject;
  /** Names of the legend that are broken, by the name of their traces. */
  readonly names: { readonly [name: string]: string };
}

/** Lays a chart out for plotly, with the data of the same chart in another width. */
export function plotlyLayout(chart: Chart): PlotlyLayout {
  const broken = layOut(chart).entries.filter(({ lines }) => lines.length > 1);
  return {
    layout: plotlyFigure(chart).layout,
    names: Object.fromEntries(
      broken.map(({ name, lines }) => [plain(name), lines.map(plain).join("<br>")]),
    ),
  };
}

/** Writes a chart as a plotly figure, laid out as its static image is. */
export function plotlyFigure(chart: Chart): PlotlyFigure {
  const layout = layOut(chart);
  const space = around(layout.panels);
  const lines = Math.max(
    ...chart.panels.map((panel, index) =>
      tickRows(panel) +
      Math.max(1, horizontalTitleLines(chart, panel, layout.panels[index].width).length) - 1
    ),
  );
  const axes: { [name: string]: Json } = {};
  const annotations: JsonObject[] = [];
  const shapes: JsonObject[] = [];
  for (const [index, panel] of chart.panels.entries()) {
    const area = layout.panels[index];
    const domain = [area.left, area.left + area.width]
      .map((edge) => (edge - space.left) / space.width);
    const top = 1 - (area.top - space.top) / space.height;
    const rows: JsonObject = area.height < space.height
      ? { domain: [Math.max(0, top - area.height / space.height), top] }
      : {};
    const suffix = index === 0 ? "" : String(index + 1);
    const cells = panel.layers.filter((layer) => layer.kind === "cells");
    const places = { xref: `x${suffix}`, yref: `y${suffix}` };
    shapes.push(...cells.flatMap((layer) => cellShapes(layer, places)));
    const lines = cells.length === 0;
    axes[`xaxis${suffix}`] = {
      ...axisOf(panel.x, horizontalTitleLines(chart, panel, area.width)),
      domain,
      anchor: `y${suffix}`,
      showgrid: false,
      showline: lines,
      ticks: lines ? "outside" : "",
    };
    axes[`yaxis${suffix}`] = {
      ...axisOf(panel.y, verticalTitleLines(chart, panel, area.height)),
      ...rows,
      anchor: `x${suffix}`,
      showgrid: lines,
      showline: false,
      ticks: "",
    };
    if (panel.title !== undefined) {
      annotations.push({
        text: panelTitleLines(chart, panel, area.width).map((line) => `<b>${plain(line)}</b>`)
          .join("<br>"),
        showarrow: false,
        xref: "paper",
        yref: "paper",
        x: (domain[0] + domain[1]) / 2,
        y: top,
        xanchor: "center",
        yanchor: "bottom",
        font: { size: theme.textSize },
      });
    }
    annotations.push(...rules(panel, places));
  }
  return {
    data: tracesOf(chart.panels),
    layout: {
      width: chart.width,
      height: chart.height,
      margin: {
        l: space.left,
        r: chart.width - space.left - space.width,
        t: space.top,
        b: chart.height - space.top - space.height,
      },
      title: {
        text: titleText(layout),
        x: 20 / chart.width,
        xanchor: "left",
        y: 1 - 22 / chart.height,
        yanchor: "top",
        font: { size: theme.titleSize, color: theme.text },
      },
      font: { family: theme.font, size: theme.textSize, color: theme.text },
      paper_bgcolor: theme.background,
      plot_bgcolor: theme.background,
      hovermode: "closest",
      // Wherever the pointer is in a cell, its middle is the closest point.
      ...(shapes.length > 0 ? { hoverdistance: -1, shapes } : {}),
      showlegend: chart.legend !== "none" && layout.entries.length > 0,
      legend: legendPlace(chart, space, lines),
      annotations,
      ...axes,
    },
    config: {
      responsive: true,
      displaylogo: false,
      displayModeBar: "hover",
      // Few, because devices without a pointer show them all the time; dragging zooms anyhow.
      modeBarButtons: [["toImage", "resetScale2d"]],
    },
  };
}

/** Where the legend stands, below so many lines under the panels or at their right. */
function legendPlace(chart: Chart, space: Rectangle, lines: number): JsonObject {
  return chart.legend === "bottom"
    ? {
      orientation: "h",
      x: 0,
      xanchor: "left",
      y: -(52 + lines * lineHeight.tick) / space.height,
      yanchor: "top",
    }
    : { x: 1 + 14 / space.width, xanchor: "left", y: 1, yanchor: "top" };
}

/** Title and subtitle, broken as in the static image. */
function titleText({ titleLines, subtitleLines }: ReturnType<typeof layOut>): string {
  return [
    ...titleLines.map((line) => `<b>${plain(line)}</b>`),
    ...subtitleLines.map((line) =>
      `<span style="font-size:${theme.subtitleSize}px;color:${theme.muted}">${plain(line)}</span>`
    ),
  ].join("<br>");
}

/** What panels take up together. */
function around(panels: readonly Rectangle[]): Rectangle {
  const left = Math.min(...panels.map((each) => each.left));
  const top = Math.min(...panels.map((each) => each.top));
  return {
    left,
    top,
    width: Math.max(...panels.map((each) => each.left + each.width)) - left,
    height: Math.max(...panels.map((each) => each.top + each.height)) - top,
  };
}

function axisOf(axis: Axis, titleLines: readonly string[]): { [name: string]: Json } {
  const ticks = axis.ticks ?? roundTicks(axis.range);
  const own: JsonObject = axis.ticks === undefined ? {} : {
    tickmode: "array",
    tickvals: ticks.map(({ position }) => position),
    ticktext: ticks.map(({ label }) => label.split("\n").map(plain).join("<br>")),
    ...(axis.turned ? { tickangle: -90 } : {}),
  };
  return {
    title: {
      text: titleLines.map(plain).join("<br>"),
      standoff: 8,
      font: { size: theme.textSize },
    },
    range: [...axis.range],
    zeroline: false,
    gridcolor: theme.grid,
    linecolor: theme.axis,
    tickcolor: theme.axis,
    tickfont: { color: theme.muted },
    ...own,
  };
}

/** Traces of all panels; the same name in several panels has one entry in the legend. */
function tracesOf(panels: readonly Panel[]): JsonObject[] {
  const named = new Set<Json>();
  return panels.flatMap((panel, index) => {
    const suffix = index === 0 ? "" : String(index + 1);
    const place = { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
    const traces = panel.layers.flatMap((layer) => tracesOfLayer(layer, panel))
      .map((trace) => ({
        ...place,
        ...(named.has(trace.name) && "showlegend" in trace
          ? { ...trace, showlegend: false }
          : trace),
      }));
    for (const trace of traces) {
      if ((trace as JsonObject).showlegend) named.add((trace as JsonObject).name);
    }
    return traces;
  });
}

function rules(panel: Panel, places: { xref: string; yref: string }): JsonObject[] {
  return panel.layers.filter((layer) => layer.kind === "rule").map((layer) => ({
    text: plain(layer.label),
    showarrow: false,
    ...places,
    x: panel.x.range[1],
    y: layer.y,
    xanchor: "right",
    yanchor: "bottom",
    font: { size: 11, color: layer.color },
  }));
}
