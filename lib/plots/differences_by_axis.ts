import { checkKeys, checkOneOf } from "../core/check.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { axisMeaning } from "../statistics/axis_meaning.ts";
import { compareWithBaseline } from "../statistics/compare.ts";
import type { TestResult } from "../statistics/corrected_t.ts";
import { significanceLevel } from "../statistics/findings.ts";
import {
  counted,
  formatAxis,
  formatPoint,
  formatPValue,
  formatSetting,
} from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { summarizeTrials, type View } from "../statistics/summarize.ts";
import { zeroNote } from "./_axis_words.ts";
import { type Series, seriesEnds, seriesLayers } from "./_series.ts";
import { checkAxis, seriesByAxis } from "./axis_data.ts";
import { settingAxis, valueRange } from "./axes.ts";
import type { Chart, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { capitalize, noiseVerdict, quantityWords, signed, viewWords } from "./quantity_words.ts";
import { theme } from "./theme.ts";

/** What differences are drawn of. */
type Compared = "generalizationGap" | "validationLoss";

/** Differences from the unpenalized point against one axis, paired over fold × seed. */
export interface DifferencesByAxis {
  readonly axis: string;
  readonly meaning: string | null;
  readonly view: View;
  /** Of each quantity the points that are compared, a series for each setting of the other axes. */
  readonly compared: readonly {
    readonly quantity: Compared;
    readonly series: readonly {
      readonly others: JsonObject;
      readonly points: readonly {
        readonly value: Json;
        readonly test: TestResult;
        readonly adjustedPValue: number | null;
        readonly learned: boolean;
      }[];
    }[];
  }[];
}

/** Options of {@link plotDifferences}. */
export interface DifferencesOptions {
  /** The first axis when left out. */
  readonly axis?: string;
  /** At the last step, or at each point's best step. */
  readonly view?: View;
}

/**
 * Reads the paired differences of gap and validation loss from the unpenalized point against one axis.
 *
 * @throws {RangeError} If the study has no such axis or no unpenalized point.
 */
export function differencesByAxis(
  source: StudyRecords,
  options: DifferencesOptions = {},
): DifferencesByAxis {
  checkKeys("plotDifferences", options, ["axis", "view"]);
  const { record, records } = source;
  const { axis } = checkAxis(source, options.axis);
  const view = checkOneOf("plotDifferences: view", options.view ?? "lastStep", [
    "lastStep",
    "bestStep",
  ]);
  const learned = new Map(
    summarizeTrials(record, records).map((each) => [each.key, each[view]?.learned ?? false]),
  );
  return {
    axis,
    meaning: axisMeaning(record, axis),
    view,
    compared: (["generalizationGap", "validationLoss"] as const).map((quantity) => {
      const comparison = compareWithBaseline(record, records, { quantity, view });
      if (comparison === null) {
        throw new RangeError(
          `plotDifferences: a study must have an unpenalized point to compare with, found none in ` +
            `study ${record.name}.`,
        );
      }
      const tested = comparison.points.filter(({ test }) => test !== null);
      return {
        quantity,
        series: seriesByAxis(source, axis, tested).map(({ others, members }) => ({
          others,
          points: members.map(({ point, key, test, adjustedPValue }) => ({
            value: point[axis],
            test: test!,
            adjustedPValue,
            learned: learned.get(key)!,
          })),
        })),
      };
    }),
  };
}

/** Draws differences with their intervals. */
export function differencesByAxisChart(data: DifferencesByAxis): Chart {
  const values = data.compared.flatMap(({ series }) =>
    series.flatMap(({ points }) => points.map(({ value }) => value))
  );
  const x = settingAxis(data.axis, values, data.meaning ?? "");
  const panels = data.compared.map(({ quantity, series }): Panel => {
    const words = quantityWords[quantity];
    const drawn = series.map((each) => seriesOf(data, quantity, each));
    return {
      title: `${capitalize(words.name)}, minus no penalty`,
      x: x.axis,
      y: { title: "difference (nats per token)", range: valueRange([0, ...seriesEnds(drawn)]) },
      layers: [{ kind: "rule", y: 0, label: "", color: theme.axis }, ...seriesLayers(x, drawn)],
    };
  });
  return {
    title: finding(data),
    subtitle:
      `Differences from no penalty ${
        viewWords[data.view]
      }, paired over folds and seeds; bars are 95 % ` +
      `intervals of the corrected resampled t-test, not adjusted for their number. Full: beyond noise ` +
      `after Holm (p < ${significanceLevel}); hollow: not.${zeroNote(x, data.axis)}`,
    alt: describe(data),
    panels,
    width: 960,
    height: 430,
    legend: data.compared[0].series.length > 1 ? "right" : "none",
  };
}

type Compare = DifferencesByAxis["compared"][number];

function isBeyond({ adjustedPValue }: { readonly adjustedPValue: number | null }): boolean {
  return adjustedPValue !== null && adjustedPValue < significanceLevel;
}

function seriesOf(
  { axis }: DifferencesByAxis,
  quantity: Compared,
  { others, points }: Compare["series"][number],
): Series {
  const words = quantityWords[quantity];
  const name = Object.keys(others).length === 0 ? "minus no penalty" : formatPoint(others);
  return {
    name,
    points: points.map((point) => {
      const { value, test, adjustedPValue, learned } = point;
      return {
        value,
        y: test.mean,
        error: test.interval && test.interval[1] - test.mean,
        hollow: !isBeyond(point),
        hover: `${formatAxis(axis)} = ${formatSetting(value)}, ${name}: ${
          signed(words.show(test.mean), test.mean)
        }, ${
          adjustedPValue === null ? "not tested" : `p after Holm ${formatPValue(adjustedPValue)}`
        }${learned ? "" : ", little learned"}`,
      };
    }),
  };
}

function finding({ compared }: DifferencesByAxis): string {
  const learned = compared.map(({ series }) =>
    series.flatMap(({ points }) => points.filter((point) => point.learned))
  );
  const [gap, loss] = learned.map((points) => ({
    of: points.length,
    lower: points.filter((point) => isBeyond(point) && point.test.mean < 0).length,
    higher: points.filter((point) => isBeyond(point) && point.test.mean > 0).length,
  }));
  if (gap.of === 0) return "No penalized setting that learned is compared with no penalty";
  const number = (count: number) => count === 0 ? "none" : String(count);
  return `Of ${counted(gap.of, "penalized setting")} that learned, ${number(gap.lower)} ${
    gap.lower > 1 ? "have" : "has"
  } a smaller gap beyond noise, ${number(loss.lower)} a lower and ${
    number(loss.higher)
  } a higher validation loss`;
}

function describe({ axis, view, compared }: DifferencesByAxis): string {
  const rows = compared.map(({ quantity, series }) => {
    const words = quantityWords[quantity];
    const cells = series.flatMap(({ others, points }) =>
      points.map((point) => {
        const { value, test } = point;
        const interval = test.interval === null
          ? "no interval"
          : `${test.interval.map((end) => signed(words.show(end), end)).join(" to ")}`;
        return `${formatPoint({ ...others, [axis]: value })}: ${
          signed(words.show(test.mean), test.mean)
        } (${interval}, ${noiseVerdict(point.adjustedPValue)})`;
      })
    );
    return `${capitalize(words.name)}: ${cells.join("; ") || "no setting is compared"}.`;
  });
  return `Differences from no penalty ${viewWords[view]} against ${
    formatAxis(axis)
  }, with 95 % intervals. ` +
    rows.join(" ");
}

/**
 * Draws by how much generalization gap and validation loss differ from those without penalty, paired over
 * fold × seed, with the 95 % interval of the corrected resampled t-test, against one axis.
 *
 * The interval is of each difference by itself; which marks are full is decided after Holm's adjustment
 * over all points, as in a report's tables.
 *
 * @param study A study, or its records.
 * @param options.axis Axis to draw against; the first of the space.
 * @param options.view At the last step, or at each point's best step.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If the study has no such axis, or no unpenalized point.
 */
export function plotDifferences(study: StudyRecords, options: DifferencesOptions = {}): Figure {
  return figureOf(differencesByAxisChart(differencesByAxis(study, options)));
}
