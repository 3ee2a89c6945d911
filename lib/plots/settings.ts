import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import { formatAxis, formatSetting } from "../statistics/format.ts";

/** A value of an axis; undefined for a point that lacks the axis. */
export type Setting = Json | undefined;

/** What tells settings apart; no other one has that of a point without the axis. */
export function settingKey(value: Setting): string {
  return value === undefined ? "" : canonicalJson(value);
}

/** A setting as a label. */
export function settingLabel(value: Setting): string {
  return value === undefined ? "not set" : formatSetting(value);
}

/** An axis at a setting in a sentence, such as `λ = 1e-4` or `no dropout`. */
export function axisAt(axis: string, value: Setting): string {
  return value === undefined
    ? `no ${formatAxis(axis)}`
    : `${formatAxis(axis)} = ${formatSetting(value)}`;
}

/** A point without some of its axes. */
export function without(point: JsonObject, axes: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(point).filter(([name]) => !axes.includes(name)));
}

/** The axes of points in which they differ; a point that lacks one differs from those that have it. */
export function varyingAxes(points: readonly JsonObject[]): string[] {
  const axes = new Set(points.flatMap((point) => Object.keys(point)));
  return [...axes].filter((axis) =>
    new Set(points.map((point) => settingKey(point[axis]))).size > 1
  );
}
