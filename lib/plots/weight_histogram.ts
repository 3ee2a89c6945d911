import { show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { checkOptions, integer, orNotGiven, passed } from "../core/options.ts";
import { formatNumber, formatPoint, formatShare } from "../statistics/format.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors } from "./theme.ts";

/** A set of weights with a name, such as those of a trained model. */
export interface NamedWeights {
  /** A text, or a point of a study, which is shown as `λ = 0, α = 1`. */
  readonly name: string | JsonObject;
  /** Weights by parameter name, as a trained model gives them, or one list. */
  readonly weights:
    | ReadonlyMap<
      string,
      { readonly values: ArrayLike<number>; readonly shape?: readonly number[] }
    >
    | ArrayLike<number>;
}

/** Options of {@link plotWeightHistogram}. */
export interface HistogramOptions {
  /**
   * Number of bins; odd so that one is centred on 0.
   *
   * @default {61}
   */
  readonly bins?: number;
  /** Names of the parameters to count; all when left out. */
  readonly parameters?: readonly string[];
}

const described = {
  bins: orNotGiven(integer({ from: 3, to: 1001 }, 61)),
  parameters: passed<readonly string[] | undefined>(),
};

/** Histograms of weights on common bins; exact zeros are counted apart. */
export interface WeightHistograms {
  /** Bin edges, one more than bins, symmetric around 0. */
  readonly edges: readonly number[];
  readonly histograms: readonly {
    readonly name: string;
    readonly count: number;
    readonly exactZeros: number;
    /** Weights that are not exactly 0 in each bin, as a share of all. */
    readonly shares: readonly number[];
  }[];
}

/** Counts weights into bins; those beyond the outermost edges are counted in the last bins. */
export function weightHistograms(
  models: readonly NamedWeights[],
  options: HistogramOptions = {},
): WeightHistograms {
  const { bins } = checkOptions("plotWeightHistogram", options, described);
  if (models.length === 0) throw new RangeError("plotWeightHistogram: models must not be empty.");
  const sets = models.map(({ name, weights }) => ({
    name: typeof name === "string" ? name : formatPoint(name),
    values: flatten(weights, options),
  }));
  const largest = Math.max(...sets.map(({ values }) => quantile(values, 0.999)));
  const end = largest > 0 ? largest : 1;
  const edges = Array.from({ length: bins + 1 }, (_, index) => end * (2 * index / bins - 1));
  return {
    edges,
    histograms: sets.map(({ name, values }) => {
      const counts = new Array<number>(bins).fill(0);
      let exactZeros = 0;
      for (const value of values) {
        if (value === 0) {
          exactZeros++;
          continue;
        }
        const bin = Math.floor((value + end) / (2 * end) * bins);
        counts[Math.min(bins - 1, Math.max(0, bin))]++;
      }
      return {
        name,
        count: values.length,
        exactZeros,
        shares: counts.map((count) => count / values.length),
      };
    }),
  };
}

function flatten(weights: NamedWeights["weights"], { parameters }: HistogramOptions): Float64Array {
  if (!(weights instanceof Map)) return Float64Array.from(weights as ArrayLike<number>);
  const names = parameters ?? [...weights.keys()];
  const lists = names.map((name) => {
    const found = weights.get(name);
    if (!found) {
      throw new RangeError(
        `plotWeightHistogram: parameters must be of ${[...weights.keys()].join(", ")}, found ${
          show(name)
        }.`,
      );
    }
    return Array.from(found.values as ArrayLike<number>);
  });
  return Float64Array.from(lists.flat());
}

/** The size that a share of the weights do not exceed. */
function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) throw new RangeError("plotWeightHistogram: weights must not be empty.");
  const sizes = values.map(Math.abs).sort();
  const size = sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))];
  if (!Number.isFinite(sizes.at(-1))) {
    throw new RangeError("plotWeightHistogram: weights must be finite.");
  }
  return size;
}

/** Draws histograms of weights, shares on a logarithmic axis. */
export function weightHistogramsChart(data: WeightHistograms): Chart {
  const positive = data.histograms.flatMap(({ shares }) => shares).filter((share) => share > 0);
  const bottom = Math.floor(Math.log10(Math.min(1, ...positive)));
  const top = Math.log10(Math.max(10 ** bottom, ...positive)) + 0.15;
  const layers = data.histograms.map(({ name, count, exactZeros, shares }, index): Layer => ({
    kind: "steps",
    name: `${name}: ${formatShare(exactZeros / count)} exactly 0`,
    color: categoricalColors[index % categoricalColors.length],
    edges: data.edges,
    heights: shares.map((share) => share > 0 ? Math.log10(share) : bottom),
    legend: true,
  }));
  const powers = Array.from({ length: Math.floor(top) - bottom + 1 }, (_, index) => bottom + index);
  return {
    title: finding(data),
    subtitle:
      "Weights that are not exactly 0, as a share of all weights in each bin (logarithmic); " +
      "the outermost bins hold all beyond.",
    alt: `Histograms of weights. ${data.histograms.map(describe).join("; ")}.`,
    panels: [{
      x: { title: "weight", range: [data.edges[0], data.edges.at(-1)!] },
      y: {
        title: "share of weights",
        range: [bottom, Math.max(top, bottom + 0.5)],
        ticks: powers.map((position) => ({ position, label: powerLabel(position) })),
      },
      layers,
    }],
    width: 760,
    height: 430,
    legend: "bottom",
  };
}

function powerLabel(power: number): string {
  return power >= -3 ? `${Number((100 * 10 ** power).toPrecision(3))} %` : `1e${power}`;
}

function describe({ name, count, exactZeros }: WeightHistograms["histograms"][number]): string {
  return `${name}: ${count} weights, ${formatShare(exactZeros / count)} exactly 0`;
}

function finding({ histograms, edges }: WeightHistograms): string {
  const most = histograms.reduce((
    a,
    b,
  ) => (b.exactZeros / b.count > a.exactZeros / a.count ? b : a));
  if (most.exactZeros === 0) {
    return `No weight is exactly 0; 99.9 % lie within ±${formatNumber(edges.at(-1)!, 2)}`;
  }
  return `${most.name} sets ${
    formatShare(most.exactZeros / most.count)
  } of the weights exactly to 0`;
}

/**
 * Draws histograms of the weights of trained models on common bins, exact zeros counted apart.
 *
 * @param models Sets of weights with their names, such as
 * `{ name: point, weights: model.weights() }`.
 * @param options See {@link HistogramOptions}.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If there is no model, no weight, or a weight that is not finite.
 */
export function plotWeightHistogram(
  models: readonly NamedWeights[],
  options: HistogramOptions = {},
): Figure {
  return figureOf(weightHistogramsChart(weightHistograms(models, options)));
}
