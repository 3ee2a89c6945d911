import type { JsonObject } from "../core/json.ts";
import { canonicalJson } from "../core/json.ts";
import { type Estimate, estimateOverFolds, mean } from "../statistics/estimate.ts";
import { formatPoint, formatSigned } from "../statistics/format.ts";
import { type LossUnit, lossUnit, natsPerToken } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { evaluationIn, groupRuns, type PointRuns } from "../statistics/summarize.ts";
import { wholeCosts } from "../statistics/whole_cost.ts";
import { frontLayer, onParetoFront } from "./_pareto.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Layer, MarkSymbol } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors, theme } from "./theme.ts";

/** A point of {@link plotLossAgainstCost}. */
export interface CostedPoint {
  /** Point of the study. */
  readonly point: JsonObject;
  /** What it is called; its settings if not given. */
  readonly name?: string;
}

/** What a point costs and comes to. */
export interface LossAtCost {
  readonly name: string;
  /** Operations of its training and of all runs that it was made from, mean over its runs. */
  readonly flops: number;
  /** Held-out loss minus the reference's on the same fold and seed, seeds averaged. */
  readonly difference: Estimate;
  /** Whether no other point has at most its operations and at most its loss, one of them strictly. */
  readonly onFront: boolean;
}

/**
 * Pairs the losses of points with those of a reference and adds up what each took.
 *
 * @param source A study, or its records.
 * @param points Points, the reference first.
 * @throws {RangeError} If a point is not one of the study's, has not completed, or its operations are not
 * known.
 */
export function lossAgainstCost(
  source: StudyRecords,
  points: readonly CostedPoint[],
): LossAtCost[] {
  const groups = new Map(groupRuns(source.record, source.records).map((each) => [each.key, each]));
  const wholeCost = wholeCosts(source);
  const measured = points.map(({ point, name = formatPoint(point) }) => {
    const group = groups.get(canonicalJson(point));
    const runs = group?.folds.flat() ?? [];
    const flops = runs.map((run) => wholeCost(run)?.flops ?? null);
    const complete = runs.length === source.record.folds.length * source.record.seeds.length &&
      runs.every(({ status }) => status === "completed");
    if (group === undefined || !complete || flops.includes(null)) {
      throw new RangeError(
        `plotLossAgainstCost: every point must have completed with known operations, found that ` +
          `${name} of study ${source.record.name} ${
            group === undefined ? "is none of its points" : "has not"
          }.`,
      );
    }
    return { name, group, flops: mean(flops as number[]) };
  });
  const [reference] = measured.map(({ group }) => lossesOf(group));
  const differences = measured.map(({ group }) => {
    const losses = lossesOf(group);
    return estimateOverFolds(
      losses.map((fold, at) => fold.map((loss, seed) => loss - reference[at][seed])),
    )!;
  });
  const front = onParetoFront(measured.map(({ flops }, at) => [flops, differences[at].mean]));
  return measured.map(({ name, flops }, at) => ({
    name,
    flops,
    difference: differences[at],
    onFront: front[at],
  }));
}

function lossesOf(group: PointRuns): number[][] {
  return group.folds.map((runs) =>
    runs.map((run) => evaluationIn(group, run, "lastStep", null)!.heldOutLoss)
  );
}

/** Draws costs against differences of the loss, and the Pareto front. */
export function lossAgainstCostChart(
  data: readonly LossAtCost[],
  folds: number,
  unit: LossUnit = natsPerToken,
): Chart {
  const [reference] = data;
  const relative = (each: LossAtCost) => each.flops / reference.flops;
  const front = data.filter(({ onFront }) => onFront)
    .sort((a, b) => a.difference.mean - b.difference.mean || a.flops - b.flops);
  const ends = data.flatMap(({ difference: { mean, standardError } }) => [
    mean - (standardError ?? 0),
    mean + (standardError ?? 0),
  ]);
  const words = (each: LossAtCost) =>
    `${each.name}: ${relative(each).toFixed(2)} times the operations, loss ${
      formatSigned(each.difference.mean)
    }${each.onFront ? ", on the front" : ""}`;
  return {
    title: finding(data),
    subtitle:
      `Means over ${folds} folds, seeds averaged; the loss is that on held-out text minus ${reference.name}'s ` +
      `on the same fold, bars are one standard error of that difference. Operations are those of all ` +
      `that was trained: teachers and members count. On the dashed border: no other one costs as little ` +
      `at as low a loss.`,
    alt: `Operations of training against loss. ${data.map(words).join("; ")}.`,
    panels: [{
      x: {
        title: `operations of training, times those of ${reference.name}`,
        range: valueRange(data.map(relative), { fromZero: true }),
      },
      y: {
        title: `loss minus ${reference.name}'s (${unit.words})`,
        range: valueRange([0, ...ends]),
      },
      layers: [
        { kind: "rule", y: 0, label: "", color: theme.axis },
        frontLayer(front.map((each) => [relative(each), each.difference.mean])),
        ...data.flatMap((each, index) => pointLayers(each, index, relative(each), words(each))),
      ],
    }],
    width: 860,
    height: 480,
    legend: "bottom",
  };
}

/** Shapes of the points, each in all colours before the next one. */
const symbols: readonly MarkSymbol[] = ["circle", "diamond", "square", "star"];

/** A point with the standard error of its difference. */
function pointLayers(
  { name, difference: { mean, standardError } }: LossAtCost,
  index: number,
  x: number,
  hover: string,
): Layer[] {
  const color = categoricalColors[index % categoricalColors.length];
  const symbol = symbols[Math.floor(index / categoricalColors.length)];
  return [
    { kind: "line", name, color, x: [x], y: [mean], errors: [standardError], legend: false },
    { kind: "marks", name, symbol, color, x: [x], y: [mean], hover: [hover] },
  ];
}

function finding(data: readonly LossAtCost[]): string {
  const [reference] = data;
  const best = data.reduce((a, b) => b.difference.mean < a.difference.mean ? b : a);
  if (best === reference) return `Nothing has a lower mean loss than ${reference.name}`;
  const times = best.flops / reference.flops;
  return `The lowest mean loss is that of ${best.name}, ${formatSigned(best.difference.mean)} at ${
    times.toFixed(1)
  } times the operations`;
}

/**
 * Draws what points cost against what they come to: operations of all training that they took, those of
 * teachers and of an ensemble's members with them (`wholeCost`), and the held-out loss.
 *
 * Losses are compared with the reference's on the same fold and seed, so that what folds differ in is not
 * taken for noise of the difference. The bars are no test: `linearContrasts` says which differences lie
 * beyond noise.
 *
 * @param source A study, or its records; `ensemblesAsPoints` puts ensembles among the points.
 * @param points From 2 to 28, the reference first.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If there are fewer or more, one is not one of the study's, has not completed, or its
 * operations are not known.
 *
 * @example
 * ```ts
 * import { plotLossAgainstCost } from "./loss_against_cost.ts";
 * import { syntheticRecords } from "../statistics/testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { record, records } = syntheticRecords({ axes: { lambda: [0, 1e-4] } });
 * const cost = (lambda: unknown) => ({ flops: lambda === 0 ? 100 : 300, tokens: 1, weights: 1, bytes: 4 });
 * const costed = records.map((run) => ({ ...run, cost: cost(run.point.lambda) }));
 * const { chart } = plotLossAgainstCost({ record, records: costed }, [
 *   { point: { lambda: 0 }, name: "none" },
 *   { point: { lambda: 1e-4 }, name: "L1" },
 * ]);
 * assert.match(chart.alt, /L1: 3\.00 times the operations/);
 * ```
 */
export function plotLossAgainstCost(source: StudyRecords, points: readonly CostedPoint[]): Figure {
  const most = symbols.length * categoricalColors.length;
  if (points.length < 2 || points.length > most) {
    throw new RangeError(
      `plotLossAgainstCost: there must be from 2 to ${most} points, found ${points.length}.`,
    );
  }
  return figureOf(
    lossAgainstCostChart(
      lossAgainstCost(source, points),
      source.record.folds.length,
      lossUnit(source.record),
    ),
  );
}
