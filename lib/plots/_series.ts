import { canonicalJson, type JsonObject } from "../core/json.ts";
import { counted, formatAxis, formatPoint } from "../statistics/format.ts";
import type { SettingAxis } from "./axes.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Setting, varyingAxes } from "./settings.ts";
import { categoricalColors, orderedColors, theme } from "./theme.ts";

/** A value at a setting of an axis. */
export interface SeriesPoint {
  readonly value: Setting;
  readonly y: number;
  /** Half length of its bar; null for none. */
  readonly error: number | null;
  readonly hollow: boolean;
  readonly hover: string;
}

/** Values along an axis that belong together. */
export interface Series {
  /** Values that its points share. */
  readonly others: JsonObject;
  readonly isBaseline: boolean;
  readonly points: readonly SeriesPoint[];
}

/** Series that have a colour of their own at most; the others are grey. */
export const mostColors = categoricalColors.length;

/** What tells a series from the others of a figure. */
export interface SeriesStyle {
  readonly name: string;
  /** Null for grey. */
  readonly color: string | null;
}

/**
 * Draws series with marks and bars, set apart a little so that they do not hide each other: joined along
 * a scale, apart where places have no order or points are scattered.
 *
 * @param options.styles Names and colours, as {@link seriesStyles} gives them.
 */
export function seriesLayers(
  x: SettingAxis,
  series: readonly Series[],
  options: { readonly styles: SeriesStyles; readonly scattered: boolean },
): Layer[] {
  const { styles } = options;
  const order = [...styles.keys()];
  const styled = series.map((each) => ({ ...each, ...styles.get(styleKey(each))! }))
    .sort((a, b) => order.indexOf(styleKey(a)) - order.indexOf(styleKey(b)));
  const grey = styled.filter(({ color }) => color === null);
  const colored = styled.filter(({ color }) => color !== null);
  const joined = x.continuous && !options.scattered;
  const step = joined
    ? Math.min(0.012, 0.06 / colored.length) * (x.axis.range[1] - x.axis.range[0])
    : options.scattered && x.continuous
    ? 0
    : Math.min(0.12, 0.7 / colored.length);
  const greyName = counted(grey.length, "other setting");
  return [
    ...grey.flatMap(({ points }, index): Layer[] => {
      const placed = placedPoints(x, points, 0);
      return [{
        kind: "line",
        name: greyName,
        color: theme.axis,
        x: placed.map(({ at }) => at),
        y: placed.map(({ y }) => y),
        width: 1,
        joined,
        marks: !joined,
        hover: placed.map(({ hover }) => hover),
        legend: index === 0,
      }];
    }),
    ...colored.flatMap(({ name, color, points }, index): Layer[] => {
      const placed = placedPoints(x, points, (index - (colored.length - 1) / 2) * step);
      const line = (part: typeof placed, legend: boolean): Layer => ({
        kind: "line",
        name,
        color: color!,
        x: part.map(({ at }) => at),
        y: part.map(({ y }) => y),
        errors: part.map(({ error }) => error),
        ...(joined ? {} : { joined }),
        marks: true,
        hollow: part.map(({ hollow }) => hollow),
        hover: part.map(({ hover }) => hover),
        legend,
      });
      const apart = joined ? placed.filter(({ value }) => isApart(x, value)).length : 0;
      if (apart === 0 || placed.length < 2) return [line(placed, true)];
      const bridges = placed.slice(0, Math.min(apart, placed.length - 1)).map((
        from,
        at,
      ): Layer => ({
        kind: "line",
        name,
        color: color!,
        x: [from.at, placed[at + 1].at],
        y: [from.y, placed[at + 1].y],
        dash: true,
        legend: false,
      }));
      const ends = placed.slice(0, apart).map((each) => line([each], false));
      return [...bridges, ...ends, line(placed.slice(apart), true)];
    }),
  ];
}

function placedPoints(x: SettingAxis, points: readonly SeriesPoint[], shift: number) {
  return points.map((point) => ({ ...point, at: x.position(point.value)! + shift }))
    .sort((a, b) => a.at - b.at);
}

function isApart({ zeroApart }: SettingAxis, value: Setting): boolean {
  return value === undefined || zeroApart && value === 0;
}

/** Styles by the values that the points of a series share, in the order in which they are drawn. */
export type SeriesStyles = ReadonlyMap<string, SeriesStyle>;

function styleKey({ others }: { readonly others: JsonObject }): string {
  return canonicalJson(others);
}

/**
 * Names and colours of series. Of many the baseline's and those that reach lowest have colours (of values
 * of one axis: some from the first to the last), and the others are grey. Values of one axis of numbers go
 * from dark to light; anything else has colours without an order.
 *
 * @param single What a single series is called.
 */
export function seriesStyles(series: readonly Series[], single: string): SeriesStyles {
  const axes = varyingAxes(series.map(({ others }) => others));
  const isNumber = ({ others }: Series) => typeof others[axes[0]] === "number";
  const ordered = axes.length === 1 && series.filter((each) => !isNumber(each)).length <= 1 &&
    series.every((each) => isNumber(each) || !(axes[0] in each.others));
  const valueOf = ({ others }: Series) => Number(others[axes[0]] ?? -Infinity);
  const sorted = ordered ? series.toSorted((a, b) => valueOf(a) - valueOf(b)) : series;
  const chosen = ordered ? spread(sorted) : lowest(sorted);
  const colors = ordered ? orderedColors(chosen.length) : categoricalColors;
  return new Map(sorted.map((each) => [styleKey(each), {
    name: series.length === 1 ? single : nameOf(each.others, axes),
    color: chosen.includes(each) ? colors[chosen.indexOf(each)] : null,
  }]));
}

/** What series differ in, as one of them has it. */
function nameOf(others: JsonObject, axes: readonly string[]): string {
  const own = axes.filter((axis) => axis in others);
  if (own.length > 0) {
    return formatPoint(Object.fromEntries(own.map((axis) => [axis, others[axis]])));
  }
  const names = axes.map(formatAxis);
  return names.length === 1 ? `no ${names[0]}` : `none of ${names.join(", ")}`;
}

/** Some series from the first to the last. */
function spread(series: readonly Series[]): Series[] {
  if (series.length <= mostColors) return [...series];
  const places = Array.from(
    { length: mostColors },
    (_, index) => Math.round(index * (series.length - 1) / (mostColors - 1)),
  );
  return places.map((place) => series[place]);
}

/** The baseline's series and those that reach lowest, in their order. */
function lowest(series: readonly Series[]): Series[] {
  const reach = ({ points }: Series) => Math.min(...points.map(({ y }) => y));
  const best = series.toSorted((a, b) =>
    Number(b.isBaseline) - Number(a.isBaseline) || reach(a) - reach(b)
  ).slice(0, mostColors);
  return series.filter((each) => best.includes(each));
}

/** Says what is grey; nothing where all have colours. */
export function colorNote(series: readonly { readonly others: JsonObject }[]): string {
  if (series.length <= mostColors) return "";
  return varyingAxes(series.map(({ others }) => others)).length === 1
    ? " Grey: values between those in colour."
    : " Grey: all but the baseline's settings and those that reach lowest.";
}

/** Ends of all bars, or the values where there is none. */
export function seriesEnds(series: readonly Series[]): number[] {
  return series.flatMap(({ points }) =>
    points.flatMap(({ y, error }) => [y - (error ?? 0), y + (error ?? 0)])
  );
}

/** Where the legend of series stands, and how high the figure is: long names take no width from panels. */
export function legendOf(
  series: readonly { readonly others: JsonObject }[],
): Pick<Chart, "legend" | "height"> {
  const height = 430;
  if (series.length < 2) return { legend: "none", height };
  const axes = varyingAxes(series.map(({ others }) => others));
  return axes.length > 1 ? { legend: "bottom", height: height + 50 } : { legend: "right", height };
}
