import { checkKeys } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { axesOfStudy } from "../statistics/axis_roles.ts";
import { type Estimate, mean } from "../statistics/estimate.ts";
import { counted, formatNumber, formatPoint, formatSetting } from "../statistics/format.ts";
import { view as viewOption } from "../statistics/options.ts";
import { type LossUnit, lossUnit } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { summarizeTrials, type View } from "../statistics/summarize.ts";
import { timescaleInEpochs } from "../statistics/timescale.ts";
import { valueRange } from "./axes.ts";
import { logAxis } from "./best_strength.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { capitalize, placeInTraining } from "./quantity_words.ts";
import { without } from "./settings.ts";
import { categoricalColors, orderedColors, theme } from "./theme.ts";

/** Losses against the timescale of decoupled weight decay. */
export interface LossAgainstTimescale {
  readonly unit: LossUnit;
  readonly folds: number;
  readonly where: string;
  /** One for each setting of the other axes. */
  readonly series: readonly {
    readonly others: JsonObject;
    /** Ascending by timescale; those without decay, whose timescale is endless, last. */
    readonly points: readonly {
      readonly point: JsonObject;
      /** Epochs; `Infinity` without decay. */
      readonly timescale: number;
      readonly loss: Estimate;
    }[];
  }[];
}

/** Reads the validation loss of each complete point, with its timescale in epochs. */
export function lossAgainstTimescale(
  study: StudyRecords,
  options: { readonly view?: View } = {},
): LossAgainstTimescale {
  checkKeys("plotLossAgainstTimescale", options, ["view"]);
  const view = viewOption.check("plotLossAgainstTimescale: view", options.view);
  const { record, records } = study;
  const decays = axesOfStudy(record).filter(({ role, numeric }) => role === "strength" && numeric)
    .map(({ name }) => name);
  const points = summarizeTrials(record, records).flatMap((summary, index) => {
    const { point, key, complete } = summary;
    if (!complete || summary[view] === null) return [];
    const runs = records.filter((run) => run.fold !== "final" && canonicalJson(run.point) === key);
    const specification = record.specifications[index];
    const timescale = timescaleInEpochs(specification) ?? timescaleInEpochs(specification, {
      trainingTokens: mean(runs.map(({ tokens }) => tokens.training)),
    });
    return timescale === null
      ? []
      : [{ point, timescale, loss: summary[view]!.estimates.validationLoss }];
  });
  const series = Map.groupBy(points, ({ point }) => canonicalJson(without(point, decays)));
  return {
    unit: lossUnit(record),
    folds: record.folds.length,
    where: placeInTraining(record, view),
    series: [...series.values()].filter((own) => own.some(({ timescale }) => timescale < Infinity))
      .map((own) => ({
        others: without(own[0].point, decays),
        points: own.toSorted((a, b) => a.timescale < b.timescale ? -1 : 1),
      })),
  };
}

/** Draws the losses, those without decay at the right of the logarithmic axis. */
export function lossAgainstTimescaleChart(data: LossAgainstTimescale): Chart {
  const all = data.series.flatMap(({ points }) => points);
  const finite = all.map(({ timescale }) => timescale).filter((each) => each < Infinity);
  const x = logAxis("timescale 1/(ηα), epochs", finite);
  const endless = x.range[1] + 0.1 * (x.range[1] - x.range[0]);
  const apart = finite.length < all.length;
  const range = valueRange(all.flatMap(({ loss: { mean, standardError } }) => [
    mean - (standardError ?? 0),
    mean + (standardError ?? 0),
  ]));
  const colors = data.series.length > categoricalColors.length
    ? orderedColors(data.series.length)
    : categoricalColors;
  const epoch: Layer[] = x.range[0] < 0 && x.range[1] > 0
    ? [{
      kind: "line",
      name: "one epoch",
      color: theme.axis,
      dash: true,
      width: 1,
      x: [0, 0],
      y: range,
      legend: false,
    }]
    : [];
  return {
    title: titleOf(data),
    subtitle:
      `Validation loss ${data.where}: mean over ${
        counted(data.folds, "fold")
      }, bars are one standard error. ` +
      `The timescale is that over which decoupled decay averages the updates, by the mean of ηα over the run.` +
      (epoch.length > 0 ? " Thin dashed: one epoch." : "") +
      (apart ? " Without decay it is endless, at the right." : ""),
    alt: `Validation loss against the timescale of decoupled weight decay. ${
      data.series.map(inWords).join(" ")
    }`,
    panels: [{
      x: {
        ...x,
        range: [x.range[0], apart ? endless + 0.05 : x.range[1]],
        ticks: [...x.ticks ?? [], ...(apart ? [{ position: endless, label: "no decay" }] : [])],
      },
      y: { title: `validation loss (${data.unit.words})`, range },
      layers: [
        ...epoch,
        ...data.series.map(({ others, points }, index): Layer => ({
          kind: "line",
          name: nameOf(others),
          color: colors[index],
          x: points.map(({ timescale }) =>
            timescale === Infinity ? endless : Math.log10(timescale)
          ),
          y: points.map(({ loss }) => loss.mean),
          errors: points.map(({ loss }) => loss.standardError),
          marks: true,
          hover: points.map(({ point, timescale, loss }) =>
            `${formatPoint(point)}: ${timescaleInWords(timescale)}, ${formatNumber(loss.mean)}`
          ),
          legend: true,
        })),
      ],
    }],
    width: 760,
    height: 460,
    legend: "bottom",
  };
}

function nameOf(others: JsonObject): string {
  return Object.keys(others).length === 0 ? "validation loss" : formatPoint(others);
}

function timescaleInWords(timescale: number): string {
  return timescale === Infinity ? "no decay" : `${rounded(timescale)} epochs`;
}

/** Three digits: the best of a few values is not known to more. */
function rounded(timescale: number): string {
  return formatSetting(Number(timescale.toPrecision(3)));
}

type Timescales = LossAgainstTimescale["series"][number];

function lowestOf({ points }: Timescales) {
  return points.reduce((a, b) => b.loss.mean < a.loss.mean ? b : a);
}

function inWords(series: Timescales): string {
  return `${capitalize(nameOf(series.others))}: ${
    series.points.map(({ timescale, loss }) =>
      `${formatNumber(loss.mean)} at ${timescaleInWords(timescale)}`
    ).join(", ")
  }.`;
}

/** Where the lowest mean loss lies, over all series; nothing is tested. */
function titleOf({ series }: LossAgainstTimescale): string {
  const lowest = series.map((each) => lowestOf(each).timescale);
  const finite = lowest.filter((each) => each < Infinity).sort((a, b) => a - b);
  if (finite.length === 0) return "The lowest mean loss is that without decay";
  const [first, last] = [finite[0], finite.at(-1)!];
  const where = rounded(first) === rounded(last)
    ? timescaleInWords(first)
    : `${rounded(first)} to ${timescaleInWords(last)}`;
  const rest = lowest.length - finite.length;
  return `The lowest mean loss lies at a timescale of ${where}${
    rest === 0 ? "" : `, in ${rest} of ${lowest.length} settings without decay`
  }`;
}

/**
 * Draws the validation loss against the timescale 1/(ηα) of decoupled weight decay in epochs, a line for each
 * setting of the other axes: amounts of text, learning rates and sizes of the model then share an axis.
 *
 * Where the rule of Wang and Aitchison holds, the lowest points of all lines lie above each other.
 *
 * @param study A study, or its records.
 * @param options.view At the last step, the default, or at each point's best step.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If no complete point has decoupled decay and a known timescale.
 *
 * @example
 * ```ts
 * import { plotLossAgainstTimescale } from "./loss_against_timescale.ts";
 * import { textStudy } from "../statistics/testing/text_study.ts";
 * import assert from "node:assert/strict";
 * const { chart } = plotLossAgainstTimescale(textStudy());
 * assert.match(chart.title, /^The lowest mean loss lies at a timescale of .* epochs/);
 * ```
 */
export function plotLossAgainstTimescale(
  study: StudyRecords,
  options: { readonly view?: View } = {},
): Figure {
  const data = lossAgainstTimescale(study, options);
  if (data.series.length === 0) {
    throw new RangeError(
      "plotLossAgainstTimescale: some complete point must have decoupled weight decay and a known " +
        "timescale, found none.",
    );
  }
  return figureOf(lossAgainstTimescaleChart(data));
}
