import { escapeHtml } from "../core/html.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { cellsOf } from "./_cells.ts";
import type { CellsLayer, Layer, MarkSymbol, Panel } from "./chart.ts";
import { fillOpacity } from "./dark.ts";
import { textColorOn, theme, withOpacity } from "./theme.ts";

type Trace = { [name: string]: Json };

/** Traces that draw a layer; the axes are the caller's. */
export function tracesOfLayer(layer: Layer, panel: Panel): Trace[] {
  switch (layer.kind) {
    case "line":
      return lineTraces(layer);
    case "band":
      return bandTraces(layer);
    case "cells":
      return cellTraces(layer);
    case "frames":
      return frameTraces(layer);
    case "marks":
      return markTraces(layer);
    case "steps":
      return stepTraces(layer, panel);
    case "rule":
      return ruleTraces(layer, panel);
  }
}

function lineTraces(layer: Extract<Layer, { kind: "line" }>): Trace[] {
  return [{
    type: "scatter",
    mode: [layer.joined === false ? "" : "lines", layer.marks ? "markers" : ""]
      .filter((each) => each !== "").join("+") || "none",
    name: plain(layer.name),
    legendgroup: plain(layer.name),
    showlegend: layer.legend,
    x: [...layer.x],
    y: [...layer.y],
    line: { color: layer.color, width: layer.width ?? 2, dash: layer.dash ? "dash" : "solid" },
    marker: {
      size: 9,
      color: layer.x.map((_, at) => layer.hollow?.[at] ? theme.background : layer.color),
      line: {
        width: layer.x.map((_, at) => layer.hollow?.[at] ? 1.8 : 1),
        color: layer.x.map((_, at) => layer.hollow?.[at] ? layer.color : theme.background),
      },
    },
    ...hover(layer.hover),
    ...(layer.errors === undefined ? {} : {
      error_y: {
        type: "data",
        array: layer.errors.map((error) => error ?? 0),
        color: layer.color,
        thickness: 1,
        width: 3,
      },
    }),
  }];
}

function bandTraces(layer: Extract<Layer, { kind: "band" }>): Trace[] {
  const edge = { type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false };
  return [
    { ...edge, x: [...layer.x], y: [...layer.lower], line: { width: 0 } },
    {
      ...edge,
      x: [...layer.x],
      y: [...layer.upper],
      line: { width: 0 },
      fill: "tonexty",
      fillcolor: withOpacity(layer.color, fillOpacity.band),
    },
  ];
}

function frameTraces(layer: Extract<Layer, { kind: "frames" }>): Trace[] {
  const outline = {
    type: "scatter",
    mode: "lines",
    legendgroup: plain(layer.name),
    showlegend: false,
    hoverinfo: "skip",
    x: layer.cells.flatMap(([column]) => frame(column, [-1, 1, 1, -1, -1])),
    y: layer.cells.flatMap(([, row]) => frame(row, [-1, -1, 1, 1, -1])),
  };
  return [
    // Light beside dark, so that it is seen on cells of any colour.
    { ...outline, line: { color: "white", width: 5 } },
    { ...outline, line: { color: "black", width: 2 } },
    {
      // A line in the legend would not say that it is a frame.
      type: "scatter",
      mode: "markers",
      name: plain(layer.name),
      legendgroup: plain(layer.name),
      showlegend: layer.cells.length > 0,
      x: [null],
      y: [null],
      marker: { symbol: "square-open", size: 12, color: layer.color, line: { width: 2 } },
    },
  ];
}

function markTraces(layer: Extract<Layer, { kind: "marks" }>): Trace[] {
  return [{
    type: "scatter",
    mode: "markers",
    name: plain(layer.name),
    legendgroup: plain(layer.name),
    ...(layer.hover === undefined ? { hoverinfo: "skip" } : {}),
    showlegend: layer.x.length > 0 && layer.name !== "",
    x: [...layer.x],
    y: [...layer.y],
    marker: {
      symbol: symbols[layer.symbol],
      size: { star: 15, dot: 5 }[layer.symbol as string] ?? 12,
      color: layer.color,
      line: {
        color: layer.symbol === "ring" ? layer.color : theme.background,
        width: layer.symbol === "ring" ? 2 : 1,
      },
    },
    ...hover(layer.hover),
  }];
}

function stepTraces(layer: Extract<Layer, { kind: "steps" }>, panel: Panel): Trace[] {
  const floor = panel.y.range[0];
  const x = [layer.edges[0], ...layer.edges.flatMap((edge) => [edge, edge]).slice(1, -1)];
  const tops = layer.heights.flatMap((
    height,
  ) => [Math.max(height, floor), Math.max(height, floor)]);
  return [{
    type: "scatter",
    mode: "lines",
    name: plain(layer.name),
    legendgroup: plain(layer.name),
    showlegend: layer.legend,
    x: [...x, layer.edges.at(-1)!, layer.edges.at(-1)!],
    y: [floor, ...tops, floor],
    fill: "toself",
    fillcolor: withOpacity(layer.color, fillOpacity.steps),
    line: { color: layer.color, width: 1.5 },
    hoverinfo: "name",
  }];
}

function ruleTraces(layer: Extract<Layer, { kind: "rule" }>, panel: Panel): Trace[] {
  return [{
    type: "scatter",
    mode: "lines",
    name: plain(layer.label),
    showlegend: false,
    hoverinfo: "name",
    x: [...panel.x.range],
    y: [layer.y, layer.y],
    line: { color: layer.color, width: 1, dash: "dash" },
  }];
}

/** The texts of cells; their squares are {@link cellShapes}. */
function cellTraces(layer: CellsLayer): Trace[] {
  const cells = cellsOf(layer);
  return [{
    type: "scatter",
    mode: "text",
    x: cells.map(({ x }) => x),
    y: cells.map(({ y }) => y),
    text: cells.map(({ x, y }) => plain(layer.text[y][x])),
    textfont: { size: 11, color: cells.map(({ color }) => textColorOn(color)) },
    hovertext: cells.map(({ x, y }) => plain(layer.hover[y][x])),
    hovertemplate: "%{hovertext}<extra></extra>",
    showlegend: false,
  }];
}

/** The squares of cells. Shapes, because plotly's smallest bundle has no heat maps. */
export function cellShapes(layer: CellsLayer, axes: { xref: string; yref: string }): JsonObject[] {
  return cellsOf(layer).map(({ x, y, color }) => ({
    type: "rect",
    layer: "below",
    ...axes,
    x0: x - 0.5,
    x1: x + 0.5,
    y0: y - 0.5,
    y1: y + 0.5,
    fillcolor: color,
    line: { width: 1, color: theme.background },
  }));
}

const symbols: { readonly [name in MarkSymbol]: string } = {
  circle: "circle",
  diamond: "diamond",
  star: "star",
  square: "square",
  ring: "circle-open",
  dot: "circle",
  triangle: "triangle-up",
  triangleDown: "triangle-down",
  plus: "cross",
  cross: "x",
};

function hover(texts: readonly string[] | undefined): { [name: string]: Json } {
  if (texts === undefined) return {};
  return { text: texts.map(plain), hovertemplate: "%{text}<extra></extra>" };
}

// null ends one frame and begins the next.
function frame(centre: number, sides: readonly number[]): Json[] {
  return [...sides.map((side) => centre + 0.46 * side), null];
}

/** Plotly reads tags in texts; a text of ours or of a user's is shown as it is. */
export function plain(text: string): string {
  return escapeHtml(text);
}
