import { checkKeys, checkOneOf, show } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { AxisRole } from "../records/study_record.ts";
import { axesOfStudy } from "../statistics/axis_roles.ts";
import { type Estimate, estimateOverFolds } from "../statistics/estimate.ts";
import { counted, formatAxis, formatNumber, formatPoint } from "../statistics/format.ts";
import { type LossUnit, lossUnit, natsPerToken } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { summarizeTrials, type ViewSummary } from "../statistics/summarize.ts";
import { type SettingAxis, settingAxis, valueRange } from "./axes.ts";
import type { Chart, Layer, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { growsByFactors, inMargin } from "./_axis_words.ts";
import { compared } from "./_compared.ts";
import { baselineWords } from "../statistics/baseline_words.ts";
import { axesOf } from "./axis_data.ts";
import { capitalize, hasEarlyStopping, noiseVerdict, placeInTraining } from "./quantity_words.ts";
import { axisAt, type Setting, settingKey, settingLabel, without } from "./settings.ts";
import { categoricalColors, theme } from "./theme.ts";

/** Losses at one value of an axis. */
export interface LossesAt {
  /** Undefined for the point that lacks the axis. */
  readonly value: Setting;
  readonly training: Estimate;
  readonly heldOut: Estimate;
  /** Held-out loss at the step that is best in the fold mean; null when runs share no step. */
  readonly heldOutAtBestStep: Estimate | null;
  /**
   * Held-out loss minus that of the point that the lines go through, fold by fold; null when that one
   * is not complete.
   */
  readonly difference: Estimate | null;
  /** Of its difference from the baseline, after Holm over all points of the study; null without a test. */
  readonly adjustedPValue: number | null;
  /** Whether the training loss shows learning beyond counts. */
  readonly learned: boolean;
}

/** Training and held-out loss along some axes, through one point of the study. */
export interface LossesAlongAxes {
  /** That of the study's losses; nats per token when left out. */
  readonly unit?: LossUnit;
  readonly folds: number;
  readonly seeds: number;
  /** Where in training points are looked at, in words. */
  readonly where: string;
  /** The point that all lines go through. */
  readonly through: JsonObject;
  /** Whether it is the baseline. */
  readonly isBaseline: boolean;
  /** Where the baseline is: `without penalty`, or `at the baseline`. */
  readonly atBaseline: string;
  readonly lines: readonly {
    readonly axis: string;
    readonly role: AxisRole;
    readonly points: readonly LossesAt[];
  }[];
  /** That point stopped at its best step; null when it is not complete. */
  readonly stopped: { readonly step: number; readonly loss: number } | null;
}

/** Options of {@link plotLossesAlong}. */
export interface LossesAlongOptions {
  /** A panel each; all that have other values when left out. */
  readonly axes?: readonly string[];
  /** Point from which only the drawn axis differs; the baseline when left out. */
  readonly through?: JsonObject;
}

/**
 * Reads both losses along axes: of the complete points that differ from one point in that axis alone.
 *
 * @throws {RangeError} If the study has no such axis or point, or no baseline where no point is given.
 */
export function lossesAlongAxes(
  source: StudyRecords,
  options: LossesAlongOptions = {},
): LossesAlongAxes {
  checkKeys("plotLossesAlong", options, ["axes", "through"]);
  const { record, records } = source;
  const through = options.through ?? record.baseline;
  if (through === null) {
    throw new RangeError(
      `plotLossesAlong: study ${
        show(record.name)
      } has no baseline: say by \`through\` which point the ` +
        `lines go through.`,
    );
  }
  const summaries = summarizeTrials(record, records);
  const own = summaries.find(({ key }) => key === canonicalJson(through));
  if (own === undefined) {
    throw new RangeError(
      `plotLossesAlong: through must be a point of study ${show(record.name)}, found ${
        canonicalJson(through)
      }.`,
    );
  }
  const known = axesOf(source);
  const kept = hasEarlyStopping(record);
  const against = compared(source, { quantity: "validationLoss", view: "lastStep" })?.points ?? [];
  const tests = new Map(against.map((each) => [each.key, each.adjustedPValue]));
  const roles = new Map(axesOfStudy(record).map(({ name, role }) => [name, role]));
  const lineOf = (axis: string) => {
    const others = canonicalJson(without(through, [axis]));
    return summaries.filter(({ complete, point }) =>
      complete && canonicalJson(without(point, [axis])) === others
    ).map(({ key, point, lastStep, bestStep }) => ({
      value: point[axis],
      training: lastStep!.estimates.trainingLoss,
      heldOut: lastStep!.estimates.validationLoss,
      heldOutAtBestStep: kept ? null : bestStep?.estimates.validationLoss ?? null,
      difference: own.complete ? differenceOf(lastStep!, own.lastStep!) : null,
      adjustedPValue: tests.get(key) ?? null,
      learned: lastStep!.learned,
    }));
  };
  const lines = (options.axes ?? known).map((axis) => ({
    axis: checkOneOf("plotLossesAlong: axes", axis, known),
    role: roles.get(axis)!,
    points: lineOf(axis),
  }));
  return {
    unit: lossUnit(record),
    folds: record.folds.length,
    seeds: record.seeds.length,
    where: placeInTraining(record, "lastStep"),
    through: own.point,
    isBaseline: record.baseline !== null && own.key === canonicalJson(record.baseline),
    atBaseline: baselineWords(record).at,
    lines: options.axes ? lines : lines.filter(({ points }) => points.length > 1),
    stopped: own.complete && own.bestStep && !kept
      ? { step: own.bestStep.step!, loss: own.bestStep.estimates.validationLoss.mean }
      : null,
  };
}

/** Paired: both points share initial weights and batches in each fold. */
function differenceOf(a: ViewSummary, b: ViewSummary): Estimate {
  const [own, other] = [a, b].map(({ estimates }) => estimates.validationLoss.foldMeans);
  return estimateOverFolds(own.map((loss, fold) => [loss - other[fold]]))!;
}

const colors = {
  heldOut: categoricalColors[0],
  training: categoricalColors[1],
  bestStep: categoricalColors[2],
};

/** Draws both losses against each axis, with the gap between them shaded. */
export function lossesAlongAxesChart(data: LossesAlongAxes): Chart {
  const all = data.lines.flatMap(({ points }) => points);
  const ends = all.flatMap(({ training, heldOut, heldOutAtBestStep }) =>
    [training, heldOut, ...heldOutAtBestStep ? [heldOutAtBestStep] : []].flatMap((each) => {
      const error = each.standardError ?? 0;
      return [each.mean - error, each.mean + error];
    })
  );
  const range = valueRange(ends);
  const { unit = natsPerToken } = data;
  const axisOf = ({ axis, role, points }: Line) =>
    settingAxis(axis, points.map(({ value }) => value), { byFactors: growsByFactors(role) });
  const panels = data.lines.map((line): Panel => {
    const { axis, points } = line;
    const x = axisOf(line);
    return {
      x: x.axis,
      y: { title: `cross-entropy (${unit.words})`, range },
      layers: layersOf(x, axis, points, data),
    };
  });
  const apart = data.lines.some((line) => axisOf(line).zeroApart);
  const absent = data.lines.some(({ points }) => points.some(({ value }) => value === undefined));
  const hollow = all.some(({ learned }) => !learned);
  return {
    title: finding(data),
    subtitle:
      `${capitalize(data.where)}: mean over ${counted(data.folds, "fold")} (${
        data.seeds === 1 ? "1 seed" : `${data.seeds} seeds averaged in each`
      }), bars are one standard error; the shade between both losses is the gap. ` +
      (all.some(({ heldOutAtBestStep }) => heldOutAtBestStep !== null)
        ? `Best step: the step with the lowest fold mean`
        : "") +
      (data.isBaseline && data.stopped
        ? `; ${data.atBaseline} that is step ${data.stopped.step}, the thin dashed line.`
        : ".") +
      (hollow
        ? ` Hollow: training loss less than ${inMargin(data.unit)} below the unigram entropy.`
        : "") +
      (apart ? " 0 stands apart from a logarithmic axis." : "") +
      (absent ? " Not set: the points that have no such axis." : ""),
    alt: describe(data),
    panels: panels.length > 0 ? panels : [{
      x: { title: "", range: [0, 1] },
      y: { title: `cross-entropy (${unit.words})`, range },
      layers: [],
    }],
    width: panels.length > 1 ? Math.max(960, 270 * panels.length) : 760,
    height: 460,
    legend: "bottom",
  };
}

type Line = LossesAlongAxes["lines"][number];

function layersOf(
  x: SettingAxis,
  axis: string,
  points: readonly LossesAt[],
  { stopped, isBaseline }: LossesAlongAxes,
): Layer[] {
  const sorted = points.map((point) => ({ ...point, at: x.position(point.value)! }))
    .sort((a, b) => a.at - b.at);
  const line = (
    name: string,
    color: string,
    read: (point: LossesAt) => Estimate | null,
    style: { dash?: boolean; width?: number; marks?: boolean },
  ): Layer => {
    const own = sorted.filter((point) => read(point) !== null);
    return {
      kind: "line",
      name,
      color,
      x: own.map(({ at }) => at),
      y: own.map((point) => read(point)!.mean),
      ...(style.marks === false
        ? {}
        : { errors: own.map((point) => read(point)!.standardError), marks: true }),
      ...(style.dash ? { dash: true } : {}),
      width: style.width ?? 2,
      hollow: own.map(({ learned }) => !learned),
      hover: own.map((point) =>
        `${name} at ${axisAt(axis, point.value)}: ${formatNumber(read(point)!.mean)}${
          point.learned ? "" : ", little learned"
        }`
      ),
      legend: true,
    };
  };
  return [
    {
      kind: "band",
      color: theme.muted,
      x: sorted.map(({ at }) => at),
      lower: sorted.map(({ training }) => training.mean),
      upper: sorted.map(({ heldOut }) => heldOut.mean),
    },
    ...(isBaseline && stopped
      ? [
        {
          kind: "rule",
          y: stopped.loss,
          label: "",
          color: colors.bestStep,
        } as const,
      ]
      : []),
    // Behind the held-out loss, with which it coincides where the best step is the last.
    line("held-out text, best step", colors.bestStep, (point) => point.heldOutAtBestStep, {
      width: 1.2,
      marks: false,
    }),
    line("training text", colors.training, ({ training }) => training, { dash: true }),
    line("held-out text", colors.heldOut, ({ heldOut }) => heldOut, {}),
  ];
}

function finding(data: LossesAlongAxes): string {
  const parts = data.lines.filter(({ points }) => points.length > 1)
    .map((line) =>
      data.isBaseline && line.role === "strength"
        ? strengthFinding(data)(line)
        : courseFinding(line)
    );
  if (parts.length === 0) return "No axis has two complete points";
  // A symbol such as λ stays as it is.
  return parts.join("; ").replace(/^(no|from|the) /, capitalize);
}

/** Whether any strength is shown to lower the held-out loss of the baseline, as its tests say. */
function strengthFinding({ through }: LossesAlongAxes) {
  return ({ axis, points }: Line): string => {
    const name = formatAxis(axis);
    const base = points.find(({ value }) => settingKey(value) === settingKey(through[axis]));
    if (base === undefined) return `${name} without a complete point to compare with`;
    const from = formatNumber(base.heldOut.mean);
    const lower = points.filter(({ heldOut }) => heldOut.mean < base.heldOut.mean)
      .toSorted((a, b) => a.heldOut.mean - b.heldOut.mean);
    if (lower.length === 0) return `no ${name} lowers the held-out loss of ${from}`;
    const shown = lower.find((each) => noiseVerdict(each.adjustedPValue) === "beyond noise");
    if (shown !== undefined) {
      return `${axisAt(axis, shown.value)} lowers the held-out loss from ${from} to ${
        formatNumber(shown.heldOut.mean)
      }`;
    }
    const [{ adjustedPValue, heldOut, difference, value }] = lower;
    return adjustedPValue === null
      ? `the lowest held-out loss is ${formatNumber(heldOut.mean)} at ${
        axisAt(axis, value)
      }, against ${from}, not tested`
      : `no ${name} is shown to lower the held-out loss of ${from} (at best by ${
        formatNumber(-difference!.mean)
      } ± ${formatNumber(difference!.standardError)})`;
  };
}

/** How the gap changes from the first to the last value of numbers; of kinds, which has the lowest loss. */
function courseFinding({ axis, points }: Line): string {
  const gap = ({ heldOut, training }: LossesAt) => heldOut.mean - training.mean;
  if (points.some(({ value }) => typeof value !== "number" && value !== undefined)) {
    const lowest = points.reduce((a, b) => b.heldOut.mean < a.heldOut.mean ? b : a);
    return `the held-out loss is lowest with ${axisAt(axis, lowest.value)}: ${
      formatNumber(lowest.heldOut.mean)
    }`;
  }
  const sorted = [...points].sort((a, b) =>
    Number(a.value ?? -Infinity) - Number(b.value ?? -Infinity)
  );
  const [first, last] = [sorted[0], sorted.at(-1)!];
  const span = first.value === undefined
    ? `from points without ${formatAxis(axis)} to ${axisAt(axis, last.value)}`
    : `from ${settingLabel(first.value)} to ${settingLabel(last.value)} ${formatAxis(axis)}`;
  return `${span} the gap ${gap(last) < gap(first) ? "falls" : "grows"} from ${
    formatNumber(gap(first))
  } to ${formatNumber(gap(last))}`;
}

function describe(data: LossesAlongAxes): string {
  const lines = data.lines.map(({ axis, points }) =>
    `Against ${formatAxis(axis)}: ${
      points.map(({ value, training, heldOut }) =>
        `${settingLabel(value)}: training ${formatNumber(training.mean)}, held-out ${
          formatNumber(heldOut.mean)
        }`
      ).join("; ")
    }`
  );
  return `Line chart of training and held-out loss ${data.where} through ${
    formatPoint(data.through)
  }. ${lines.join(". ")}.`;
}

/**
 * Draws training and held-out loss against one or several axes, the gap between them
 * shaded, and the held-out loss at each point's best step: what stopping in time would give.
 *
 * Each panel shows the points that differ from one point, the baseline by default, in its axis alone. With sizes in place of strengths as axes it is a learning curve over the size of the data or of
 * the model.
 *
 * @param study A study, or its records.
 * @param options See {@link LossesAlongOptions}.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If the study has no such axis or point, or neither `through` nor a baseline.
 *
 * @example
 * ```ts
 * import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
 * import { plotLossesAlong } from "./losses_along_axes.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy({ axes: { alpha: [0, 0.3, 1] } });
 * const { title } = plotLossesAlong({ record, records }).chart;
 * assert.equal(title, "α = 0.3 lowers the held-out loss from 2.455 to 1.770");
 * ```
 */
export function plotLossesAlong(study: StudyRecords, options: LossesAlongOptions = {}): Figure {
  return figureOf(lossesAlongAxesChart(lossesAlongAxes(study, options)));
}
