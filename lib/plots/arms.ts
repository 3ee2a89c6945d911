import type { ArmsComparison, ArmVerdict } from "../statistics/compare_arms.ts";
import { formatPValue, formatSigned } from "../statistics/format.ts";
import { lossUnit } from "../statistics/study_loss.ts";
import type { TunedComparison } from "../statistics/tuned.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { differenceLayers, nameAxis, type NamedDifference } from "./linear_contrasts.ts";
import { regionEnds, regionLayers, regionNote } from "./_region.ts";
import { theme } from "./theme.ts";

/** Draws the differences of arms, those from parents apart from all others. */
export function armsChart({ study, verdicts, pairs, region }: ArmsComparison): Chart {
  const primary = verdicts.map((verdict) => ({
    ...rowOf(verdict.arm, verdict.parent, verdict.difference),
    filled: verdict.verdict === "lower" || verdict.verdict === "higher",
  }));
  const others = pairs.map(({ arm, from, difference }) => ({
    ...rowOf(arm, from, difference),
    filled: false,
  }));
  const groups = [
    { title: "Against the parent", rows: primary },
    ...(others.length > 0 ? [{ title: "Other pairs: no verdict", rows: others }] : []),
  ];
  const all = [...primary, ...others];
  const range = valueRange([
    0,
    ...regionEnds(region),
    ...all.flatMap(({ folds, test }) => [
      ...folds.map(({ value }) => value),
      ...(test?.interval ?? []),
    ]),
  ]);
  const width = Math.min(1080, Math.max(760, 120 + 100 * all.length));
  const panels = groups.map(({ title, rows }, index): Panel => ({
    title,
    x: nameAxis(rows, (width - 66 * (groups.length + 1)) / groups.length / rows.length),
    // Both panels share the axis.
    y: { title: index === 0 ? `difference (${lossUnit(study).words})` : "", range },
    layers: [
      ...regionLayers(region, [-0.5, rows.length - 0.5]),
      { kind: "rule", y: 0, label: "", color: theme.axis },
      ...rows.flatMap((row, at) =>
        differenceLayers(row, at, { filled: row.filled, legend: index === 0 && at === 0 })
      ),
    ],
  }));
  return {
    title: finding(verdicts, study.corpus.pairs === undefined ? "this text" : "these pairs"),
    subtitle:
      "Differences of the validation loss, tuned against tuned; below 0 the first is lower. " +
      "Dots are folds, seeds averaged; bars are 95 % intervals of the corrected resampled t-test, filled " +
      `where the verdict is that they differ.${regionNote(region)}`,
    alt: `Differences of arms of study ${study.name}. ${verdicts.map(describe).join("; ")}.`,
    panels,
    width,
    height: 430,
    legend: "bottom",
  };
}

function rowOf(arm: string, from: string, { pairs, foldDifferences, test }: TunedComparison) {
  const folds = [...new Set(pairs.map(({ fold }) => fold))];
  const row: NamedDifference = {
    name: `${arm} − ${from}`,
    folds: folds.map((fold, index) => ({ fold, value: foldDifferences[index] })),
    test,
  };
  return row;
}

function finding(verdicts: readonly ArmVerdict[], here: string): string {
  const given = verdicts.flatMap(({ arm, parent, verdict }) =>
    verdict === "lower" || verdict === "higher"
      ? [`${arm} has a ${verdict} loss than ${parent}`]
      : verdict === "equivalent"
      ? [`${arm} and ${parent} are equivalent`]
      : []
  );
  if (given.length > 0) return `On ${here} ${given.join("; ")}`;
  return verdicts.some(({ verdict }) => verdict === "withheld")
    ? `On ${here} no arm is shown to differ; verdicts are withheld at edges of ranges`
    : `On ${here} no arm is shown to differ from its parent`;
}

function describe({ arm, parent, difference, verdict }: ArmVerdict): string {
  const { test, adjustedPValue } = difference;
  const start = `${arm} minus ${parent}`;
  if (test === null) return `${start}: not tested`;
  const interval = test.interval === null
    ? "no interval"
    : test.interval.map((end) => formatSigned(end)).join(" to ");
  return `${start}: ${formatSigned(test.mean)}, ${interval}, p after Holm ${
    formatPValue(adjustedPValue)
  }${verdict === "withheld" || verdict === "equivalent" ? `, verdict ${verdict}` : ""}`;
}

/**
 * Draws what `compareArms` found: for each arm the differences of the folds from its parent, their mean and
 * its interval, and beside them all other pairs.
 *
 * @param comparison What `compareArms` returned.
 * @returns A figure that a notebook shows.
 *
 * @example
 * ```ts
 * import { compareArms } from "../statistics/compare_arms.ts";
 * import { armsHandStudy } from "../statistics/testing/arms_hand_study.ts";
 * import { plotArms } from "./arms.ts";
 * import assert from "node:assert/strict";
 * const single = (...losses: number[]) => ({
 *   points: [{}], dimensions: {}, losses: [losses.map((loss) => [1, loss] as const)],
 * });
 * const source = armsHandStudy({ none: single(2, 2.1, 2.2), decay: single(1.5, 1.7, 1.6) });
 * assert.match(plotArms(compareArms(source)).alt, /decay minus none: −0\.500, −0\.893 to −0\.107/);
 * ```
 */
export function plotArms(comparison: ArmsComparison): Figure {
  return figureOf(armsChart(comparison));
}
