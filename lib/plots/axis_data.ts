import { checkKeys, checkOneOf, show } from "../core/check.ts";
import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import { axisMeaning } from "../statistics/axis_meaning.ts";
import { compareWithBaseline } from "../statistics/compare.ts";
import { foldSizes } from "../statistics/fold_sizes.ts";
import type { Estimate } from "../statistics/estimate.ts";
import { meanInterval } from "../statistics/mean_interval.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import {
  groupRuns,
  quantities,
  type Quantity,
  summarizeTrials,
  type View,
} from "../statistics/summarize.ts";

/** A quantity against one axis, one series for each setting of the other axes. */
export interface QuantityByAxis {
  readonly axis: string;
  /** All axes, in the study's order. */
  readonly axes: readonly string[];
  /** What the axis sets, in words; null where the specifications do not say. */
  readonly meaning: string | null;
  readonly quantity: Quantity;
  readonly view: View;
  readonly bars: Bars;
  readonly folds: number;
  readonly seeds: number;
  readonly series: readonly {
    /** The other axes' values; empty when there is one axis. */
    readonly others: JsonObject;
    /** Whether they are the baseline's. */
    readonly isBaseline: boolean;
    readonly points: readonly AxisPoint[];
  }[];
}

/** A point of the study on an axis. */
export interface AxisPoint {
  readonly value: Json;
  readonly estimate: Estimate;
  /**
   * 95 % interval of the mean over folds, widened for folds that share training text; null where there
   * is none.
   */
  readonly interval: readonly [number, number] | null;
  /** Whether the training loss shows learning beyond counts. */
  readonly learned: boolean;
  readonly complete: boolean;
  readonly isBaseline: boolean;
  /** Of its difference from the baseline, after Holm over all points; null without a test. */
  readonly adjustedPValue: number | null;
}

/** What bars show: one standard error, by which points are selected, or a 95 % interval of the mean. */
export type Bars = "standardError" | "interval";

/** Options of figures against an axis. */
export interface AxisOptions {
  /** The first axis when left out. */
  readonly axis?: string;
  /** At the last step, or at each point's best step. */
  readonly view?: View;
  /** What bars show; `standardError`. */
  readonly bars?: Bars;
}

/**
 * Reads a quantity against one axis of the space, with standard errors and intervals over folds.
 *
 * @throws {RangeError} If the study has no such axis.
 */
export function quantityByAxis(
  source: StudyRecords,
  options: AxisOptions & { readonly quantity?: Quantity } = {},
): QuantityByAxis {
  checkKeys("quantityByAxis", options, ["axis", "view", "quantity", "bars"]);
  const { record, records } = source;
  const { axis, axes } = checkAxis(source, options.axis);
  const view = checkOneOf("view", options.view ?? "lastStep", ["lastStep", "bestStep"] as const);
  const bars = checkOneOf("bars", options.bars ?? "standardError", [
    "standardError",
    "interval",
  ]);
  const quantity = checkOneOf("quantity", options.quantity ?? "generalizationGap", quantities);
  const baselineKey = record.baseline === null ? null : canonicalJson(record.baseline);
  const compared = compareWithBaseline(record, records, { quantity, view })?.points;
  const groups = new Map(groupRuns(record, records).map((group) => [group.key, group]));
  const summaries = summarizeTrials(record, records).filter((summary) => summary[view] !== null);
  return {
    axis,
    axes,
    meaning: axisMeaning(record, axis),
    quantity,
    view,
    bars,
    folds: record.folds.length,
    seeds: record.seeds.length,
    series: seriesByAxis(source, axis, summaries).map(({ others, isBaseline, members }) => ({
      others,
      isBaseline,
      points: members.map((summary) => {
        const estimate = summary[view]!.estimates[quantity];
        return {
          value: summary.point[axis],
          estimate,
          interval: meanInterval(estimate.foldMeans, {
            sizes: foldSizes(record, groups.get(summary.key)!.folds.flat()),
          }).interval,
          learned: summary[view]!.learned,
          complete: summary.complete,
          isBaseline: summary.key === baselineKey,
          adjustedPValue: compared?.find(({ key }) => key === summary.key)?.adjustedPValue ?? null,
        };
      }),
    })),
  };
}

/** Returns the axis that is asked for, or the first, with all of the study's; or throws. */
export function checkAxis(
  source: StudyRecords,
  axis: string | undefined,
): { axis: string; axes: string[] } {
  const axes = axesOf(source);
  if (axes.length === 0) {
    throw new RangeError(
      `Study ${show(source.record.name)} has no axis to draw: its points are empty.`,
    );
  }
  return { axis: checkOneOf("axis", axis ?? axes[0], axes), axes };
}

/**
 * Points along an axis, those together that agree on all other axes, in the order of the study also
 * where a series begins with a point that is not among them.
 */
export function seriesByAxis<Point extends { readonly point: JsonObject }>(
  { record }: StudyRecords,
  axis: string,
  points: readonly Point[],
): { others: JsonObject; isBaseline: boolean; members: Point[] }[] {
  const keyOf = (point: JsonObject) => canonicalJson(without(point, axis));
  const baseline = record.baseline === null ? null : keyOf(record.baseline);
  const keys = [...new Set(record.space.points.map(keyOf))];
  const on = points.filter(({ point }) => axis in point);
  return keys.flatMap((key) => {
    const members = on.filter(({ point }) => keyOf(point) === key);
    return members.length === 0
      ? []
      : [{ others: without(members[0].point, axis), isBaseline: key === baseline, members }];
  });
}

/** Names of the axes of a study's points, in their order. */
export function axesOf({ record }: StudyRecords): string[] {
  return [...new Set(record.space.points.flatMap((point) => Object.keys(point)))];
}

function without(point: JsonObject, axis: string): JsonObject {
  return Object.fromEntries(Object.entries(point).filter(([name]) => name !== axis));
}
