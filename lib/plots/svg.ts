import { escapeHtml } from "../core/html.ts";
import { hashJson } from "../core/json.ts";
import { roundTicks } from "./axes.ts";
import { cellsOf } from "./_cells.ts";
import type { Axis, CellsLayer, Chart, Layer, Panel } from "./chart.ts";
import { darkStyle, fillOpacity } from "./dark.ts";
import { box, line, mark, path, round, text } from "./_svg_elements.ts";
import {
  type ChartLayout,
  layOut,
  lineHeight,
  type Rectangle,
  textWidth,
  tickRows,
} from "./layout.ts";
import { textColorOn, theme } from "./theme.ts";

type Place = (x: number, y: number) => readonly [number, number];

/**
 * Draws a chart as SVG, with no browser: the same bytes for the same chart on any machine.
 *
 * @param chart The chart.
 * @returns A document of its own, with title and description for screen readers.
 */
export function renderSvg(chart: Chart): string {
  const layout = layOut(chart);
  // Several images may stand in one page, where identifiers are shared.
  const name = hashJson(chart).slice(0, 8);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" id="chart-${name}" role="img" viewBox="0 0 ${chart.width} ${chart.height}" ` +
    `width="${chart.width}" height="${chart.height}" font-family="${escapeHtml(theme.font)}" ` +
    `font-size="${theme.textSize}" fill="${theme.text}">`,
    `<title>${escapeHtml(chart.title)}</title><desc>${escapeHtml(chart.alt)}</desc>`,
    `<style>${darkStyle(chart, `chart-${name}`)}</style>`,
    `<rect width="${chart.width}" height="${chart.height}" fill="${theme.background}"/>`,
    ...heading(layout),
    ...chart.panels.flatMap((panel, index) =>
      drawPanel(panel, layout.panels[index], `clip-${name}-${index}`)
    ),
    ...legend(layout),
    "</svg>",
  ];
  return parts.join("\n") + "\n";
}

function heading({ titleLines, subtitleLines }: ChartLayout): string[] {
  let top = 20;
  const lines: string[] = [];
  for (const line of titleLines) {
    top += lineHeight.title;
    lines.push(text(20, top - 5, line, { size: theme.titleSize, weight: 600 }));
  }
  for (const line of subtitleLines) {
    top += lineHeight.subtitle;
    lines.push(text(20, top - 4, line, { size: theme.subtitleSize, fill: theme.muted }));
  }
  return lines;
}

function drawPanel(panel: Panel, area: Rectangle, clip: string): string[] {
  const scale = (axis: Axis, length: number) => (value: number) =>
    (value - axis.range[0]) / (axis.range[1] - axis.range[0]) * length;
  const horizontal = scale(panel.x, area.width);
  const vertical = scale(panel.y, area.height);
  const place: Place = (x, y) => [area.left + horizontal(x), area.top + area.height - vertical(y)];
  const cells = panel.layers.some(({ kind }) => kind === "cells");
  return [
    `<clipPath id="${clip}"><rect ${box(area)}/></clipPath>`,
    ...(panel.title === undefined ? [] : [
      text(area.left + area.width / 2, area.top - 9, panel.title, {
        anchor: "middle",
        weight: 600,
      }),
    ]),
    ...axes(panel, area, place, !cells),
    `<g clip-path="url(#${clip})">`,
    ...panel.layers.flatMap((layer) => drawLayer(layer, panel, place)),
    "</g>",
  ];
}

function axes(panel: Panel, area: Rectangle, place: Place, grid: boolean): string[] {
  const bottom = area.top + area.height;
  const parts: string[] = [];
  const inside = (axis: Axis) =>
    (axis.ticks ?? roundTicks(axis.range)).filter(({ position }) =>
      position >= axis.range[0] && position <= axis.range[1]
    );
  for (const { position, label } of inside(panel.y)) {
    const [, y] = place(panel.x.range[0], position);
    if (grid) parts.push(line(area.left, y, area.left + area.width, y, theme.grid));
    parts.push(text(area.left - 8, y + 4, label, { anchor: "end", fill: theme.muted }));
  }
  let free = -Infinity;
  for (const { position, label } of inside(panel.x)) {
    const [x] = place(position, panel.y.range[0]);
    if (grid) parts.push(line(x, bottom, x, bottom + 5, theme.axis));
    // A label that would run into the one before it is left out; its tick stays.
    const half = Math.max(...label.split("\n").map((part) => textWidth(part, theme.textSize))) / 2;
    if (x - half < free) continue;
    free = x + half;
    for (const [row, part] of label.split("\n").entries()) {
      const y = bottom + 19 + row * lineHeight.tick;
      parts.push(text(x, y, part, { anchor: "middle", fill: theme.muted }));
    }
  }
  const below = bottom + 40 + tickRows(panel) * lineHeight.tick;
  if (grid) parts.push(line(area.left, bottom, area.left + area.width, bottom, theme.axis));
  const [x, y] = [area.left - 50, area.top + area.height / 2];
  parts.push(
    text(area.left + area.width / 2, below, panel.x.title, { anchor: "middle" }),
    `<g transform="rotate(-90 ${round(x)} ${round(y)})">${
      text(x, y, panel.y.title, { anchor: "middle" })
    }</g>`,
  );
  return parts;
}

function drawLayer(layer: Layer, panel: Panel, place: Place): string[] {
  switch (layer.kind) {
    case "line":
      return drawLine(layer, place);
    case "band": {
      const upper = layer.x.map((x, index) => place(x, layer.upper[index]));
      const lower = layer.x.map((x, index) => place(x, layer.lower[index])).reverse();
      return [
        `<path d="${
          path([...upper, ...lower])
        }Z" fill="${layer.color}" opacity="${fillOpacity.band}"/>`,
      ];
    }
    case "cells":
      return drawCells(layer, place);
    case "frames":
      return layer.cells.map(([column, row]) => {
        const [left, top] = place(column - 0.5, row + 0.5);
        const [right, bottom] = place(column + 0.5, row - 0.5);
        const area = {
          left: left + 2,
          top: top + 2,
          width: right - left - 4,
          height: bottom - top - 4,
        };
        // Light beside dark, so that it is seen on cells of any colour.
        return `<rect ${box(area)} fill="none" stroke="white" stroke-width="5"/>` +
          `<rect ${box(area)} fill="none" stroke="black" stroke-width="2"/>`;
      });
    case "marks":
      return layer.x.map((x, index) => mark(layer.symbol, place(x, layer.y[index]), layer.color));
    case "steps":
      return drawSteps(layer, panel, place);
    case "rule": {
      const [left, y] = place(panel.x.range[0], layer.y);
      const [right] = place(panel.x.range[1], layer.y);
      return [
        line(left, y, right, y, layer.color, "5 4"),
        text(right - 6, y - 6, layer.label, { anchor: "end", fill: layer.color, size: 11 }),
      ];
    }
  }
}

function drawLine(layer: Layer & { kind: "line" }, place: Place): string[] {
  const points = layer.x.map((x, index) => place(x, layer.y[index]));
  const parts: string[] = [];
  for (const [index, error] of (layer.errors ?? []).entries()) {
    if (error === null || error === undefined) continue;
    const [x, top] = place(layer.x[index], layer.y[index] + error);
    const [, bottom] = place(layer.x[index], layer.y[index] - error);
    parts.push(
      line(x, top, x, bottom, layer.color),
      line(x - 3, top, x + 3, top, layer.color),
      line(x - 3, bottom, x + 3, bottom, layer.color),
    );
  }
  if (points.length > 1 && layer.joined !== false) {
    const dash = layer.dash ? ` stroke-dasharray="6 4"` : "";
    parts.push(
      `<path d="${path(points)}" fill="none" stroke="${layer.color}" stroke-width="${
        layer.width ?? 2
      }"${dash}/>`,
    );
  }
  if (layer.marks) {
    parts.push(
      ...points.map((point, index) =>
        mark("circle", point, layer.color, layer.hollow?.[index] ?? false)
      ),
    );
  }
  return parts;
}

function drawCells(layer: CellsLayer, place: Place): string[] {
  return cellsOf(layer).flatMap(({ x, y, color }) => {
    const [left, top] = place(x - 0.5, y + 0.5);
    const [right, bottom] = place(x + 0.5, y - 0.5);
    // One pixel of overlap would show as a line; a pixel of white between cells is wanted.
    const area = { left, top, width: right - left - 1, height: bottom - top - 1 };
    return [
      `<rect ${box(area)} fill="${color}"/>`,
      text((left + right) / 2, (top + bottom) / 2 + 4, layer.text[y][x], {
        anchor: "middle",
        fill: textColorOn(color),
        size: 11,
      }),
    ];
  });
}

function drawSteps(layer: Layer & { kind: "steps" }, panel: Panel, place: Place): string[] {
  const floor = panel.y.range[0];
  const points = [place(layer.edges[0], floor)];
  for (const [index, height] of layer.heights.entries()) {
    const top = Math.max(height, floor);
    points.push(place(layer.edges[index], top), place(layer.edges[index + 1], top));
  }
  points.push(place(layer.edges.at(-1)!, floor));
  return [
    `<path d="${
      path(points)
    }Z" fill="${layer.color}" fill-opacity="${fillOpacity.steps}" stroke="${layer.color}" ` +
    `stroke-width="1.5"/>`,
  ];
}

function legend({ entries, entryPlaces }: ChartLayout): string[] {
  return entries.flatMap(({ name, layer }, index) => {
    const { left, top } = entryPlaces[index];
    const middle = top + lineHeight.legend / 2;
    return [...legendSample(layer, left, middle), text(left + 26, middle + 4, name)];
  });
}

function legendSample(layer: Layer, left: number, middle: number): string[] {
  switch (layer.kind) {
    case "line":
      return [
        ...(layer.joined === false ? [] : [
          line(left, middle, left + 20, middle, layer.color, layer.dash ? "6 4" : undefined, 2),
        ]),
        ...(layer.marks
          ? [mark("circle", [left + 10, middle], layer.color, layer.hollow?.every(Boolean))]
          : []),
      ];
    case "frames": {
      const area = { left: left + 3, top: middle - 6, width: 14, height: 12 };
      return [`<rect ${box(area)} fill="none" stroke="${layer.color}" stroke-width="2"/>`];
    }
    case "marks":
      return [mark(layer.symbol, [left + 10, middle], layer.color)];
    case "steps": {
      const area = { left: left + 3, top: middle - 6, width: 14, height: 12 };
      return [
        `<rect ${
          box(area)
        } fill="${layer.color}" fill-opacity="${fillOpacity.steps}" stroke="${layer.color}"/>`,
      ];
    }
    default:
      return [];
  }
}
