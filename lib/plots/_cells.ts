import type { CellsLayer } from "./chart.ts";
import { heatColor, theme } from "./theme.ts";

/** Where the cells of a layer stand and how they are coloured, row by row from the bottom. */
export function cellsOf({ values }: CellsLayer): { x: number; y: number; color: string }[] {
  const finite = values.flat().filter((value) => value !== null);
  const lowest = Math.min(...finite);
  const span = Math.max(...finite) - lowest;
  return values.flatMap((row, y) =>
    row.map((value, x) => ({
      x,
      y,
      color: value === null ? theme.emptyCell : heatColor(span > 0 ? (value - lowest) / span : 0),
    }))
  );
}
