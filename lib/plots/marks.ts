import type { MarkSymbol } from "./chart.ts";
import type { Paint, Place, Shape } from "./shapes.ts";
import { theme } from "./theme.ts";

const plus: readonly Place[] = [
  [-2, -7],
  [2, -7],
  [2, -2],
  [7, -2],
  [7, 2],
  [2, 2],
  [2, 7],
  [-2, 7],
  [-2, 2],
  [-7, 2],
  [-7, -2],
  [-2, -2],
];

/** A symbol at a place. */
export function mark(symbol: MarkSymbol, centre: Place, color: string, hollow = false): Shape {
  const paint: Paint = hollow
    ? { fill: theme.background, stroke: color, width: 1.8 }
    : { fill: color, stroke: theme.background, width: 1 };
  const [x, y] = centre;
  const polygon = (corners: readonly Place[]): Shape => ({
    kind: "path",
    points: corners.map(([dx, dy]) => [x + dx, y + dy]),
    closed: true,
    paint,
  });
  switch (symbol) {
    case "circle":
      return { kind: "circle", centre, radius: 4.5, paint };
    case "dot":
      return { kind: "circle", centre, radius: 2.5, paint: { fill: color } };
    case "ring":
      return {
        kind: "circle",
        centre,
        radius: 7,
        paint: { fill: "none", stroke: color, width: 2 },
      };
    case "square":
      return {
        kind: "box",
        area: { left: x - 5, top: y - 5, width: 10, height: 10 },
        paints: [paint],
      };
    case "diamond":
      return polygon([[0, -8], [8, 0], [0, 8], [-8, 0]]);
    case "triangle":
      return polygon([[0, -7], [6.5, 5], [-6.5, 5]]);
    case "triangleDown":
      return polygon([[0, 7], [6.5, -5], [-6.5, -5]]);
    case "plus":
      return polygon(plus);
    case "cross":
      return polygon(plus.map(([dx, dy]) => [Math.SQRT1_2 * (dx - dy), Math.SQRT1_2 * (dx + dy)]));
    case "star":
      return polygon(Array.from({ length: 10 }, (_, index) => {
        const radius = index % 2 === 0 ? 9 : 4;
        const angle = Math.PI * index / 5;
        return [radius * Math.sin(angle), -radius * Math.cos(angle)];
      }));
  }
}
