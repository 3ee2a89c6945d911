import type { ManyStudies, StudyAmongMany } from "../statistics/compare_many_studies.ts";
import { fewestTexts } from "../statistics/compare_arms_over_texts.ts";
import { regionWords } from "../statistics/describe_equivalence.ts";
import { counted, formatShare, formatSigned } from "../statistics/format.ts";
import type { HierarchicalPosterior, Posterior } from "../statistics/hierarchical_t.ts";
import { contrastName, contrastSides } from "../statistics/study_contrast.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Layer, Tick } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { textWidth } from "./layout.ts";
import { categoricalColors, theme } from "./theme.ts";

/** An estimate with its 95 % interval. */
interface Estimated {
  readonly name: string;
  readonly centre: number;
  readonly interval: readonly [number, number] | null;
}

interface StudyRow extends Estimated {
  /** Share in the mean of the hierarchical model; null where that is not estimated. */
  readonly weight: number | null;
  readonly shrunken: Posterior | null;
}

/** What several studies come to. */
interface Combined extends Estimated {
  readonly color: string;
}

interface Rows {
  readonly studies: readonly StudyRow[];
  /** Means over the studies. */
  readonly combined: readonly Combined[];
  readonly another: Combined | null;
}

const colors = {
  study: theme.text,
  shrunken: categoricalColors[1],
  means: [categoricalColors[0], categoricalColors[2]],
  another: categoricalColors[0],
};

/** Draws the difference of each study with its interval, one below the other, and what they come to. */
export function forestChart(comparison: ManyStudies): Chart {
  const rows = rowsOf(comparison);
  const { studies, combined, another } = rows;
  const labels = [...studies, ...combined, ...(another === null ? [] : [another])];
  const left = Math.ceil(
    Math.min(
      160,
      Math.max(66, ...labels.map(({ name }) => textWidth(shortName(name), theme.textSize) + 16)),
    ),
  );
  const width = 760;
  // A row of air sets what is combined apart.
  const air = labels.length > studies.length ? 1 : 0;
  const place = (index: number) => labels.length - index + (index < studies.length ? air : 0);
  const range = valueRange([
    0,
    ...(comparison.region === null ? [] : [-comparison.region, comparison.region]),
    ...labels.flatMap(({ centre, interval }) => [centre, ...(interval ?? [])]),
    ...studies.flatMap(({ shrunken }) => shrunken?.interval ?? []),
  ]);
  const pixel = (range[1] - range[0]) / (width - left - 20);
  const yRange = [0.3, labels.length + air + 0.7] as const;
  const heaviest = Math.max(...studies.map(({ weight }) => weight ?? 1));
  return {
    title: findingOf(comparison),
    subtitle: subtitleOf(comparison, rows),
    alt: altOf(comparison, rows),
    panels: [{
      x: { title: `difference (${comparison.unit.words})`, range },
      y: {
        title: "",
        range: yRange,
        ticks: labels.map(({ name }, index): Tick => ({
          position: place(index),
          label: shortName(name),
        })),
      },
      layers: [
        ...regionLayers(comparison.region, yRange),
        ...studies.flatMap((row, index) =>
          studyLayers(row, place(index), {
            half: Math.max(2.5, 7 * Math.sqrt((row.weight ?? 1) / heaviest)),
            pixel,
            legend: index === 0,
          })
        ),
        ...combined.flatMap((row, index) => diamondLayers(row, place(studies.length + index))),
        ...(another === null ? [] : [
          intervalLayer(another, place(labels.length - 1), { color: another.color, dash: true }),
        ]),
      ],
    }],
    left,
    width,
    height: 150 + 34 * (labels.length + air),
    legend: "bottom",
  };
}

function rowsOf({ studies, overTexts, onOneText, hierarchical }: ManyStudies): Rows {
  const posterior = hierarchical.state === "estimated" ? hierarchical : null;
  const means: Estimated[] = [];
  if (overTexts?.interval.interval) {
    const { mean, interval } = overTexts.interval;
    means.push({
      name: `mean of ${counted(overTexts.texts.length, "text")}`,
      centre: mean,
      interval,
    });
  }
  if (onOneText?.test.interval) {
    means.push({
      name: "mean on this text",
      centre: onOneText.test.mean,
      interval: onOneText.test.interval,
    });
  }
  if (posterior !== null) means.push(estimateOf("hierarchical mean", posterior.mean));
  return {
    studies: studies.flatMap((study, index) => rowOf(study, posterior, index)),
    combined: means.map((each, index) => ({ ...each, color: colors.means[index % 2] })),
    another: posterior === null
      ? null
      : { ...estimateOf("one more study", posterior.prediction), color: colors.another },
  };
}

function rowOf(
  { study, difference: { test } }: StudyAmongMany,
  posterior: HierarchicalPosterior | null,
  index: number,
): StudyRow[] {
  if (test === null) return [];
  const shrunken = posterior?.studies[index] ?? null;
  return [{
    name: study,
    centre: test.mean,
    interval: test.interval,
    shrunken,
    weight: shrunken?.weight ?? null,
  }];
}

function estimateOf(name: string, { median, interval }: Posterior): Estimated {
  return { name, centre: median, interval };
}

/** The last part of a study's name, cut where it is long. */
function shortName(name: string): string {
  const last = name.split("/").at(-1)!;
  return last.length > 20 ? `${last.slice(0, 19)}…` : last;
}

function regionLayers(region: number | null, yRange: readonly [number, number]): Layer[] {
  const zero: Layer = {
    kind: "line",
    name: "no difference",
    color: theme.axis,
    x: [0, 0],
    y: yRange,
    dash: true,
    width: 1,
    legend: false,
  };
  return region === null ? [zero] : [{
    kind: "band",
    color: theme.muted,
    x: [-region, region],
    lower: [yRange[0], yRange[0]],
    upper: [yRange[1], yRange[1]],
  }, zero];
}

function studyLayers(
  row: StudyRow,
  y: number,
  { half, pixel, legend }: {
    readonly half: number;
    readonly pixel: number;
    readonly legend: boolean;
  },
): Layer[] {
  const { name, centre, shrunken } = row;
  const shift = shrunken === null ? 0 : 0.16;
  const own: Layer[] = [
    {
      ...intervalLayer(row, y + shift, { color: colors.study }),
      name: "own difference, 95 % interval",
      legend,
    },
    // A line as wide as it is long: its area is the study's weight.
    {
      kind: "line",
      name: "",
      color: colors.study,
      x: [centre - half * pixel, centre + half * pixel],
      y: [y + shift, y + shift],
      width: Math.round(20 * half) / 10,
      hover: [`${name}: ${spanWords(row)}`, `${name}: ${spanWords(row)}`],
      legend: false,
    },
  ];
  if (shrunken === null) return own;
  const drawn = { name, centre: shrunken.median, interval: shrunken.interval };
  return [...own, {
    ...intervalLayer(drawn, y - shift, { color: colors.shrunken }),
    name: "drawn towards the others, 95 % interval",
    legend,
  }, {
    kind: "line",
    name: "",
    color: colors.shrunken,
    x: [drawn.centre],
    y: [y - shift],
    joined: false,
    marks: true,
    hollow: [true],
    hover: [`${name}, drawn towards the others: ${spanWords(drawn)}`],
    legend: false,
  }];
}

function intervalLayer(
  row: Estimated,
  y: number,
  { color, dash = false }: { readonly color: string; readonly dash?: boolean },
): Layer & { readonly kind: "line" } {
  const [lower, upper] = row.interval ?? [row.centre, row.centre];
  return {
    kind: "line",
    name: row.name,
    color,
    x: [lower, upper],
    y: [y, y],
    ...(dash && { dash }),
    width: 1.5,
    hover: [`${row.name}: ${spanWords(row)}`, `${row.name}: ${spanWords(row)}`],
    legend: false,
  };
}

/** A mean over studies: a diamond as wide as its interval. */
function diamondLayers({ color, ...row }: Combined, y: number): Layer[] {
  const [lower, upper] = row.interval!;
  const high = 0.28;
  return [
    {
      kind: "band",
      color,
      x: [lower, row.centre, upper],
      lower: [y, y - high, y],
      upper: [y, y + high, y],
    },
    {
      kind: "line",
      name: row.name,
      color,
      x: [lower, row.centre, upper, row.centre, lower],
      y: [y, y + high, y, y - high, y],
      width: 1.5,
      hover: Array(5).fill(`${row.name}: ${spanWords(row)}`),
      legend: false,
    },
  ];
}

function spanWords({ centre, interval }: Estimated): string {
  return interval === null
    ? `${formatSigned(centre)}, no interval`
    : `${formatSigned(centre)}, ${formatSigned(interval[0])} to ${formatSigned(interval[1])}`;
}

function findingOf({ contrast, overTexts, studies, region }: ManyStudies): string {
  const [one, other] = contrastSides(contrast);
  if (overTexts?.verdict === "lower" || overTexts?.verdict === "higher") {
    return `In general, over ${
      counted(overTexts.texts.length, "text")
    }, the validation loss of ${one} ` +
      `is ${overTexts.verdict} than that of ${other}`;
  }
  if (overTexts?.verdict === "equivalent") {
    return `In general, over ${
      counted(overTexts.texts.length, "text")
    }, the validation losses of ${one} ` +
      `and ${other} are equivalent within ${regionWords({ halfWidth: region! })}`;
  }
  const known = studies.flatMap(({ difference: { test } }) =>
    test?.interval ? [test.interval] : []
  );
  const [below, above] = [
    known.filter(([, upper]) => upper < 0).length,
    known.filter(([lower]) => lower > 0).length,
  ];
  const [count, where] = above > below ? [above, "above"] : [below, "below"];
  const start = known.length === 0
    ? `No study has an interval of the difference between ${one} and ${other}`
    : `The validation loss of ${one} lies ${where} that of ${other} beyond noise in ${count} of ${
      counted(studies.length, "study").replace("studys", "studies")
    }`;
  return overTexts === null
    ? `${start}, all of one text`
    : overTexts.verdict === "notShown"
    ? `${start}; over ${counted(overTexts.texts.length, "text")} no difference is shown`
    : overTexts.verdict === "tooFewTexts"
    ? `${start}; a verdict in general takes ${fewestTexts} texts`
    : start;
}

function subtitleOf({ contrast, region, unit }: ManyStudies, { studies, another }: Rows): string {
  const weighted = studies.some(({ weight }) => weight !== null);
  return `${
    contrastName(contrast)
  }; below 0 the first is lower. Squares are the studies' own differences` +
    `${
      weighted ? ", as large as their weight in the hierarchical mean" : ""
    }, with intervals of the ` +
    `corrected t-test; diamonds are means over studies with their 95 % intervals.${
      another === null ? "" : " Dashed: where the difference of one more study is expected, 95 %."
    }${
      region === null
        ? ""
        : ` Grey: differences up to ${
          regionWords({ halfWidth: region })
        } ${unit.short}, too small to matter.`
    }`;
}

function altOf({ contrast }: ManyStudies, { studies, combined, another }: Rows): string {
  const own = studies.map((row) =>
    `${row.name}: ${spanWords(row)}${
      row.shrunken === null || row.weight === null
        ? ""
        : `; drawn towards the others ${formatSigned(row.shrunken.median)}, weight ${
          formatShare(row.weight)
        }`
    }`
  );
  const all = [...combined, ...(another === null ? [] : [another])].map((row) =>
    `${row.name}: ${spanWords(row)}`
  );
  return `Forest plot of ${contrastName(contrast)}. ${[...own, ...all].join(". ")}.`;
}

/**
 * Draws what `compareStudies` found of several studies as a forest plot: each study's difference with its
 * interval, below it the same drawn towards the others by the hierarchical model, then means over the studies as
 * diamonds and where the difference of one more study is expected.
 *
 * @param comparison What `compareStudies` returned for a list of studies.
 * @returns A figure that a notebook shows.
 *
 * @example
 * ```ts
 * import { compareStudies } from "../statistics/compare_studies.ts";
 * import { syntheticRecords } from "../statistics/testing/synthetic_study.ts";
 * import { plotForest } from "./forest.ts";
 * import assert from "node:assert/strict";
 * const studies = ["a", "b", "c"].map((name, text) => {
 *   const { record, records } = syntheticRecords({ name, axes: { lambda: [0, 1e-4] }, seeds: [text] });
 *   return { record: { ...record, corpus: { ...record.corpus, name, sha256: name } }, records };
 * });
 * const { chart } = plotForest(compareStudies(studies, { point: { lambda: 1e-4 } }));
 * assert.match(chart.title, /in 3 of 3 studies; a verdict in general takes 6 texts$/);
 * ```
 */
export function plotForest(comparison: ManyStudies): Figure {
  return figureOf(forestChart(comparison));
}
