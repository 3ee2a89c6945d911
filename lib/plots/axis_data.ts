import { checkKeys, checkOneOf, show } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { AxisRole } from "../records/study_record.ts";
import { axesOfStudy } from "../statistics/axis_roles.ts";
import { countedWeightsOfAll } from "../statistics/counted_weights.ts";
import { axisMeaning } from "../statistics/axis_meaning.ts";
import { foldSizes } from "../statistics/fold_sizes.ts";
import type { Estimate } from "../statistics/estimate.ts";
import { counted, formatAxis } from "../statistics/format.ts";
import { meanInterval } from "../statistics/mean_interval.ts";
import { type LossUnit, lossUnit } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import {
  groupRuns,
  quantities,
  type Quantity,
  summarizeTrials,
  type View,
} from "../statistics/summarize.ts";
import { view as viewOption } from "../statistics/options.ts";
import { compared } from "./_compared.ts";
import { type AlongAxis, alongAxis } from "./along_axis.ts";
import { placeInTraining } from "./quantity_words.ts";
import { type Setting, without } from "./settings.ts";

/** A quantity against one axis, one series for each setting of the other axes. */
export interface QuantityByAxis {
  readonly axis: string;
  readonly role: AxisRole;
  /** All axes, in the study's order. */
  readonly axes: readonly string[];
  /** What the axis sets, in words; null where the specifications do not say. */
  readonly meaning: string | null;
  readonly quantity: Quantity;
  /** That of the study's losses; nats per token when left out. */
  readonly unit?: LossUnit;
  readonly view: View;
  /** Where in training points are looked at, in words. */
  readonly where: string;
  /** Among which weights zeros are counted, in words. */
  readonly counted: string;
  readonly bars: Bars;
  readonly folds: number;
  readonly seeds: number;
  /** Whether points are drawn as they lie, because no two of them differ in this axis alone. */
  readonly scattered: boolean;
  /** Axes of training at whose best value each point is drawn; empty where all points are. */
  readonly tunedOver: readonly string[];
  /** Whether that was chosen by the loss on the text that is shown; else by that on another block. */
  readonly chosenOnShown: boolean;
  /** Points that are not drawn because no other differs from them in this axis alone. */
  readonly leftOut: number;
  readonly series: readonly {
    /** Values that its points share; empty when there is one axis. */
    readonly others: JsonObject;
    /** Whether they are the baseline's. */
    readonly isBaseline: boolean;
    readonly points: readonly AxisPoint[];
  }[];
}

/** A point of the study on an axis. */
export interface AxisPoint {
  /** Its value on the axis; undefined when the point lacks it. */
  readonly value: Setting;
  /** The whole point. */
  readonly point: JsonObject;
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
  /**
   * Of its difference from the baseline, after Holm over all points; null without a test, for axes that
   * are no strengths, and where the point was chosen by the loss that is drawn.
   */
  readonly adjustedPValue: number | null;
}

/** What bars show: one standard error, by which points are selected, or a 95 % interval of the mean. */
export type Bars = "standardError" | "interval";

/** Options of figures against an axis. */
export interface AxisOptions {
  /** The first axis when left out. */
  readonly axis?: string;
  /**
   * At the last step, or at each point's best step.
   *
   * @default {"lastStep"}
   */
  readonly view?: View;
  /**
   * What bars show: one standard error, or a 95 % interval of the mean.
   *
   * @default {"standardError"}
   */
  readonly bars?: Bars;
}

/** Names of the options of {@link quantityByAxis}. */
export const quantityOptions = ["axis", "view", "quantity", "bars"] as const;

/** Names of {@link AxisOptions}. */
export const axisOptions = quantityOptions.filter((name) => name !== "quantity");

/**
 * Reads a quantity against one axis of the space, with standard errors and intervals over folds.
 *
 * @throws {RangeError} If the study has no such axis.
 */
export function quantityByAxis(
  source: StudyRecords,
  options: AxisOptions & { readonly quantity?: Quantity } = {},
): QuantityByAxis {
  checkKeys("quantityByAxis", options, quantityOptions);
  const { record, records } = source;
  const { axis, axes } = checkAxis(source, options.axis);
  const view = viewOption.check("view", options.view);
  const bars = checkOneOf("bars", options.bars ?? "standardError", ["standardError", "interval"]);
  const quantity = checkOneOf("quantity", options.quantity ?? "generalizationGap", quantities);
  const groups = new Map(groupRuns(record, records).map((group) => [group.key, group]));
  const summaries = summarizeTrials(record, records).filter((summary) => summary[view] !== null);
  const { series, scattered, tunedOver, leftOut } = alongAxis(
    source,
    axis,
    summaries,
    (summary) =>
      summary.complete
        ? (summary[view]!.choosing ?? summary[view]!.estimates.validationLoss).mean
        : Number.MAX_VALUE,
  );
  const { role } = axesOfStudy(record).find(({ name }) => name === axis)!;
  const tests = role === "strength" && tunedOver.length === 0
    ? compared(source, { quantity, view })?.points ?? []
    : [];
  const adjusted = new Map(tests.map(({ key, adjustedPValue }) => [key, adjustedPValue]));
  const settingOf = (point: JsonObject) => canonicalJson(without(point, tunedOver));
  const baselineKey = record.baseline === null ? null : settingOf(record.baseline);
  return {
    axis,
    role,
    axes,
    meaning: axisMeaning(record, axis),
    quantity,
    unit: lossUnit(record),
    view,
    where: placeInTraining(record, view),
    counted: countedWeightsOfAll(record.specifications),
    bars,
    folds: record.folds.length,
    seeds: record.seeds.length,
    scattered,
    tunedOver,
    chosenOnShown: summaries.every((summary) => summary[view]!.choosing === undefined),
    leftOut,
    series: series.map(({ others, isBaseline, members }) => ({
      others,
      isBaseline,
      points: members.map((summary) => {
        const estimate = summary[view]!.estimates[quantity];
        return {
          value: summary.point[axis],
          point: summary.point,
          estimate,
          interval: meanInterval(estimate.foldMeans, {
            sizes: foldSizes(record, groups.get(summary.key)!.folds.flat()),
          }).interval,
          learned: summary[view]!.learned,
          complete: summary.complete,
          isBaseline: settingOf(summary.point) === baselineKey,
          adjustedPValue: adjusted.get(summary.key) ?? null,
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

/** What a figure does not draw, and at what its points stand, in words. */
export function notDrawn(
  { tunedOver, chosenOnShown = true, leftOut }:
    & Pick<AlongAxis<never>, "tunedOver" | "leftOut">
    & { readonly chosenOnShown?: boolean },
  axis: string,
): string {
  const tuned = tunedOver.map(formatAxis).join(" and ");
  return (tuned === ""
    ? ""
    : ` Each setting stands at its own best ${tuned}: the lowest loss on ${
      chosenOnShown ? "the text that is shown" : "the block that chooses"
    }.`) +
    (leftOut === 0
      ? ""
      : ` ${counted(leftOut, "point")} with no other value of ${formatAxis(axis)} beside ${
        leftOut === 1 ? "it is" : "them are"
      } not drawn.`);
}

/** Names of the axes of a study's points, in their order. */
export function axesOf({ record }: StudyRecords): string[] {
  return [...new Set(record.space.points.flatMap((point) => Object.keys(point)))];
}
