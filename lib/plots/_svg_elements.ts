import { escapeHtml } from "../core/html.ts";
import type { MarkSymbol } from "./chart.ts";
import type { Rectangle } from "./layout.ts";
import { theme } from "./theme.ts";

/** A symbol at a place. */
export function mark(
  symbol: MarkSymbol,
  [x, y]: readonly [number, number],
  color: string,
  hollow = false,
): string {
  const paint = hollow
    ? `fill="${theme.background}" stroke="${color}" stroke-width="1.8"`
    : `fill="${color}" stroke="${theme.background}" stroke-width="1"`;
  switch (symbol) {
    case "circle":
      return `<circle cx="${round(x)}" cy="${round(y)}" r="4.5" ${paint}/>`;
    case "dot":
      return `<circle cx="${round(x)}" cy="${round(y)}" r="2.5" fill="${color}"/>`;
    case "ring":
      return `<circle cx="${round(x)}" cy="${
        round(y)
      }" r="7" fill="none" stroke="${color}" stroke-width="2"/>`;
    case "square":
      return `<rect ${box({ left: x - 5, top: y - 5, width: 10, height: 10 })} ${paint}/>`;
    case "diamond":
      return `<path d="${path(polygon(x, y, [[0, -8], [8, 0], [0, 8], [-8, 0]]))}Z" ${paint}/>`;
    case "star": {
      const corners = Array.from({ length: 10 }, (_, index): [number, number] => {
        const radius = index % 2 === 0 ? 9 : 4;
        const angle = Math.PI * index / 5;
        return [radius * Math.sin(angle), -radius * Math.cos(angle)];
      });
      return `<path d="${path(polygon(x, y, corners))}Z" ${paint}/>`;
    }
  }
}

function polygon(x: number, y: number, corners: readonly (readonly [number, number])[]) {
  return corners.map(([dx, dy]) => [x + dx, y + dy] as const);
}

/** The commands of a path through places. */
export function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join(
    "",
  );
}

/** A straight line. */
export function line(
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  color: string,
  dash?: string,
  width = 1,
): string {
  const dashes = dash === undefined ? "" : ` stroke-dasharray="${dash}"`;
  return `<line x1="${round(fromX)}" y1="${round(fromY)}" x2="${round(toX)}" y2="${round(toY)}" ` +
    `stroke="${color}" stroke-width="${width}"${dashes}/>`;
}

/** A text, by default set from its left end. */
export function text(
  x: number,
  y: number,
  content: string,
  style: {
    readonly anchor?: "middle" | "end";
    readonly fill?: string;
    readonly size?: number;
    readonly weight?: number;
  } = {},
): string {
  const attributes = [
    style.anchor && `text-anchor="${style.anchor}"`,
    style.fill && `fill="${style.fill}"`,
    style.size && `font-size="${style.size}"`,
    style.weight && `font-weight="${style.weight}"`,
  ].filter(Boolean).map((attribute) => ` ${attribute}`).join("");
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${escapeHtml(content)}</text>`;
}

/** Attributes of a rectangle. */
export function box({ left, top, width, height }: Rectangle): string {
  return `x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}"`;
}

/** Two decimals are below what can be seen, and keep the bytes free of the last digits' noise. */
export function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
