import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOptions, passed } from "../core/options.ts";
import { readPoint } from "../statistics/compare.ts";
import type { TestResult } from "../statistics/corrected_t.ts";
import { mean } from "../statistics/estimate.ts";
import {
  formatAxis,
  formatNumber,
  formatPoint,
  formatSetting,
  signed,
} from "../statistics/format.ts";
import { type LossUnit, lossUnit } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { groupRuns, type Quantity, summarizeTrials, type View } from "../statistics/summarize.ts";
import { valueRange } from "./axes.ts";
import type { Axis, Chart, Layer, Panel } from "./chart.ts";
import { compared } from "./_compared.ts";
import { baselineWords } from "../statistics/baseline_words.ts";
import { quantity, view } from "../statistics/options.ts";
import { chosenPoints } from "./chosen_points.ts";
import { type Figure, figureOf } from "./figure.ts";
import { capitalize, placeInTraining, quantityWords, viewWords } from "./quantity_words.ts";
import { categoricalColors, theme } from "./theme.ts";

/** Options of {@link plotFolds}. */
export interface FoldOptions {
  /** Points to draw; the baseline and the points selected at the last step when left out. */
  readonly points?: readonly JsonObject[];
  /**
   * What to draw.
   *
   * @default {"validationLoss"}
   */
  readonly quantity?: Quantity;
  /**
   * At the last step, or at each point's best step.
   *
   * @default {"lastStep"}
   */
  readonly view?: View;
}

const described = { points: passed<FoldOptions["points"]>(), quantity, view };

/** A quantity fold by fold, paired between points. */
export interface FoldStrips {
  readonly quantity: Quantity;
  /** That of the study's losses; nats per token when left out. */
  readonly unit?: LossUnit;
  readonly view: View;
  /** Where in training points are looked at, in words; those of the view when left out. */
  readonly where?: string;
  /** What the differences are from. */
  readonly reference: string;
  readonly points: readonly {
    readonly point: JsonObject;
    readonly isBaseline: boolean;
    /** Folds with a completed run: the mean over seeds, and each seed. */
    readonly folds: readonly {
      readonly fold: number;
      readonly mean: number;
      readonly seeds: readonly number[];
    }[];
    /** Point minus baseline by fold, over the pairs that both completed; empty for the baseline. */
    readonly differences: readonly { readonly fold: number; readonly difference: number }[];
    /** Their corrected resampled t-test; null for the baseline and where runs are missing. */
    readonly test: TestResult | null;
  }[];
}

/**
 * Reads a quantity of some points fold by fold, with the paired differences from the baseline.
 *
 * @throws {RangeError} If a point is not one of the study's.
 */
export function foldStrips(source: StudyRecords, options: FoldOptions = {}): FoldStrips {
  const { points: asked, quantity, view } = checkOptions("plotFolds", options, described);
  const { record, records } = source;
  const baselineKey = record.baseline === null ? null : canonicalJson(record.baseline);
  const summaries = new Map(summarizeTrials(record, records).map((each) => [each.key, each]));
  const groups = new Map(groupRuns(record, records).map((each) => [each.key, each]));
  const comparison = compared(source, { quantity, view });
  const points = (asked ?? chosenPoints(source)).map((point) => {
    const key = canonicalJson(point);
    const group = groups.get(key);
    if (!group) {
      throw new RangeError(
        `plotFolds: points must be points of study ${record.name}, found ${key}.`,
      );
    }
    const readings = readPoint(group, summaries.get(key)!, quantity, view);
    const against = comparison?.points.find((each) => each.key === key);
    const folds = [...new Set(readings.map(({ fold }) => fold))];
    const pairedFolds = [...new Set(against?.pairs.map(({ fold }) => fold))];
    return {
      point: group.point,
      isBaseline: key === baselineKey,
      folds: folds.map((fold) => {
        const seeds = readings.filter((each) => each.fold === fold).map(({ value }) => value);
        return { fold, mean: mean(seeds), seeds };
      }),
      differences: pairedFolds.map((fold, index) => ({
        fold,
        difference: against!.foldDifferences[index],
      })),
      test: against?.test ?? null,
    };
  });
  return {
    quantity,
    unit: lossUnit(record),
    view,
    where: placeInTraining(record, view),
    reference: baselineWords(record).short,
    points,
  };
}

/** Draws values by fold, joined between points, and beside them the differences from the baseline. */
export function foldStripsChart(data: FoldStrips): Chart {
  const words = quantityWords(data.quantity, data.unit);
  const others = data.points.filter(({ differences }) => differences.length > 0);
  const panels = [valuesPanel(data)];
  if (others.length > 0) panels.push(differencesPanel(data, others));
  return {
    title: finding(data),
    subtitle:
      `${capitalize(words.name)} ${
        data.where ?? viewWords[data.view]
      }. Lines join the same fold (seeds ` +
      `averaged); small dots are single seeds.` +
      (others.length > 0
        ? " Differences are by fold, with mean and 95 % interval of the corrected resampled t-test."
        : ""),
    alt: describe(data),
    panels,
    width: panels.length > 1 ? 960 : 560,
    height: 430,
    legend: "bottom",
  };
}

function valuesPanel(data: FoldStrips): Panel {
  const words = quantityWords(data.quantity, data.unit);
  const folds = foldsOf(data);
  const values = data.points.flatMap(({ folds }) => folds.flatMap((each) => each.seeds));
  const layers = folds.flatMap((fold): Layer[] => {
    const color = colorOfFold(data, fold);
    const own = data.points.flatMap(({ point, folds }, x) => {
      const found = folds.find((each) => each.fold === fold);
      return found ? [{ point, x, ...found }] : [];
    });
    const dots = own.flatMap(({ x, seeds }) => seeds.map((value) => [x, value]));
    return [
      {
        kind: "marks",
        name: "",
        symbol: "dot",
        color,
        x: dots.map(([x]) => x),
        y: dots.map(([, y]) => y),
      },
      {
        kind: "line",
        name: nameOfFold(data, fold),
        color,
        x: own.map(({ x }) => x),
        y: own.map((each) => each.mean),
        marks: true,
        hover: own.map((each) =>
          `fold ${fold}, ${formatPoint(each.point)}: ${words.show(each.mean)}`
        ),
        legend: true,
      },
    ];
  });
  return {
    title: capitalize(words.name),
    x: pointAxis(data.points),
    y: { title: words.axis, range: valueRange(values) },
    layers,
  };
}

function differencesPanel(data: FoldStrips, others: FoldStrips["points"]): Panel {
  const words = quantityWords(data.quantity, data.unit);
  const layers = others.flatMap(({ point, differences, test }, x): Layer[] => {
    const spread = (index: number) => x - 0.12 + 0.08 * (index - (differences.length - 1) / 2) / 2;
    const dots = differences.map(({ fold, difference }, index): Layer => ({
      kind: "line",
      name: nameOfFold(data, fold),
      color: colorOfFold(data, fold),
      x: [spread(index)],
      y: [difference],
      marks: true,
      hover: [`fold ${fold}, ${formatPoint(point)}: ${signed(words.show(difference), difference)}`],
      legend: false,
    }));
    const centre = mean(differences.map(({ difference }) => difference));
    const half = test?.interval ? test.interval[1] - test.mean : null;
    const summary: Layer = {
      kind: "line",
      name: "mean and 95 % interval",
      color: theme.text,
      x: [x + 0.2],
      y: [centre],
      errors: [half],
      marks: true,
      hollow: [half === null],
      hover: [`${formatPoint(point)}: mean ${signed(words.show(centre), centre)}`],
      legend: x === 0,
    };
    return [...dots, summary];
  });
  const ends = others.flatMap(({ differences, test }) => [
    0,
    ...differences.map(({ difference }) => difference),
    ...(test?.interval ?? []),
  ]);
  return {
    title: `Minus ${data.reference}`,
    x: pointAxis(others),
    y: {
      title: `difference${words.unit === "" ? "" : ` (${words.unit.trim()})`}`,
      range: valueRange(ends),
    },
    layers: [{ kind: "rule", y: 0, label: "", color: theme.axis }, ...layers],
  };
}

/** Folds in the order in which they are drawn. */
function foldsOf({ points }: FoldStrips): number[] {
  return [...new Set(points.flatMap(({ folds }) => folds.map(({ fold }) => fold)))];
}

/** A colour each; one for all where there are more folds than colours. */
function colorOfFold(data: FoldStrips, fold: number): string {
  const folds = foldsOf(data);
  return categoricalColors[folds.length > categoricalColors.length ? 0 : folds.indexOf(fold)];
}

function nameOfFold(data: FoldStrips, fold: number): string {
  const { length } = foldsOf(data);
  return length > categoricalColors.length ? `each of ${length} folds` : `fold ${fold}`;
}

/** Points side by side, one setting below the other. */
function pointAxis(points: FoldStrips["points"]): Axis {
  return {
    title: "",
    range: [-0.5, Math.max(1, points.length) - 0.5],
    ticks: points.map(({ point }, position) => ({
      position,
      label: Object.entries(point)
        .map(([axis, value]) => `${formatAxis(axis)} = ${formatSetting(value)}`).join("\n"),
    })),
  };
}

function lower({ differences }: FoldStrips["points"][number]): number {
  return differences.filter(({ difference }) => difference < 0).length;
}

function finding(data: FoldStrips): string {
  const words = quantityWords(data.quantity, data.unit);
  const others = data.points.filter(({ differences }) => differences.length > 0);
  if (others.length === 0) return `${capitalize(words.name)} fold by fold`;
  if (others.every(({ differences }) => differences.every(({ difference }) => difference === 0))) {
    return `${capitalize(words.name)} is that of ${data.reference} in every fold`;
  }
  const parts = others.map((each) =>
    `in ${lower(each)} of ${each.differences.length} folds at ${formatPoint(each.point)}`
  );
  return `${capitalize(words.name)} is below that of ${data.reference} ${parts.join(", ")}`;
}

function describe(data: FoldStrips): string {
  const words = quantityWords(data.quantity, data.unit);
  const rows = data.points.map(({ point, folds, test }) => {
    const values = folds.map(({ fold, mean }) => `fold ${fold} ${words.show(mean)}`).join(", ");
    const difference = test?.interval
      ? `; mean difference ${formatNumber(test.mean)}, 95 % interval ${
        test.interval.map((end) => formatNumber(end)).join(" to ")
      }`
      : "";
    return `${formatPoint(point)}: ${values || "no run completed"}${difference}`;
  });
  return `${capitalize(words.name)} of each fold ${data.where ?? viewWords[data.view]}. ${
    rows.join(". ")
  }.`;
}

/**
 * Draws a quantity fold by fold for a few points, lines joining the same fold, and the paired
 * differences from the baseline with the interval of the corrected resampled t-test.
 *
 * @param study A study, or its records.
 * @param options See {@link FoldOptions}.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If a point is not one of the study's.
 */
export function plotFolds(study: StudyRecords, options: FoldOptions = {}): Figure {
  return figureOf(foldStripsChart(foldStrips(study, options)));
}
