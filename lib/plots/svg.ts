import { escapeHtml } from "../core/html.ts";
import { hashJson } from "../core/json.ts";
import type { Chart } from "./chart.ts";
import { darkStyle } from "./dark.ts";
import { drawChart } from "./drawing.ts";
import type { Rectangle } from "./layout.ts";
import { type Paint, type Place, round, type Shape } from "./shapes.ts";
import { theme } from "./theme.ts";

/**
 * Draws a chart as SVG, with no browser: the same bytes for the same chart on any machine.
 *
 * @param chart The chart.
 * @returns A document of its own, with title and description for screen readers.
 */
export function renderSvg(chart: Chart): string {
  const { width, height, heading, panels, legend } = drawChart(chart);
  // Several images may stand in one page, where identifiers are shared.
  const name = hashJson(chart).slice(0, 8);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" id="chart-${name}" role="img" viewBox="0 0 ${width} ${height}" ` +
    `width="${width}" height="${height}" font-family="${escapeHtml(theme.font)}" ` +
    `font-size="${theme.textSize}" fill="${theme.text}">`,
    `<title>${escapeHtml(chart.title)}</title><desc>${escapeHtml(chart.alt)}</desc>`,
    ...(chart.print ? [] : [`<style>${darkStyle(chart, `chart-${name}`)}</style>`]),
    `<rect width="${width}" height="${height}" fill="${theme.background}"/>`,
    ...heading.map(element),
    ...panels.flatMap(({ area, around, inside }, index) => [
      `<clipPath id="clip-${name}-${index}"><rect ${box(area)}/></clipPath>`,
      ...around.map(element),
      `<g clip-path="url(#clip-${name}-${index})">`,
      ...inside.map(element),
      "</g>",
    ]),
    ...legend.map(element),
    "</svg>",
  ];
  return parts.join("\n") + "\n";
}

function element(shape: Shape): string {
  switch (shape.kind) {
    case "line": {
      const [[fromX, fromY], [toX, toY]] = [shape.from, shape.to];
      return `<line x1="${round(fromX)}" y1="${round(fromY)}" x2="${round(toX)}" y2="${
        round(toY)
      }"${painted(shape.paint)}/>`;
    }
    case "box":
      return shape.paints.map((paint) => `<rect ${box(shape.area)}${painted(paint)}/>`).join("");
    case "circle": {
      const [x, y] = shape.centre;
      return `<circle cx="${round(x)}" cy="${round(y)}" r="${shape.radius}"${
        painted(shape.paint)
      }/>`;
    }
    case "path":
      return `<path d="${path(shape.points)}${shape.closed ? "Z" : ""}"${painted(shape.paint)}/>`;
    case "text":
      return text(shape);
  }
}

function text({ at, content, style }: Shape & { kind: "text" }): string {
  const [x, y] = at.map(round);
  const drawn = `<text x="${x}" y="${y}"${
    attributes({
      "text-anchor": style.anchor,
      fill: style.fill,
      "font-size": style.size,
      "font-weight": style.weight,
    })
  }>${escapeHtml(content)}</text>`;
  return style.upwards ? `<g transform="rotate(-90 ${x} ${y})">${drawn}</g>` : drawn;
}

function painted(paint: Paint): string {
  return attributes({
    fill: paint.fill,
    "fill-opacity": paint.fillOpacity,
    opacity: paint.opacity,
    stroke: paint.stroke,
    "stroke-width": paint.width,
    "stroke-dasharray": paint.dash,
  });
}

function attributes(values: { readonly [name: string]: string | number | undefined }): string {
  return Object.entries(values).map(([name, value]) =>
    value === undefined ? "" : ` ${name}="${value}"`
  ).join("");
}

function path(points: readonly Place[]): string {
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join(
    "",
  );
}

function box({ left, top, width, height }: Rectangle): string {
  return `x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}"`;
}
