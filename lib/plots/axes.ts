import { formatAxis } from "../statistics/format.ts";
import type { Axis, Tick } from "./chart.ts";
import { type Setting, settingKey, settingLabel } from "./settings.ts";

/** Where the values of one axis of a search space are drawn. */
export interface SettingAxis {
  readonly axis: Axis;
  /** Position of a value; undefined for a value that the axis does not have. */
  position(value: Setting): number | undefined;
  /** Values from left to right, undefined for points that lack the axis. */
  readonly values: readonly Setting[];
  /** Whether a zero is set apart from a logarithmic axis. */
  readonly zeroApart: boolean;
  /** Whether values have an order and distances; else they are places side by side. */
  readonly continuous: boolean;
}

/** How {@link settingAxis} lays out an axis. */
export interface SettingAxisOptions {
  /** What the title says after the symbol. */
  readonly unit?: string;
  /** Whether its values are of a kind that grows by factors, such as sizes. */
  readonly byFactors?: boolean;
}

/** More values than these have ticks at round numbers only. */
const mostTicks = 10;

/** Whether values are better told apart by their ratios: a wide range, or several steps of 2.5 and more. */
function isGeometric(positive: readonly number[], byFactors: boolean): boolean {
  if (positive.length < 2) return false;
  if (byFactors && unevenness(positive.map(Math.log)) < unevenness(positive)) return true;
  const ratio = positive.at(-1)! / positive[0];
  // Four doublings, or wider.
  return ratio >= 16 || positive.length > 2 && ratio ** (1 / (positive.length - 1)) >= 2.5;
}

/** The largest of the distances between neighbours over the smallest; 1 where all are the same. */
function unevenness(sorted: readonly number[]): number {
  const gaps = sorted.slice(1).map((value, index) => value - sorted[index]);
  return Math.max(...gaps) / Math.min(...gaps);
}

/**
 * Lays out the values of an axis of a search space: logarithmic when they grow by factors (1, 3, 10)
 * or span a factor of 16 and more, with 0 shown in its own place left of the smallest positive value; linear
 * otherwise; evenly spaced in their order when any is no number. Points that lack the axis have a place at
 * the left.
 *
 * @param name Name of the axis.
 * @param values Its values, in any order, repeated or not; undefined for a point that lacks it.
 */
export function settingAxis(
  name: string,
  values: readonly Setting[],
  options: SettingAxisOptions = {},
): SettingAxis {
  const { unit = "", byFactors = false } = options;
  const distinct = [...new Map(values.map((value) => [settingKey(value), value])).values()];
  const present = distinct.filter((value) => value !== undefined);
  const absent: undefined[] = present.length < distinct.length ? [undefined] : [];
  const title = unit === "" ? formatAxis(name) : `${formatAxis(name)} (${unit})`;
  const numbers = present.filter((value) => typeof value === "number");
  if (numbers.length < present.length || numbers.length === 0) {
    return evenAxis(title, [...absent, ...present], false);
  }
  const sorted = [...numbers].sort((a, b) => a - b);
  const positive = sorted.filter((value) => value > 0);
  const logarithmic = sorted[0] >= 0 && isGeometric(positive, byFactors);
  const zeroApart = logarithmic && sorted[0] === 0;
  const scale = logarithmic ? Math.log10 : (value: number) => value;
  const scaled = logarithmic ? positive : sorted;
  const places = scaled.map(scale);
  const gap = (places.at(-1)! - places[0]) / Math.max(1, places.length - 1) || 1;
  // From right to left: the scale, a zero that is not on it, points without the axis.
  const apart = [...absent, ...(zeroApart ? [0] : [])];
  const place = (value: number | undefined) => {
    const index = apart.indexOf(value as never);
    return index >= 0 ? places[0] - gap * (apart.length - index) : scale(value!);
  };
  return placedAxis(title, [...absent, ...sorted], place, {
    zeroApart,
    ticks: scaled.length <= mostTicks
      ? [...absent, ...sorted]
      : [...apart, ...roundSettings(scaled, logarithmic)],
  });
}

/** Round numbers between the first and the last of many values. */
function roundSettings(sorted: readonly number[], logarithmic: boolean): number[] {
  const [first, last] = [sorted[0], sorted.at(-1)!];
  if (!logarithmic) return roundTicks([first, last]).map(({ position }) => position);
  const powers = Array.from(
    { length: Math.ceil(Math.log10(last)) - Math.floor(Math.log10(first)) + 1 },
    (_, index) => Math.floor(Math.log10(first)) + index,
  );
  const mantissas = powers.length > 4 ? [1] : [1, 3];
  return powers.flatMap((power) => mantissas.map((each) => Number(`${each}e${power}`)))
    .filter((value) => value >= first && value <= last);
}

/** The same values at 0, 1, 2, …, as heat maps need them. */
export function cellAxis(
  name: string,
  values: readonly Setting[],
  options: SettingAxisOptions = {},
): SettingAxis {
  const { axis, values: sorted, zeroApart } = settingAxis(name, values, options);
  return evenAxis(axis.title, sorted, zeroApart);
}

function evenAxis(title: string, values: readonly Setting[], zeroApart: boolean): SettingAxis {
  const keys = values.map(settingKey);
  const ticks = values.map((value, position) => ({ position, label: settingLabel(value) }));
  return {
    axis: { title, range: [-0.5, Math.max(1, values.length) - 0.5], ticks },
    position: (value) => {
      const found = keys.indexOf(settingKey(value));
      return found < 0 ? undefined : found;
    },
    values,
    zeroApart,
    continuous: false,
  };
}

function placedAxis(
  title: string,
  values: readonly (number | undefined)[],
  place: (value: number | undefined) => number,
  { zeroApart, ticks }: { zeroApart: boolean; ticks: readonly (number | undefined)[] },
): SettingAxis {
  const positions = values.map(place);
  const [first, last] = [positions[0], positions.at(-1)!];
  const margin = last > first ? 0.06 * (last - first) : 0.5;
  return {
    axis: {
      title,
      range: [first - margin, last + margin],
      ticks: ticks.map((value): Tick => ({ position: place(value), label: settingLabel(value) })),
    },
    position: (value) => values.includes(value as number) ? place(value as number) : undefined,
    values,
    zeroApart,
    continuous: true,
  };
}

/**
 * A range around values with some air; from 0 when all are at or above it and `fromZero` is set.
 */
export function valueRange(
  values: readonly number[],
  options: { readonly fromZero?: boolean } = {},
): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const lowest = Math.min(...finite);
  const highest = Math.max(...finite);
  const air = highest > lowest ? 0.06 * (highest - lowest) : Math.abs(highest) * 0.1 || 0.5;
  const bottom = options.fromZero && lowest >= 0 ? 0 : lowest - air;
  return [bottom, highest + air];
}

/** Round numbers inside a range, about as many as asked for. */
export function roundTicks(range: readonly [number, number], count = 6): Tick[] {
  const rough = (range[1] - range[0]) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const decimals = Math.max(
    0,
    -Math.floor(Math.log10(step) + 1e-9) + (step / power === 2.5 ? 1 : 0),
  );
  const ticks: Tick[] = [];
  for (
    let index = Math.ceil(range[0] / step - 1e-9);
    index * step <= range[1] + 1e-9 * step;
    index++
  ) {
    const position = index * step;
    ticks.push({ position, label: position.toFixed(decimals).replace("-", "−") });
  }
  return ticks;
}
