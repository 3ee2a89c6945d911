import { checkKeys } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { formatAxis, formatNumber } from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { describe, effectOf, finding, isTested, subtitleOf } from "./_axis_words.ts";
import { legendOf, seriesEnds, seriesStyles } from "./_series.ts";
import {
  type AxisOptions,
  axisOptions,
  type AxisPoint,
  type QuantityByAxis,
  quantityByAxis,
} from "./axis_data.ts";
import { valueRange } from "./axes.ts";
import type { Chart } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { panelOf, seriesOf } from "./quantity_by_axis.ts";

/** Validation and training loss against one axis. */
export interface LossesByAxis {
  readonly validation: QuantityByAxis;
  readonly training: QuantityByAxis;
}

/**
 * Reads both losses against one axis of the space.
 *
 * @throws {RangeError} If the study has no such axis.
 */
export function lossesByAxis(source: StudyRecords, options: AxisOptions = {}): LossesByAxis {
  checkKeys("plotLosses", options, axisOptions);
  const read = (quantity: "validationLoss" | "trainingLoss") =>
    quantityByAxis(source, { ...options, quantity });
  return { validation: read("validationLoss"), training: read("trainingLoss") };
}

/** Draws both losses side by side on one scale. */
export function lossesByAxisChart(data: LossesByAxis): Chart {
  const both = [data.validation, data.training];
  // The same line has the same colour in both panels.
  const styles = seriesStyles(seriesOf(data.validation), "validation loss");
  const range = valueRange(both.flatMap((each) => seriesEnds(seriesOf(each))));
  return {
    title: titleOf(data),
    subtitle: `Losses ${data.validation.where}: ${subtitleOf(data.validation)}`,
    alt: `Two line charts against ${formatAxis(data.validation.axis)} on one scale. ${
      both.map(describe).join(" ")
    }`,
    panels: [
      panelOf(data.validation, { title: "Validation loss", range, styles }),
      panelOf(data.training, { title: "Training loss", range, styles }),
    ],
    width: 960,
    ...legendOf(data.validation.series),
  };
}

/** What the axis does to the validation loss, and what that costs in training loss. */
function titleOf({ validation, training }: LossesByAxis): string {
  const title = finding(validation);
  const effect = effectOf(validation);
  if (!effect?.shown || !effect.base || !isTested(validation)) return title;
  const lossAt = ({ point }: AxisPoint) =>
    training.series.flatMap(({ points }) => points).find((each) =>
      canonicalJson(each.point) === canonicalJson(point)
    )!.estimate.mean;
  const difference = lossAt(effect.shown) - lossAt(effect.base);
  return `${title}, at a training loss ${formatNumber(Math.abs(difference))} ${
    difference >= 0 ? "higher" : "lower"
  }`;
}

/**
 * Draws validation and training loss side by side against one axis, on one scale: a penalty that lowers
 * the one by raising the other regularizes, one that raises both hinders.
 *
 * @param study A study, or its records.
 * @param options See {@link AxisOptions}.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If the study has no such axis.
 */
export function plotLosses(study: StudyRecords, options: AxisOptions = {}): Figure {
  return figureOf(lossesByAxisChart(lossesByAxis(study, options)));
}
