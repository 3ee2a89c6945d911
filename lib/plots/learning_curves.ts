import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOptions, oneOf, passed } from "../core/options.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import { type CostMeasure, takenBy } from "../statistics/costs_by_point.ts";
import { mean } from "../statistics/estimate.ts";
import { counted, formatNumber, formatPoint } from "../statistics/format.ts";
import { type LossUnit, lossUnit, natsPerToken } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { commonSteps, curveAt, groupRuns } from "../statistics/summarize.ts";
import { valueRange } from "./axes.ts";
import type { Axis, Chart, Layer } from "./chart.ts";
import { baselineWords } from "../statistics/baseline_words.ts";
import { chosenPoints } from "./chosen_points.ts";
import { type Figure, figureOf } from "./figure.ts";
import { capitalize } from "./quantity_words.ts";
import { categoricalColors, theme } from "./theme.ts";

/** A loss over the steps, with its spread over folds. */
export interface Course {
  /** Mean over folds, seeds averaged in each, at each step. */
  readonly mean: readonly number[];
  /** Lowest and highest fold mean at each step. */
  readonly lowest: readonly number[];
  readonly highest: readonly number[];
}

/** Learning curves of some points. */
export interface LearningCurves {
  /** That of the study's losses; nats per token when left out. */
  readonly unit?: LossUnit;
  /** What their steps are said in. */
  readonly against: CostMeasure;
  readonly folds: number;
  /** Where the baseline is: `without penalty`, or `at the baseline`. */
  readonly atBaseline: string;
  readonly curves: readonly {
    readonly point: JsonObject;
    readonly isBaseline: boolean;
    /** Steps at which every completed run was evaluated. */
    readonly steps: readonly number[];
    /** What the training had taken by each of them, in the mean over its runs; the steps themselves else. */
    readonly taken: readonly number[];
    readonly training: Course;
    readonly heldOut: Course;
  }[];
}

/** Options of {@link plotLearningCurves}. */
export interface CurveOptions {
  /** Points to draw; the baseline and the points selected at the last step when left out. */
  readonly points?: readonly JsonObject[];
  /**
   * What the curves are drawn against: optimizer steps, tokens that were learned from, or floating-point
   * operations of the training.
   *
   * @default {"steps"}
   */
  readonly against?: CostMeasure;
}

const described = {
  points: passed<readonly JsonObject[] | undefined>(),
  against: oneOf<CostMeasure>(["steps", "tokens", "flops"], "steps"),
};

const axisTitles: { readonly [measure in CostMeasure]: string } = {
  steps: "optimizer steps",
  tokens: "tokens learned from",
  flops: "floating-point operations of the training",
};

/** Reads the learning curves of points over the folds. */
export function learningCurves(source: StudyRecords, options: CurveOptions = {}): LearningCurves {
  const { points, against } = checkOptions("plotLearningCurves", options, described);
  const { record } = source;
  const baselineKey = record.baseline === null ? null : canonicalJson(record.baseline);
  const groups = new Map(groupRuns(record, source.records).map((group) => [group.key, group]));
  const curves = (points ?? chosenPoints(source)).flatMap((point) => {
    const key = canonicalJson(point);
    const group = groups.get(key);
    if (!group) {
      throw new RangeError(
        `plotLearningCurves: points must be points of study ${record.name}, found ${key}.`,
      );
    }
    const folds = group.folds.map((runs) => runs.filter((run) => run.status === "completed"))
      .filter((runs) => runs.length > 0);
    const steps = commonSteps(folds.flat());
    if (steps.length === 0) return [];
    return [{
      point: group.point,
      isBaseline: key === baselineKey,
      steps,
      taken: steps.map((step) => mean(folds.flat().map((run) => takenIn(run, against, step)))),
      training: course(folds, steps, (at) => at.trainingLoss),
      heldOut: course(folds, steps, (at) => at.heldOutLoss),
    }];
  });
  return {
    unit: lossUnit(record),
    against,
    folds: record.folds.length,
    atBaseline: baselineWords(record).at,
    curves,
  };
}

function takenIn(run: RunRecord, against: CostMeasure, step: number): number {
  const taken = takenBy(run, against, step);
  if (taken !== null) return taken;
  throw new RangeError(
    `plotLearningCurves: against must be "steps" where a run has no ${against}, found "${against}"; run ` +
      `${run.id.slice(0, 12)} has ${
        run.cost === undefined
          ? "no cost, as older records"
          : "none, because its model or pairs do not tell them"
      }.`,
  );
}

function course(
  folds: readonly (readonly RunRecord[])[],
  steps: readonly number[],
  read: (at: CurvePoint) => number,
): Course {
  const byStep = steps.map((step) =>
    folds.map((runs) => mean(runs.map((run) => read(curveAt(run, step)!))))
  );
  return {
    mean: byStep.map(mean),
    lowest: byStep.map((values) => Math.min(...values)),
    highest: byStep.map((values) => Math.max(...values)),
  };
}

/** Draws learning curves. */
export function learningCurvesChart(data: LearningCurves): Chart {
  const { axis, unit } = measured(data);
  const layers = data.curves.flatMap((curve, index): Layer[] => {
    const x = curve.taken.map((taken) => taken / unit);
    const grey = index >= categoricalColors.length;
    const color = grey ? theme.axis : categoricalColors[index];
    const name = formatPoint(curve.point);
    const others = counted(data.curves.length - categoricalColors.length, "other point");
    const line = (course: Course, kind: "training" | "held-out"): Layer[] => [
      ...(grey ? [] : [
        {
          kind: "band",
          color,
          x,
          lower: course.lowest,
          upper: course.highest,
        } as const,
      ]),
      {
        kind: "line",
        name: `${grey ? others : name}, ${kind}`,
        color,
        ...(grey ? { width: 1 } : {}),
        x,
        y: course.mean,
        dash: kind === "training",
        hover: curve.steps.map((step, at) =>
          `${name}, ${kind}, step ${step}${
            data.against === "steps"
              ? ""
              : `, ${curve.taken[at].toPrecision(3).replace("+", "")} ${data.against}`
          }: ${formatNumber(course.mean[at])}`
        ),
        legend: true,
      },
    ];
    return [...line(curve.training, "training"), ...line(curve.heldOut, "held-out")];
  });
  const ends = data.curves.flatMap(({ training, heldOut }) => [
    ...training.lowest,
    ...training.highest,
    ...heldOut.lowest,
    ...heldOut.highest,
  ]);
  return {
    title: finding(data),
    subtitle:
      `Solid: held-out text; dashed: training text, both in evaluation mode without penalty. ` +
      `Lines are means over ${
        counted(data.folds, "fold")
      }, shades reach from the lowest to the highest fold.`,
    alt: describe(data),
    panels: [{
      x: axis,
      y: { title: `cross-entropy (${(data.unit ?? natsPerToken).words})`, range: valueRange(ends) },
      layers,
    }],
    width: 760,
    // Long names would leave the curves little width.
    ...(data.curves.some(({ point }) => formatPoint(point).length > 20)
      ? { height: 480, legend: "bottom" }
      : { height: 430, legend: "right" }),
  };
}

/** What a curve is drawn against, in powers of a thousand that the title says, so that labels are short. */
function measured({ against, curves }: LearningCurves): { axis: Axis; unit: number } {
  const last = Math.max(1, ...curves.flatMap(({ taken }) => taken));
  const power = against === "steps" ? 0 : 3 * Math.floor(Math.log10(last) / 3);
  const unit = 10 ** power;
  const title = axisTitles[against] + (power === 0 ? "" : ` (10${raised(power)})`);
  return { axis: { title, range: [0, last / unit] }, unit };
}

function raised(power: number): string {
  return [...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
}

function turn(curve: LearningCurves["curves"][number]) {
  const { mean: losses } = curve.heldOut;
  const at = losses.indexOf(Math.min(...losses));
  return {
    step: curve.steps[at],
    lowest: losses[at],
    last: losses.at(-1)!,
    ends: at === losses.length - 1,
  };
}

function finding(data: LearningCurves): string {
  const [first, ...others] = data.curves;
  if (first === undefined) return "No completed run has a learning curve yet";
  const { step, lowest, last, ends } = turn(first);
  const name = first.isBaseline ? capitalize(data.atBaseline) : `At ${formatPoint(first.point)}`;
  const start = ends
    ? `${name} held-out loss falls to the last step (${formatNumber(last)})`
    : `${name} held-out loss turns up after step ${step} (${formatNumber(lowest)}) and ends at ${
      formatNumber(last)
    }`;
  if (others.length === 0) return start;
  const best = others.reduce((a, b) => (turn(b).last < turn(a).last ? b : a));
  return `${start}; ${formatPoint(best.point)} ends at ${formatNumber(turn(best).last)}`;
}

function describe(data: LearningCurves): string {
  const parts = data.curves.map((curve) => {
    const { step, lowest, last } = turn(curve);
    return `${formatPoint(curve.point)}: held-out loss is lowest at step ${step} (${
      formatNumber(lowest)
    }) and ends at ${formatNumber(last)}, training loss ends at ${
      formatNumber(curve.training.mean.at(-1)!)
    }`;
  });
  return `Learning curves. ${parts.join("; ") || finding(data)}.`;
}

/**
 * Draws learning curves: training and held-out cross-entropy over the steps, with the range over
 * folds.
 *
 * @param study A study, or its records.
 * @param options.points Points to draw; the baseline and the selected points when left out.
 * @param options.against `tokens` or `flops` in place of steps: what the training had taken (see
 * `costsByPoint`), the mean over a point's runs.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If a point is not one of the study's, or a run has no such cost.
 */
export function plotLearningCurves(study: StudyRecords, options: CurveOptions = {}): Figure {
  return figureOf(learningCurvesChart(learningCurves(study, options)));
}
