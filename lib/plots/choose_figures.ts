import { canonicalJson, type JsonObject } from "../core/json.ts";
import { axesOfStudy, type Axis } from "../statistics/axis_roles.ts";
import { formatAxisMeaning } from "../statistics/axis_meaning.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { type PointSummary, summarizeTrials, type View } from "../statistics/summarize.ts";
import { costsByPoint } from "../statistics/costs_by_point.ts";
import { textAxes } from "../statistics/text_axis.ts";
import { worthInText } from "../statistics/worth_in_text.ts";
import { baselineWords } from "../statistics/baseline_words.ts";
import { countedWeightsOfAll } from "../statistics/counted_weights.ts";
import { alongAxis } from "./along_axis.ts";
import { quantityByAxis } from "./axis_data.ts";
import { changedWeights, plotChangedWeights } from "./changed_weights.ts";
import { differencesByAxis, plotDifferences } from "./differences_by_axis.ts";
import type { Figure } from "./figure.ts";
import { foldStrips, plotFolds } from "./fold_strips.ts";
import { heatMaps, plotHeatMaps } from "./heat_maps.ts";
import { learningCurves, plotLearningCurves } from "./learning_curves.ts";
import { lossesByMembers, plotEnsembles } from "./losses_by_members.ts";
import { plotLosses } from "./losses_by_axis.ts";
import { plotGeneralizationGap, plotQuantity } from "./quantity_by_axis.ts";
import { hasEarlyStopping, placeInTraining } from "./quantity_words.ts";
import { settingKey } from "./settings.ts";
import { plotSparsityAgainstLoss } from "./sparsity_against_loss.ts";
import { plotWorth } from "./worth.ts";

/** A figure of a report before it is drawn. */
export interface ChosenFigure {
  /** What is drawn, without what it shows: a sentence. */
  readonly caption: string;
  draw(): Figure;
}

/**
 * The figures that say something about a study, from its records: what each axis does by its role, zeros
 * where there are some, and the chosen points fold by fold and step by step.
 *
 * Left out are figures in which nothing differs: maps without two values on each axis, axes with one
 * value, zeros that no point has, and a second view where each run kept its best step, or where the best
 * step is the last. The learning rate and its like are drawn against the loss alone, and points of arms,
 * which share no grid, as they lie.
 *
 * @param study A study, or its records.
 */
export function chooseFigures(study: StudyRecords): ChosenFigure[] {
  const summaries = summarizeTrials(study.record, study.records);
  if (summaries.every(({ lastStep }) => lastStep === null)) return [];
  const { views, words } = viewsOf(study, summaries);
  const [last] = views;
  const axes = drawnAxes(study, summaries);
  const lined = axes.filter(({ scattered }) => !scattered);
  const each = (
    drawn: readonly DrawnAxis[],
    captionOf: (name: string) => string,
    draw: (axis: string) => Figure,
  ): ChosenFigure[] =>
    drawn.map(({ axis: { name } }) => ({
      caption: captionOf(formatAxisMeaning(study.record, name)),
      draw: () => draw(name),
    }));
  return [
    ...mapsOf(study, words[last]),
    ...each(
      // The gap of what learned nothing means nothing.
      lined.filter(({ axis, learned }) => learned && axis.role !== "training"),
      (name) => `Generalization gap against ${name}, ${words[last]}.`,
      (axis) => plotGeneralizationGap(study, { axis }),
    ),
    ...views.flatMap((view) =>
      each(
        view === last ? axes : lined,
        (name) => `Validation and training loss against ${name}, ${words[view]}.`,
        (axis) => plotLosses(study, { axis, view }),
      )
    ),
    // At the rate of the baseline alone, so once is enough where the rate varies.
    ...(axes.some(({ axis }) => axis.role === "training") ? [last] : views).flatMap((view) =>
      each(
        lined.filter((each) => isCompared(study, each.axis, view)),
        (name) =>
          `Differences of gap and validation loss from ${
            baselineWords(study.record).name
          } against ${name}, ${view === last ? words[view] : "each at its own best step"}, with ` +
          `95 % intervals.`,
        (axis) => plotDifferences(study, { axis, view }),
      )
    ),
    ...each(
      lined.filter(({ axis }) => zerosVary(study, axis)),
      (name) =>
        `Exact zeros as a share of ${
          countedWeightsOfAll(study.record.specifications)
        } against ${name}, ${words[last]}.`,
      (axis) => plotQuantity(study, { axis, quantity: "exactZeroShare" }),
    ),
    ...zerosAgainstLoss(study, summaries, words[last]),
    ...worthOf(study),
    ...changedOf(study),
    ...ensemblesOf(study),
    ...chosenPointsOf(study, summaries, words[last]),
  ];
}

/** The views that differ, and what they are called in a caption. */
function viewsOf(
  { record }: StudyRecords,
  summaries: readonly PointSummary[],
): { views: View[]; words: { readonly [view in View]: string } } {
  const bestStep = "at each point's best step";
  if (hasEarlyStopping(record)) {
    return {
      views: ["lastStep"],
      words: { lastStep: placeInTraining(record, "lastStep"), bestStep },
    };
  }
  const differ = summaries.some(({ lastStep, bestStep }) =>
    lastStep !== null && bestStep !== null && bestStep.step !== lastStep.step
  );
  return differ
    ? { views: ["lastStep", "bestStep"], words: { lastStep: "at the last step", bestStep } }
    : {
      views: ["lastStep"],
      words: { lastStep: "at the last step, which is the best of every point", bestStep },
    };
}

interface DrawnAxis {
  readonly axis: Axis;
  /** Whether its points are drawn as they lie. */
  readonly scattered: boolean;
  /** Whether two points of a line learned beyond counts. */
  readonly learned: boolean;
}

/** Axes on which something is to be seen: two places with points that have results. */
function drawnAxes(study: StudyRecords, summaries: readonly PointSummary[]): DrawnAxis[] {
  const shown = summaries.filter(({ lastStep }) => lastStep !== null);
  return axesOfStudy(study.record).flatMap((axis) => {
    const { series, scattered } = alongAxis(study, axis.name, shown, () => 0);
    const places = ({ members }: typeof series[number]) =>
      new Set(members.map(({ point }) => settingKey(point[axis.name]))).size;
    const drawn = scattered
      ? new Set(
        series.flatMap(({ members }) => members.map(({ point }) => settingKey(point[axis.name]))),
      ).size > 2
      : series.some((each) => places(each) > 1);
    return drawn && !(scattered && study.record.space.arms !== undefined && axis.name === "arm")
      ? [{
        axis,
        scattered,
        learned: series.some(({ members }) =>
          members.filter(({ lastStep }) => lastStep!.learned).length > 1
        ),
      }]
      : [];
  });
}

/** A map where both of its axes have two values and most of its cells a point. */
function mapsOf(study: StudyRecords, words: string): ChosenFigure[] {
  const { record } = study;
  if (axesOfStudy(record).length < 2 || record.space.arms !== undefined) return [];
  const { x, y, cells, quantities } = heatMaps(study);
  if (!cells.some(({ complete }) => complete)) return [];
  const [columns, rows] = [cells.map((cell) => cell.x), cells.map((cell) => cell.y)]
    .map((values) => new Set(values.map(settingKey)).size);
  if (columns < 2 || rows < 2 || cells.length < 0.6 * columns * rows) return [];
  const zeros = quantities.length > 2;
  return [{
    caption: `Validation loss${
      zeros ? ", generalization gap and exact zeros" : " and generalization gap"
    } over ${formatAxisMeaning(record, x)} and ${formatAxisMeaning(record, y)}, ${words}.`,
    draw: () => plotHeatMaps(study),
  }];
}

/** Whether points along an axis are compared with the baseline: not another rate, size or text. */
function isCompared(study: StudyRecords, { name, role }: Axis, view: View): boolean {
  if (study.record.baseline === null || ["training", "size", "data"].includes(role)) return false;
  return differencesByAxis(study, { axis: name, view }).compared.some(({ series }) =>
    series.some(({ points }) => points.some(({ learned }) => learned))
  );
}

/** Whether the share of exact zeros differs between points of a line. */
function zerosVary(study: StudyRecords, { name }: Axis): boolean {
  return quantityByAxis(study, { axis: name, quantity: "exactZeroShare" }).series.some(
    ({ points }) => new Set(points.map(({ estimate }) => estimate.mean)).size > 1,
  );
}

function zerosAgainstLoss(
  study: StudyRecords,
  summaries: readonly PointSummary[],
  words: string,
): ChosenFigure[] {
  const shares = summaries.filter(({ complete, lastStep }) => complete && lastStep !== null)
    .map(({ lastStep }) => lastStep!.estimates.exactZeroShare.mean);
  return new Set(shares).size < 2 ? [] : [{
    caption: `Exact zeros and validation loss of every setting, ${words}.`,
    draw: () => plotSparsityAgainstLoss(study),
  }];
}

/** Where three amounts of training text have a model without remedy. */
function worthOf(study: StudyRecords): ChosenFigure[] {
  const [text] = textAxes(study.record);
  if (text === undefined || study.record.space.arms !== undefined) return [];
  const { axis, unit } = text;
  const known = worthInText(study, { axis }).curves
    .some(({ fit }) => fit.state !== "tooFewAmounts");
  return known
    ? [{
      caption:
        `Validation loss against training ${unit}, with the curve on which worth in text is read.`,
      draw: () => plotWorth(study, { axis }),
    }]
    : [];
}

/** Where penalties pull weights towards their start. */
function changedOf(study: StudyRecords): ChosenFigure[] {
  const { points } = changedWeights(study);
  return points.length === 0 ? [] : [{
    caption: "Weights that are others than the training began with, layer by layer.",
    draw: () => plotChangedWeights(study),
  }];
}

/** Where there are ensembles: of few points, as each has a line of its own. */
function ensemblesOf(study: StudyRecords): ChosenFigure[] {
  const lines = lossesByMembers(study).length;
  return lines === 0 || lines > mostEnsembles ? [] : [{
    caption:
      "Validation loss of ensembles, and of their runs by themselves, against the models of " +
      "an ensemble.",
    draw: () => plotEnsembles(study),
  }];
}

/** Lines of one figure that can be told from each other. */
const mostEnsembles = 8;

/** Few points fold by fold and step by step: the baseline and the selected ones, of arms the best of each. */
function chosenPointsOf(
  study: StudyRecords,
  summaries: readonly PointSummary[],
  words: string,
): ChosenFigure[] {
  const { arms } = study.record.space;
  const best = (arm: string) => {
    const own = summaries.filter(({ point, complete }) => complete && point.arm === arm);
    const loss = ({ lastStep }: PointSummary) => lastStep!.estimates.validationLoss.mean;
    return own.length === 0 ? [] : [own.reduce((a, b) => loss(b) < loss(a) ? b : a).point];
  };
  const points = arms?.flatMap(({ name }) => best(name));
  const options = points === undefined ? {} : { points };
  const named = points !== undefined
    ? "the best point of each arm"
    : study.record.baseline === null
    ? "the selected points"
    : `${baselineWords(study.record).model} and the selected points`;
  const strips = foldStrips(study, options).points.filter(({ folds }) => folds.length > 0);
  const curves = learningCurves(study, options).curves.filter(({ steps }) => steps.length > 1);
  return [
    ...(strips.length > 1 || strips.some(({ folds }) => folds.length > 1)
      ? [{
        caption: `Validation loss fold by fold of ${named}, ${words}.`,
        draw: () => plotFolds(study, options),
      }]
      : []),
    ...(curves.length > 0
      ? [{
        caption: `Learning curves of ${named}.`,
        draw: () => plotLearningCurves(study, options),
      }]
      : []),
    ...(stepsDiffer(study, curves)
      ? [{
        caption: `Learning curves of ${named}, against the operations of their training.`,
        draw: () => plotLearningCurves(study, { ...options, against: "flops" }),
      }]
      : []),
  ];
}

/** Whether a step of some points takes more than a hundredth more operations than of others; false if unknown. */
function stepsDiffer(
  study: StudyRecords,
  points: readonly { readonly point: JsonObject }[],
): boolean {
  const costs = new Map(costsByPoint(study).map((cost) => [canonicalJson(cost.point), cost]));
  const each = points.map(({ point }) => {
    const { flops = null, steps = 0 } = costs.get(canonicalJson(point)) ?? {};
    return flops === null || steps === 0 ? NaN : flops / steps;
  });
  // NaN is not above.
  return Math.max(...each) > 1.01 * Math.min(...each);
}
