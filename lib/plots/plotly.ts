import { escapeHtml } from "../core/html.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { roundTicks } from "./axes.ts";
import type { Axis, Chart, Layer, MarkSymbol, Panel } from "./chart.ts";
import { layOut } from "./layout.ts";
import { heatColor, heatScale, textColorOn, theme, withOpacity } from "./theme.ts";

/** A plotly figure as plain JSON: what `Plotly.newPlot(element, data, layout, config)` takes. */
export interface PlotlyFigure {
  readonly data: readonly JsonObject[];
  readonly layout: JsonObject;
  readonly config: JsonObject;
}

/** Writes a chart as a plotly figure, laid out as its static image is. */
export function plotlyFigure(chart: Chart): PlotlyFigure {
  const layout = layOut(chart);
  const inner = layout.panels[0];
  const last = layout.panels.at(-1)!;
  const width = last.left + last.width - inner.left;
  const right = chart.width - last.left - last.width;
  const bottom = chart.height - inner.top - inner.height;
  const legend: JsonObject = chart.legend === "bottom"
    ? { orientation: "h", x: 0, xanchor: "left", y: -52 / inner.height, yanchor: "top" }
    : { x: 1 + 14 / width, xanchor: "left", y: 1, yanchor: "top" };
  const title = [
    ...layout.titleLines.map((line) => `<b>${plain(line)}</b>`),
    ...layout.subtitleLines.map((line) =>
      `<span style="font-size:${theme.subtitleSize}px;color:${theme.muted}">${plain(line)}</span>`
    ),
  ].join("<br>");
  const axes: { [name: string]: Json } = {};
  const annotations: JsonObject[] = [];
  for (const [index, panel] of chart.panels.entries()) {
    const area = layout.panels[index];
    const domain = [area.left - inner.left, area.left + area.width - inner.left]
      .map((edge) => edge / width);
    const suffix = index === 0 ? "" : String(index + 1);
    const cells = panel.layers.some(({ kind }) => kind === "cells");
    axes[`xaxis${suffix}`] = {
      ...axisOf(panel.x),
      domain,
      anchor: `y${suffix}`,
      showgrid: false,
      showline: !cells,
      ticks: cells ? "" : "outside",
    };
    axes[`yaxis${suffix}`] = {
      ...axisOf(panel.y),
      anchor: `x${suffix}`,
      showgrid: !cells,
      showline: false,
      ticks: "",
    };
    if (panel.title !== undefined) {
      annotations.push({
        text: `<b>${plain(panel.title)}</b>`,
        showarrow: false,
        xref: "paper",
        yref: "paper",
        x: (domain[0] + domain[1]) / 2,
        y: 1,
        xanchor: "center",
        yanchor: "bottom",
        font: { size: theme.textSize },
      });
    }
    annotations.push(...rules(panel, suffix));
  }
  return {
    data: chart.panels.flatMap((panel, index) => tracesOf(panel, index)),
    layout: {
      width: chart.width,
      height: chart.height,
      margin: { l: inner.left, r: right, t: inner.top, b: bottom },
      title: {
        text: title,
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
      showlegend: chart.legend !== "none" && layout.entries.length > 0,
      legend,
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

function axisOf(axis: Axis): { [name: string]: Json } {
  const ticks = axis.ticks ?? roundTicks(axis.range);
  const own: JsonObject = axis.ticks === undefined ? {} : {
    tickmode: "array",
    tickvals: ticks.map(({ position }) => position),
    ticktext: ticks.map(({ label }) => plain(label)),
  };
  return {
    title: { text: plain(axis.title), standoff: 8, font: { size: theme.textSize } },
    range: [...axis.range],
    zeroline: false,
    gridcolor: theme.grid,
    linecolor: theme.axis,
    tickcolor: theme.axis,
    tickfont: { color: theme.muted },
    ...own,
  };
}

function tracesOf(panel: Panel, index: number): JsonObject[] {
  const suffix = index === 0 ? "" : String(index + 1);
  const place = { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
  return panel.layers.flatMap((layer) =>
    tracesOfLayer(layer, panel).map((trace) => ({
      ...place,
      // The same name in several panels has one entry in the legend.
      ...(index > 0 && "showlegend" in trace ? { ...trace, showlegend: false } : trace),
    }))
  );
}

function tracesOfLayer(layer: Layer, panel: Panel): { [name: string]: Json }[] {
  switch (layer.kind) {
    case "line":
      return [{
        type: "scatter",
        mode: layer.marks ? "lines+markers" : "lines",
        name: plain(layer.name),
        legendgroup: layer.name,
        showlegend: layer.legend,
        x: [...layer.x],
        y: [...layer.y],
        line: { color: layer.color, width: 2, dash: layer.dash ? "dash" : "solid" },
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
    case "band": {
      const edge = { type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false };
      return [
        { ...edge, x: [...layer.x], y: [...layer.lower], line: { width: 0 } },
        {
          ...edge,
          x: [...layer.x],
          y: [...layer.upper],
          line: { width: 0 },
          fill: "tonexty",
          fillcolor: withOpacity(layer.color, 0.18),
        },
      ];
    }
    case "cells":
      return cellTraces(layer);
    case "frames":
      return [{
        type: "scatter",
        mode: "lines",
        name: plain(layer.name),
        legendgroup: layer.name,
        showlegend: false,
        hoverinfo: "skip",
        x: layer.cells.flatMap(([column]) => frame(column, [-1, 1, 1, -1, -1])),
        y: layer.cells.flatMap(([, row]) => frame(row, [-1, -1, 1, 1, -1])),
        line: { color: layer.color, width: 2 },
      }, {
        // A line in the legend would not say that it is a frame.
        type: "scatter",
        mode: "markers",
        name: plain(layer.name),
        legendgroup: layer.name,
        showlegend: layer.cells.length > 0,
        x: [null],
        y: [null],
        marker: { symbol: "square-open", size: 12, color: layer.color, line: { width: 2 } },
      }];
    case "marks":
      return [{
        type: "scatter",
        mode: "markers",
        name: plain(layer.name),
        legendgroup: layer.name,
        showlegend: layer.x.length > 0,
        x: [...layer.x],
        y: [...layer.y],
        marker: {
          symbol: symbols[layer.symbol],
          size: layer.symbol === "star" ? 15 : 12,
          color: layer.color,
          line: {
            color: layer.symbol === "ring" ? layer.color : theme.background,
            width: layer.symbol === "ring" ? 2 : 1,
          },
        },
        ...hover(layer.hover),
      }];
    case "steps": {
      const floor = panel.y.range[0];
      const x = [layer.edges[0], ...layer.edges.flatMap((edge) => [edge, edge]).slice(1, -1)];
      const tops = layer.heights.flatMap((
        height,
      ) => [Math.max(height, floor), Math.max(height, floor)]);
      return [{
        type: "scatter",
        mode: "lines",
        name: plain(layer.name),
        legendgroup: layer.name,
        showlegend: layer.legend,
        x: [...x, layer.edges.at(-1)!, layer.edges.at(-1)!],
        y: [floor, ...tops, floor],
        fill: "toself",
        fillcolor: withOpacity(layer.color, 0.22),
        line: { color: layer.color, width: 1.5 },
        hoverinfo: "name",
      }];
    }
    case "rule":
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
}

function cellTraces(layer: Layer & { kind: "cells" }): { [name: string]: Json }[] {
  const finite = layer.values.flat().filter((value) => value !== null);
  const lowest = Math.min(...finite);
  const span = Math.max(...finite) - lowest;
  const rows = layer.values.map((_, row) => row);
  const columns = (layer.values[0] ?? []).map((_, column) => column);
  const at = layer.values.flatMap((row, y) => row.map((value, x) => ({ x, y, value })));
  const colorOf = (value: number | null) =>
    textColorOn(value === null ? "#f0f2f4" : heatColor(span > 0 ? (value - lowest) / span : 0));
  return [{
    type: "heatmap",
    x: columns,
    y: rows,
    z: layer.values.map((row) => [...row]),
    zmin: lowest,
    zmax: span > 0 ? lowest + span : lowest + 1,
    colorscale: heatScale(),
    showscale: false,
    xgap: 1,
    ygap: 1,
    text: layer.hover.map((row) => row.map(plain)),
    hovertemplate: "%{text}<extra></extra>",
  }, {
    // The text of cells as its own trace: it is coloured for each cell as in the static image.
    type: "scatter",
    mode: "text",
    x: at.map(({ x }) => x),
    y: at.map(({ y }) => y),
    text: at.map(({ x, y }) => plain(layer.text[y][x])),
    textfont: { size: 11, color: at.map(({ value }) => colorOf(value)) },
    hoverinfo: "skip",
    showlegend: false,
  }];
}

function rules(panel: Panel, suffix: string): JsonObject[] {
  return panel.layers.filter((layer) => layer.kind === "rule").map((layer) => ({
    text: plain(layer.label),
    showarrow: false,
    xref: `x${suffix}`,
    yref: `y${suffix}`,
    x: panel.x.range[1],
    y: layer.y,
    xanchor: "right",
    yanchor: "bottom",
    font: { size: 11, color: layer.color },
  }));
}

const symbols: { readonly [name in MarkSymbol]: string } = {
  circle: "circle",
  diamond: "diamond",
  star: "star",
  square: "square",
  ring: "circle-open",
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
function plain(text: string): string {
  return escapeHtml(text);
}
