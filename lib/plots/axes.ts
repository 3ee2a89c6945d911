import { canonicalJson, type Json } from "../core/json.ts";
import { formatAxis, formatSetting } from "../statistics/format.ts";
import type { Axis, Tick } from "./chart.ts";

/** Where the values of one axis of a search space are drawn. */
export interface SettingAxis {
  readonly axis: Axis;
  /** Position of a value; undefined for a value that the axis does not have. */
  position(value: Json): number | undefined;
  /** Values from left to right. */
  readonly values: readonly Json[];
  /** Whether the first value is a zero set apart from a logarithmic axis. */
  readonly zeroApart: boolean;
}

/** Whether values are better told apart by their ratios: a wide range, or several steps of 2.5 and more. */
function isGeometric(positive: readonly number[]): boolean {
  if (positive.length < 2) return false;
  const ratio = positive.at(-1)! / positive[0];
  // Four doublings, or wider.
  return ratio >= 16 || positive.length > 2 && ratio ** (1 / (positive.length - 1)) >= 2.5;
}

/**
 * Lays out the values of an axis of a search space: logarithmic when they grow by factors (1, 3, 10)
 * or span a factor of 16 and more, with 0 shown in its own place left of the smallest positive value; linear otherwise; evenly
 * spaced in their order when any is no number.
 *
 * @param name Name of the axis.
 * @param values Its values, in any order, repeated or not.
 * @param unit What the title says after the symbol.
 */
export function settingAxis(name: string, values: readonly Json[], unit = ""): SettingAxis {
  const distinct = [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
  const title = unit === "" ? formatAxis(name) : `${formatAxis(name)} (${unit})`;
  const numbers = distinct.filter((value) => typeof value === "number");
  if (numbers.length < distinct.length || numbers.length === 0) {
    return evenAxis(title, distinct, false);
  }
  const sorted = [...numbers].sort((a, b) => a - b);
  const positive = sorted.filter((value) => value > 0);
  const logarithmic = sorted[0] >= 0 && isGeometric(positive);
  if (!logarithmic) return placedAxis(title, sorted, (value) => value, false);
  const logs = positive.map(Math.log10);
  const gap = (logs.at(-1)! - logs[0]) / Math.max(1, logs.length - 1);
  return placedAxis(
    title,
    sorted,
    (value) => value === 0 ? logs[0] - gap : Math.log10(value),
    sorted[0] === 0,
  );
}

/** The same values at 0, 1, 2, …, as heat maps need them. */
export function cellAxis(name: string, values: readonly Json[], unit = ""): SettingAxis {
  const { axis, values: sorted, zeroApart } = settingAxis(name, values, unit);
  return evenAxis(axis.title, sorted, zeroApart);
}

function evenAxis(title: string, values: readonly Json[], zeroApart: boolean): SettingAxis {
  const keys = values.map((value) => canonicalJson(value));
  const ticks = values.map((value, position) => ({ position, label: formatSetting(value) }));
  return {
    axis: { title, range: [-0.5, Math.max(1, values.length) - 0.5], ticks },
    position: (value) => {
      const found = keys.indexOf(canonicalJson(value));
      return found < 0 ? undefined : found;
    },
    values,
    zeroApart,
  };
}

function placedAxis(
  title: string,
  values: readonly number[],
  place: (value: number) => number,
  zeroApart: boolean,
): SettingAxis {
  const positions = values.map(place);
  const [first, last] = [positions[0], positions.at(-1)!];
  const margin = last > first ? 0.06 * (last - first) : 0.5;
  const ticks: Tick[] = values.map((value, index) => ({
    position: positions[index],
    label: formatSetting(value),
  }));
  return {
    axis: { title, range: [first - margin, last + margin], ticks },
    position: (value) =>
      typeof value === "number" && values.includes(value) ? place(value) : undefined,
    values,
    zeroApart,
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
