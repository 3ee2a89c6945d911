import type { Json } from "../core/json.ts";
import type { SettingAxis } from "./axes.ts";
import type { Layer } from "./chart.ts";
import { orderedColors } from "./theme.ts";

/** A value at a setting of an axis. */
export interface SeriesPoint {
  readonly value: Json;
  readonly y: number;
  /** Half length of its bar; null for none. */
  readonly error: number | null;
  readonly hollow: boolean;
  readonly hover: string;
}

/** Values along an axis that belong together. */
export interface Series {
  readonly name: string;
  readonly points: readonly SeriesPoint[];
}

/** Lines with marks and bars, one a series, set apart a little so that bars do not hide each other. */
export function seriesLayers(x: SettingAxis, series: readonly Series[]): Layer[] {
  const colors = orderedColors(series.length);
  const width = x.axis.range[1] - x.axis.range[0];
  return series.flatMap(({ name, points }, index): Layer[] => {
    const shift = (index - (series.length - 1) / 2) * Math.min(0.012, 0.06 / series.length) * width;
    const placed = points.map((point) => ({ ...point, at: x.position(point.value)! + shift }))
      .sort((a, b) => a.at - b.at);
    const line = (part: typeof placed, legend: boolean): Layer => ({
      kind: "line",
      name,
      color: colors[index],
      x: part.map(({ at }) => at),
      y: part.map(({ y }) => y),
      errors: part.map(({ error }) => error),
      marks: true,
      hollow: part.map(({ hollow }) => hollow),
      hover: part.map(({ hover }) => hover),
      legend,
    });
    const apart = x.zeroApart && placed.length > 1 && placed[0].value === 0;
    if (!apart) return [line(placed, true)];
    const bridge: Layer = {
      kind: "line",
      name,
      color: colors[index],
      x: [placed[0].at, placed[1].at],
      y: [placed[0].y, placed[1].y],
      dash: true,
      legend: false,
    };
    return [bridge, line(placed.slice(0, 1), false), line(placed.slice(1), true)];
  });
}

/** Ends of all bars, or the values where there is none. */
export function seriesEnds(series: readonly Series[]): number[] {
  return series.flatMap(({ points }) =>
    points.flatMap(({ y, error }) => [y - (error ?? 0), y + (error ?? 0)])
  );
}
