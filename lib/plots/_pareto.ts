import type { Layer } from "./chart.ts";
import { theme } from "./theme.ts";

/** Two costs, both better when lower. */
export type Costs = readonly [number, number];

/**
 * Which points no other dominates: none is at most as costly in both, and less so in one.
 *
 * @param points Costs of each point.
 */
export function onParetoFront(points: readonly Costs[]): boolean[] {
  const dominates = (a: Costs, b: Costs) =>
    a[0] <= b[0] && a[1] <= b[1] && (a[0] < b[0] || a[1] < b[1]);
  return points.map((each) => !points.some((other) => dominates(other, each)));
}

/**
 * Corners of the border between what a front reaches and what it does not.
 *
 * @param front Its points, from the one with the lowest second cost on.
 */
export function staircase(front: readonly (readonly [number, number])[]): {
  x: number[];
  y: number[];
} {
  const corners = front.flatMap(([x, y], index) =>
    index === 0 ? [[x, y]] : [[front[index - 1][0], y], [x, y]]
  );
  return { x: corners.map(([x]) => x), y: corners.map(([, y]) => y) };
}

/**
 * The dashed border of a front.
 *
 * @param front As {@link staircase} takes it, in the units of the axes.
 */
export function frontLayer(front: Parameters<typeof staircase>[0]): Layer {
  return {
    kind: "line",
    name: "front",
    color: theme.muted,
    ...staircase(front),
    width: 1.2,
    dash: true,
    legend: false,
  };
}
