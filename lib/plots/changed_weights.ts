import { show } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOptions, passed } from "../core/options.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { RunRecord } from "../records/run_record.ts";
import { type Estimate, estimateOverFolds } from "../statistics/estimate.ts";
import { formatPoint, formatShare } from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { groupRuns } from "../statistics/summarize.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors } from "./theme.ts";

/** Options of {@link plotChangedWeights}. */
export interface ChangedWeightsOptions {
  /** Points to draw; those whose runs count what did not change, evenly, as many as there are colours. */
  readonly points?: readonly JsonObject[];
}

const described = { points: passed<ChangedWeightsOptions["points"]>() };

/** Of each layer, the share of its weights that are others than the training began with. */
export interface ChangedWeights {
  /** Layers in the order of the model. */
  readonly layers: readonly string[];
  readonly points: readonly {
    readonly point: JsonObject;
    /** One a layer: mean over folds of the mean over seeds, 0 to 1; null where nothing is counted. */
    readonly shares: readonly (Estimate | null)[];
    /** The same of all layers together. */
    readonly all: Estimate | null;
  }[];
}

/**
 * Reads which share of each layer's weights changed, of those that some penalty pulls towards their start.
 *
 * @throws {RangeError} If a point is not one of the study's.
 */
export function changedWeights(
  { record, records }: StudyRecords,
  options: ChangedWeightsOptions = {},
): ChangedWeights {
  const { points: asked } = checkOptions("plotChangedWeights", options, described);
  const groups = new Map(
    groupRuns(record, records).map(({ point, key, folds }) => [key, {
      point,
      folds: folds.map((runs) => runs.filter(({ status }) => status === "completed")),
    }]),
  );
  const counting = [...groups.values()].filter(({ folds }) =>
    folds.flat().some((run) => run.parameters.some(isCounted))
  );
  const chosen = asked?.map((point) => {
    const group = groups.get(canonicalJson(point));
    if (group !== undefined) return group;
    throw new RangeError(
      `plotChangedWeights: points must be points of study ${record.name}, found ${show(point)}.`,
    );
  }) ?? evenly(counting, categoricalColors.length);
  const layers = [
    ...new Set(
      chosen.flatMap(({ folds }) => folds.flat())
        .flatMap(({ parameters }) => parameters.filter(isCounted).map(layerOf)),
    ),
  ];
  return {
    layers,
    points: chosen.map(({ point, folds }) => {
      const over = (belongs: (parameter: Parameter) => boolean) =>
        estimateOverFolds(
          folds.map((runs) => runs.flatMap((run) => shareOf(run.parameters.filter(belongs)))),
        );
      return {
        point,
        shares: layers.map((layer) => over((parameter) => layerOf(parameter) === layer)),
        all: over(() => true),
      };
    }),
  };
}

/** At most some of a list, the first and the last among them. */
function evenly<T>(list: readonly T[], count: number): readonly T[] {
  if (list.length <= count) return list;
  const step = (list.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => list[Math.round(index * step)]);
}

type Parameter = RunRecord["parameters"][number];

function isCounted({ unchangedWeights }: Parameter): boolean {
  return unchangedWeights !== undefined;
}

function layerOf({ name }: Parameter): string {
  return name.split("/")[0];
}

/** Share that changed of the parameters that are counted; none where none is. */
function shareOf(parameters: readonly Parameter[]): number[] {
  const counted = parameters.filter(isCounted);
  const all = parameterCount(counted);
  const unchanged = counted.reduce((sum, { unchangedWeights = 0 }) => sum + unchangedWeights, 0);
  return all === 0 ? [] : [1 - unchanged / all];
}

/** Draws the shares layer by layer, a line a point. */
export function changedWeightsChart(data: ChangedWeights): Chart {
  const { layers, points } = data;
  const lines = points.map(({ point, shares }, index): Layer => {
    const places = shares.flatMap((share, x) => share === null ? [] : [{ x, share }]);
    return {
      kind: "line",
      name: formatPoint(point),
      color: categoricalColors[index % categoricalColors.length],
      x: places.map(({ x }) => x),
      y: places.map(({ share }) => 100 * share.mean),
      errors: places.map(({ share: { standardError } }) =>
        standardError === null ? null : 100 * standardError
      ),
      marks: true,
      hover: places.map(({ x, share }) =>
        `${formatPoint(point)}: ${formatShare(share.mean)} of the weights of ${layers[x]} changed`
      ),
      legend: true,
    };
  });
  return {
    title: finding(data),
    subtitle:
      "Share of the weights of each layer that are others than the training began with, of " +
      "those that a penalty pulls back; mean over folds, bars are its standard error.",
    alt: describe(data),
    panels: [{
      x: {
        title: "layer",
        range: [-0.5, Math.max(1, layers.length) - 0.5],
        ticks: layers.map((label, position) => ({ position, label })),
      },
      y: { title: "weights that changed (%)", range: [-2, 104] },
      layers: lines,
    }],
    width: 760,
    height: 430,
    legend: "bottom",
  };
}

function finding({ layers, points }: ChangedWeights): string {
  const least = points.filter(({ all }) => all !== null)
    .toSorted((a, b) => a.all!.mean - b.all!.mean)[0];
  if (least === undefined) return "No completed run counts weights that did not change";
  const told = `${formatShare(least.all!.mean)} of the weights changed with ${
    formatPoint(least.point)
  }`;
  const most = least.shares.reduce<{ layer: string; mean: number } | null>(
    (best, share, index) =>
      share !== null && share.mean > (best?.mean ?? -1)
        ? { layer: layers[index], mean: share.mean }
        : best,
    null,
  );
  if (most === null || layers.length < 2 || most.mean === 0) return told;
  return `${told}, the largest share in ${most.layer} (${formatShare(most.mean)})`;
}

function describe({ layers, points }: ChangedWeights): string {
  const told = points.map(({ point, shares }) => {
    const each = shares.flatMap((share, index) =>
      share === null ? [] : [`${layers[index]} ${formatShare(share.mean)}`]
    );
    return `${formatPoint(point)}: ${each.join(", ") || "nothing counted"}`;
  });
  return `Weights that changed in training, by layer. ${
    told.join("; ") || "No completed run counts them"
  }.`;
}

/**
 * Draws, layer by layer, which share of the weights a training changed: what `proximalL1TowardsStart` and the
 * other penalties towards the start left as it was is counted to the bit.
 *
 * @param study A study, or its records.
 * @param options See {@link ChangedWeightsOptions}.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If a point is not one of the study's.
 */
export function plotChangedWeights(
  study: StudyRecords,
  options: ChangedWeightsOptions = {},
): Figure {
  return figureOf(changedWeightsChart(changedWeights(study, options)));
}
