import { roundTicks } from "./axes.ts";
import { cellsOf } from "./_cells.ts";
import type { Axis, CellsLayer, Chart, DashPattern, Layer, Panel } from "./chart.ts";
import { fillOpacity } from "./dark.ts";
import {
  type ChartLayout,
  horizontalTitleLines,
  layOut,
  lineHeight,
  panelTitleLines,
  type Rectangle,
  sampleWidth,
  textWidth,
  tickRows,
  verticalTitleLines,
} from "./layout.ts";
import { mark } from "./marks.ts";
import type { Place, Shape, TextStyle } from "./shapes.ts";
import { textColorOn, theme } from "./theme.ts";

/** A chart as shapes at places: what every writer of static images writes. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly heading: readonly Shape[];
  readonly panels: readonly {
    /** What `inside` is clipped to. */
    readonly area: Rectangle;
    /** Title, axes, labels and grid, behind the rest. */
    readonly around: readonly Shape[];
    readonly inside: readonly Shape[];
  }[];
  readonly legend: readonly Shape[];
}

type Placed = (x: number, y: number) => Place;

/** Dashes and gaps in pixels. */
const dashes: { readonly [name in DashPattern]: string } = {
  dash: "6 4",
  dot: "1.5 3",
  dashDot: "8 3 1.5 3",
  longDash: "12 4",
  dashDotDot: "8 3 1.5 3 1.5 3",
};

function dashOf({ dash }: { readonly dash?: boolean | DashPattern }): string | undefined {
  return dash ? dashes[dash === true ? "dash" : dash] : undefined;
}

/** Draws a chart: the shapes of its heading, panels and legend, in the width and height it has. */
export function drawChart(chart: Chart): Drawing {
  const layout = layOut(chart);
  return {
    width: chart.width,
    height: chart.height,
    heading: heading(layout),
    panels: chart.panels.map((panel, index) => drawPanel(chart, panel, layout.panels[index])),
    legend: legend(layout, sampleWidth(chart)),
  };
}

function text(x: number, y: number, content: string, style: TextStyle = {}): Shape {
  return { kind: "text", at: [x, y], content, style };
}

function line(from: Place, to: Place, stroke: string, dash?: string, width = 1): Shape {
  return { kind: "line", from, to, paint: { stroke, width, dash } };
}

function heading({ titleLines, subtitleLines }: ChartLayout): Shape[] {
  let top = 20;
  const lines: Shape[] = [];
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

function drawPanel(chart: Chart, panel: Panel, area: Rectangle): Drawing["panels"][number] {
  const scale = (axis: Axis, length: number) => (value: number) =>
    (value - axis.range[0]) / (axis.range[1] - axis.range[0]) * length;
  const horizontal = scale(panel.x, area.width);
  const vertical = scale(panel.y, area.height);
  const place: Placed = (x, y) => [area.left + horizontal(x), area.top + area.height - vertical(y)];
  const cells = panel.layers.some(({ kind }) => kind === "cells");
  return {
    area,
    around: [
      ...panelTitleLines(chart, panel, area.width).toReversed().map((line, row) =>
        text(area.left + area.width / 2, area.top - 9 - row * lineHeight.tick, line, {
          anchor: "middle",
          weight: 600,
        })
      ),
      ...axes(panel, area, place, !cells),
      ...axisTitles(chart, panel, area),
    ],
    inside: panel.layers.flatMap((layer) =>
      drawLayer(layer, panel, place, chart.print ? theme.textSize : 11)
    ),
  };
}

function axes(panel: Panel, area: Rectangle, place: Placed, grid: boolean): Shape[] {
  const bottom = area.top + area.height;
  const right = area.left + area.width;
  const shapes: Shape[] = [];
  const inside = (axis: Axis) =>
    (axis.ticks ?? roundTicks(axis.range)).filter(({ position }) =>
      position >= axis.range[0] && position <= axis.range[1]
    );
  for (const { position, label } of inside(panel.y)) {
    const [, y] = place(panel.x.range[0], position);
    if (grid) shapes.push(line([area.left, y], [right, y], theme.grid));
    shapes.push(text(area.left - 8, y + 4, label, { anchor: "end", fill: theme.muted }));
  }
  let free = -Infinity;
  for (const { position, label } of inside(panel.x)) {
    const [x] = place(position, panel.y.range[0]);
    if (grid) shapes.push(line([x, bottom], [x, bottom + 5], theme.axis));
    if (panel.x.turned) {
      shapes.push(
        text(x + 4, bottom + 9, label, { anchor: "end", fill: theme.muted, upwards: true }),
      );
      continue;
    }
    // A label that would run into the one before it is left out; its tick stays.
    const half = Math.max(...label.split("\n").map((part) => textWidth(part, theme.textSize))) / 2;
    if (x - half < free) continue;
    free = x + half;
    for (const [row, part] of label.split("\n").entries()) {
      const y = bottom + 19 + row * lineHeight.tick;
      shapes.push(text(x, y, part, { anchor: "middle", fill: theme.muted }));
    }
  }
  if (grid) shapes.push(line([area.left, bottom], [right, bottom], theme.axis));
  return shapes;
}

function axisTitles(chart: Chart, panel: Panel, area: Rectangle): Shape[] {
  const below = area.top + area.height + 40 + tickRows(panel) * lineHeight.tick;
  return [
    ...horizontalTitleLines(chart, panel, area.width).map((line, row) =>
      text(area.left + area.width / 2, below + row * lineHeight.tick, line, { anchor: "middle" })
    ),
    ...verticalTitleLines(chart, panel, area.height).toReversed().map((line, row) =>
      text(area.left - 50 - row * lineHeight.tick, area.top + area.height / 2, line, {
        anchor: "middle",
        upwards: true,
      })
    ),
  ];
}

function drawLayer(layer: Layer, panel: Panel, place: Placed, small: number): Shape[] {
  switch (layer.kind) {
    case "line":
      return drawLine(layer, place);
    case "band": {
      const upper = layer.x.map((x, index) => place(x, layer.upper[index]));
      const lower = layer.x.map((x, index) => place(x, layer.lower[index])).reverse();
      return [{
        kind: "path",
        points: [...upper, ...lower],
        closed: true,
        paint: { fill: layer.color, opacity: fillOpacity.band },
      }];
    }
    case "cells":
      return drawCells(layer, place, small);
    case "frames":
      return layer.cells.map(([column, row]) => {
        const [left, top] = place(column - 0.5, row + 0.5);
        const [right, bottom] = place(column + 0.5, row - 0.5);
        return {
          kind: "box",
          area: {
            left: left + 2,
            top: top + 2,
            width: right - left - 4,
            height: bottom - top - 4,
          },
          // Light beside dark, so that it is seen on cells of any colour.
          paints: [
            { fill: "none", stroke: "white", width: 5 },
            { fill: "none", stroke: "black", width: 2 },
          ],
        };
      });
    case "marks":
      return layer.x.map((x, index) => mark(layer.symbol, place(x, layer.y[index]), layer.color));
    case "steps":
      return drawSteps(layer, panel, place);
    case "rule": {
      const [left, y] = place(panel.x.range[0], layer.y);
      const [right] = place(panel.x.range[1], layer.y);
      return [
        line([left, y], [right, y], layer.color, "5 4"),
        text(right - 6, y - 6, layer.label, { anchor: "end", fill: layer.color, size: small }),
      ];
    }
  }
}

function drawLine(layer: Layer & { kind: "line" }, place: Placed): Shape[] {
  const points = layer.x.map((x, index) => place(x, layer.y[index]));
  const shapes: Shape[] = [];
  for (const [index, error] of (layer.errors ?? []).entries()) {
    if (error === null || error === undefined) continue;
    const [x, top] = place(layer.x[index], layer.y[index] + error);
    const [, bottom] = place(layer.x[index], layer.y[index] - error);
    shapes.push(
      line([x, top], [x, bottom], layer.color),
      line([x - 3, top], [x + 3, top], layer.color),
      line([x - 3, bottom], [x + 3, bottom], layer.color),
    );
  }
  if (points.length > 1 && layer.joined !== false) {
    shapes.push({
      kind: "path",
      points,
      closed: false,
      paint: {
        fill: "none",
        stroke: layer.color,
        width: layer.width ?? 2,
        dash: dashOf(layer),
      },
    });
  }
  if (layer.marks) {
    shapes.push(
      ...(layer.markedAt ?? points.keys().toArray()).map((index) =>
        mark(layer.symbol ?? "circle", points[index], layer.color, layer.hollow?.[index] ?? false)
      ),
    );
  }
  return shapes;
}

function drawCells(layer: CellsLayer, place: Placed, small: number): Shape[] {
  return cellsOf(layer).flatMap(({ x, y, color }): Shape[] => {
    const [left, top] = place(x - 0.5, y + 0.5);
    const [right, bottom] = place(x + 0.5, y - 0.5);
    // One pixel of overlap would show as a line; a pixel of white between cells is wanted.
    const area = { left, top, width: right - left - 1, height: bottom - top - 1 };
    return [
      { kind: "box", area, paints: [{ fill: color }] },
      text((left + right) / 2, (top + bottom) / 2 + 4, layer.text[y][x], {
        anchor: "middle",
        fill: textColorOn(color),
        size: small,
      }),
    ];
  });
}

function drawSteps(layer: Layer & { kind: "steps" }, panel: Panel, place: Placed): Shape[] {
  const floor = panel.y.range[0];
  const points = [place(layer.edges[0], floor)];
  for (const [index, height] of layer.heights.entries()) {
    const top = Math.max(height, floor);
    points.push(place(layer.edges[index], top), place(layer.edges[index + 1], top));
  }
  points.push(place(layer.edges.at(-1)!, floor));
  return [{
    kind: "path",
    points,
    closed: true,
    paint: {
      fill: layer.color,
      fillOpacity: fillOpacity.steps,
      stroke: layer.color,
      width: 1.5,
      dash: dashOf(layer),
    },
  }];
}

function legend({ entries, entryPlaces }: ChartLayout, width: number): Shape[] {
  return entries.flatMap(({ lines, layer }, index) => {
    const { left, top } = entryPlaces[index];
    const middle = top + lineHeight.legend / 2;
    return [
      ...legendSample(layer, left, middle, width),
      ...lines.map((line, row) => text(left + width + 6, middle + 4 + row * lineHeight.tick, line)),
    ];
  });
}

function legendSample(layer: Layer, left: number, middle: number, width: number): Shape[] {
  const area = { left: left + 3, top: middle - 6, width: width - 6, height: 12 };
  const centre: Place = [left + width / 2, middle];
  switch (layer.kind) {
    case "line":
      return [
        ...(layer.joined === false ? [] : [
          line(
            [left, middle],
            [left + width, middle],
            layer.color,
            dashOf(layer),
            2,
          ),
        ]),
        ...(layer.marks
          ? [
            mark(
              layer.symbol ?? "circle",
              centre,
              layer.color,
              layer.hollow?.every(Boolean),
            ),
          ]
          : []),
      ];
    case "frames":
      return [{
        kind: "box",
        area,
        paints: [{ fill: "none", stroke: layer.color, width: 2 }],
      }];
    case "marks":
      return [mark(layer.symbol, centre, layer.color)];
    case "steps":
      return [{
        kind: "box",
        area,
        paints: [{
          fill: layer.color,
          fillOpacity: fillOpacity.steps,
          stroke: layer.color,
          dash: dashOf(layer),
        }],
      }];
    default:
      return [];
  }
}
