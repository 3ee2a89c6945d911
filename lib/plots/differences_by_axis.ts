import type { JsonObject } from "../core/json.ts";
import { checkOptions, passed } from "../core/options.ts";
import type { AxisRole } from "../records/study_record.ts";
import { axesOfStudy, isOfRemedies } from "../statistics/axis_roles.ts";
import { axisMeaning } from "../statistics/axis_meaning.ts";
import type { Equivalence } from "../statistics/equivalence.ts";
import type { TestResult } from "../statistics/corrected_t.ts";
import { significanceLevel, verdictOn } from "../statistics/verdict.ts";
import { counted, formatAxis, formatPoint, formatPValue, signed } from "../statistics/format.ts";
import { view } from "../statistics/options.ts";
import { type LossUnit, lossUnit } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { summarizeTrials, type View } from "../statistics/summarize.ts";
import { compared } from "./_compared.ts";
import { growsByFactors, placeNote } from "./_axis_words.ts";
import { type BaselineWords, baselineWords, kindOfPoint } from "../statistics/baseline_words.ts";
import {
  colorNote,
  legendOf,
  type Series,
  seriesEnds,
  seriesLayers,
  seriesStyles,
} from "./_series.ts";
import { alongAxis, isTrainedAlike } from "./along_axis.ts";
import { checkAxis, notDrawn } from "./axis_data.ts";
import { settingAxis, valueRange } from "./axes.ts";
import type { Chart, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { capitalize, noiseVerdict, placeInTraining, quantityWords } from "./quantity_words.ts";
import { type Setting, settingKey } from "./settings.ts";
import { type DrawnRegion, regionEnds, regionLayers, regionNote } from "./_region.ts";
import { theme } from "./theme.ts";

/** What differences are drawn of. */
type Compared = "generalizationGap" | "validationLoss";

/** Differences from the baseline against one axis, paired over fold × seed. */
export interface DifferencesByAxis {
  readonly axis: string;
  readonly role: AxisRole;
  readonly meaning: string | null;
  /** That of the study's losses; nats per token when left out. */
  readonly unit?: LossUnit;
  readonly view: View;
  /** Where in training points are looked at, in words. */
  readonly where: string;
  readonly baseline: BaselineWords;
  /** Values of axes that are no strengths, which all points share with the baseline. */
  readonly sharedWithBaseline: JsonObject;
  /** Whether all points have stronger remedies than the baseline, and differ from it in nothing else. */
  readonly onlyStronger: boolean;
  /** Whether these are all points that are compared with the baseline. */
  readonly isWhole: boolean;
  /** Points that are not drawn because no other differs from them in this axis alone. */
  readonly leftOut: number;
  readonly scattered: boolean;
  /** Of each quantity the points that are compared, a series for each setting of the other axes. */
  readonly compared: readonly {
    readonly quantity: Compared;
    /** Differences too small to matter; absent where none were declared, and of the gap. */
    readonly region?: DrawnRegion;
    readonly series: readonly {
      readonly others: JsonObject;
      readonly isBaseline: boolean;
      readonly points: readonly {
        readonly value: Setting;
        readonly point: JsonObject;
        readonly test: TestResult;
        readonly adjustedPValue: number | null;
        readonly equivalence?: Equivalence;
        readonly learned: boolean;
      }[];
    }[];
  }[];
}

/** Options of {@link plotDifferences}. */
export interface DifferencesOptions {
  /** The first axis when left out. */
  readonly axis?: string;
  /**
   * At the last step, or at each point's best step.
   *
   * @default {"lastStep"}
   */
  readonly view?: View;
}

const described = { axis: passed<string | undefined>(), view };

/**
 * Reads the paired differences of gap and validation loss from the baseline against one axis. Only points
 * that are trained as the baseline is, at its size and on as much text, are looked at: what another
 * learning rate or more text does would be credited to the axis.
 *
 * @throws {RangeError} If the study has no such axis or no baseline.
 */
export function differencesByAxis(
  source: StudyRecords,
  options: DifferencesOptions = {},
): DifferencesByAxis {
  const { record, records } = source;
  const { view, ...given } = checkOptions("plotDifferences", options, described);
  const { axis } = checkAxis(source, given.axis);
  const learned = new Map(
    summarizeTrials(record, records).map((each) => [each.key, each[view]?.learned ?? false]),
  );
  const { baseline } = record;
  if (baseline === null) {
    throw new RangeError(
      `plotDifferences: a study must have a baseline to compare with, found none in study ` +
        `${record.name}.`,
    );
  }
  const axes = axesOfStudy(record);
  const own = axes.find(({ name }) => name === axis)!;
  const fixed = axes.filter(({ name, role }) =>
    name !== axis && ["training", "size", "data"].includes(role)
  );
  const isAlike = ({ point }: { readonly point: JsonObject }) =>
    isOfRemedies(own)
      ? isTrainedAlike(record, point, baseline)
      : fixed.every(({ name }) => settingKey(point[name]) === settingKey(baseline[name]));
  const tested = (["generalizationGap", "validationLoss"] as const).map((quantity) => {
    const { points, region } = compared(source, { quantity, view })!;
    const all = points.filter(({ test }) => test !== null);
    return { quantity, region, count: all.length, points: all.filter(isAlike) };
  });
  const drawn = tested[0].points.map(({ point }) => point);
  const laid = tested.map(({ quantity, points, region }) => ({
    quantity,
    region,
    along: alongAxis(source, axis, points),
  }));
  return {
    axis,
    role: own.role,
    onlyStronger: drawn.length > 0 &&
      drawn.every((point) => kindOfPoint(record, point) === "stronger"),
    meaning: axisMeaning(record, axis),
    unit: lossUnit(record),
    view,
    where: placeInTraining(record, view),
    baseline: baselineWords(record),
    sharedWithBaseline: Object.fromEntries(
      axes.filter(({ name, role }) =>
        role !== "strength" && name !== axis && name in baseline &&
        drawn.every((point) => settingKey(point[name]) === settingKey(baseline[name]))
      ).map(({ name }) => [name, baseline[name]]),
    ),
    isWhole: laid[0].along.series.flatMap(({ members }) => members).length === tested[0].count,
    leftOut: laid[0].along.leftOut,
    scattered: laid[0].along.scattered,
    compared: laid.map(({ quantity, region, along }) => ({
      quantity,
      ...(region && { region }),
      series: along.series.map(({ others, isBaseline, members }) => ({
        others,
        isBaseline,
        points: members.map(({ point, key, test, adjustedPValue, equivalence }) => ({
          value: point[axis],
          point,
          test: test!,
          adjustedPValue,
          ...(equivalence && { equivalence }),
          learned: learned.get(key)!,
        })),
      })),
    })),
  };
}

/** Draws differences with their intervals. */
export function differencesByAxisChart(data: DifferencesByAxis): Chart {
  const values = data.compared.flatMap(({ series }) =>
    series.flatMap(({ points }) => points.map(({ value }) => value))
  );
  const { baseline, axis, scattered } = data;
  const x = settingAxis(axis, values, {
    unit: data.meaning ?? "",
    byFactors: growsByFactors(data.role),
  });
  const [first] = data.compared;
  const styles = seriesStyles(
    first.series.map((each) => seriesOf(data, first.quantity, each)),
    `minus ${baseline.short}`,
  );
  const panels = data.compared.map(({ quantity, series, region }): Panel => {
    const words = quantityWords(quantity, data.unit);
    const drawn = series.map((each) => seriesOf(data, quantity, each));
    return {
      title: `${capitalize(words.name)}, minus ${baseline.short}`,
      x: x.axis,
      y: {
        title: `difference (${words.unit.trim()})`,
        range: valueRange([0, ...regionEnds(region), ...seriesEnds(drawn)]),
      },
      layers: [
        ...regionLayers(region, x.axis.range),
        { kind: "rule", y: 0, label: "", color: theme.axis },
        ...seriesLayers(x, drawn, { styles, scattered }),
      ],
    };
  });
  const shared = Object.keys(data.sharedWithBaseline).length === 0
    ? ""
    : ` All points have ${formatPoint(data.sharedWithBaseline)}, as the baseline.`;
  return {
    title: finding(data),
    subtitle:
      `Differences from ${baseline.name} ${data.where}, paired over folds and seeds; bars are 95 % ` +
      `intervals of the corrected resampled t-test, not adjusted for their number. Full: beyond noise ` +
      `after Holm (p < ${significanceLevel}); hollow: not.${shared}${
        regionNote(data.compared.find(({ region }) => region)?.region)
      }` +
      `${colorNote(first.series)}${notDrawn({ tunedOver: [], leftOut: data.leftOut }, axis)}${
        placeNote(x, axis)
      }`,
    alt: describe(data),
    panels,
    width: 960,
    ...legendOf(first.series),
  };
}

type Compare = DifferencesByAxis["compared"][number];

function isBeyond({ adjustedPValue }: { readonly adjustedPValue: number | null }): boolean {
  return adjustedPValue !== null && adjustedPValue < significanceLevel;
}

function seriesOf(
  { baseline, unit }: DifferencesByAxis,
  quantity: Compared,
  { others, isBaseline, points }: Compare["series"][number],
): Series {
  const words = quantityWords(quantity, unit);
  return {
    others,
    isBaseline,
    points: points.map((each) => {
      const { value, point, test, adjustedPValue, learned } = each;
      return {
        value,
        y: test.mean,
        error: test.interval && test.interval[1] - test.mean,
        hollow: !isBeyond(each),
        hover: `${formatPoint(point)}, minus ${baseline.short}: ${
          signed(words.show(test.mean), test.mean)
        }, ${
          adjustedPValue === null ? "not tested" : `p after Holm ${formatPValue(adjustedPValue)}`
        }${learned ? "" : ", little learned"}`,
      };
    }),
  };
}

function finding({ axis, compared, baseline, onlyStronger, isWhole }: DifferencesByAxis): string {
  const learned = compared.map(({ series }) =>
    series.flatMap(({ points }) => points.filter((point) => point.learned))
  );
  const [gap, loss] = learned.map((points) => ({
    of: points.length,
    lower: points.filter((point) => isBeyond(point) && point.test.mean < 0).length,
    higher: points.filter((point) => isBeyond(point) && point.test.mean > 0).length,
  }));
  const settings = (count: number) =>
    onlyStronger && baseline.unpenalized ? baseline.stronger(count) : counted(count, "setting");
  if (gap.of === 0) return `No setting that learned is compared with ${baseline.short}`;
  const number = (count: number) => count === 0 ? "none" : String(count);
  const which = isWhole ? "" : ` along ${formatAxis(axis)}`;
  return `Of ${settings(gap.of)}${which} that learned, ${number(gap.lower)} ${
    gap.lower > 1 ? "have" : "has"
  } a smaller gap than ${baseline.short} beyond noise, ${number(loss.lower)} a lower and ${
    number(loss.higher)
  } a higher validation loss`;
}

function describe({ axis, where, compared, baseline, unit }: DifferencesByAxis): string {
  const rows = compared.map(({ quantity, series }) => {
    const words = quantityWords(quantity, unit);
    const cells = series.flatMap(({ points }) =>
      points.map((each) => {
        const { point, test } = each;
        const interval = test.interval === null
          ? "no interval"
          : `${test.interval.map((end) => signed(words.show(end), end)).join(" to ")}`;
        return `${formatPoint(point)}: ${signed(words.show(test.mean), test.mean)} (${interval}, ${
          noiseVerdict(each.adjustedPValue)
        }${verdictOn(each) === "equivalent" ? ", equivalent" : ""})`;
      })
    );
    return `${capitalize(words.name)}: ${cells.join("; ") || "no setting is compared"}.`;
  });
  return `Differences from ${baseline.name} ${where} against ${
    formatAxis(axis)
  }, with 95 % intervals. ` +
    rows.join(" ");
}

/**
 * Draws by how much generalization gap and validation loss differ from those of the baseline, paired over
 * fold × seed, with the 95 % interval of the corrected resampled t-test, against one axis.
 *
 * The interval is of each difference by itself; which marks are full is decided after Holm's adjustment
 * over all points, as in a report's tables.
 *
 * @param study A study, or its records.
 * @param options See {@link DifferencesOptions}.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If the study has no such axis, or no baseline.
 */
export function plotDifferences(study: StudyRecords, options: DifferencesOptions = {}): Figure {
  return figureOf(differencesByAxisChart(differencesByAxis(study, options)));
}
