import { valueRange } from "../../plots/axes.ts";
import type { Chart, Panel } from "../../plots/chart.ts";
import { type Figure, figureOf } from "../../plots/figure.ts";
import { categoricalColors, theme } from "../../plots/theme.ts";
import { type Contrast, contrasts } from "../../statistics/contrasts.ts";
import { significanceLevel } from "../../statistics/findings.ts";
import { counted, formatAxis, formatPoint, formatSetting } from "../../statistics/format.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import type { Family } from "./finding.ts";
import { formatDifference, formatDifferences, isShare, verdictOf } from "./tables.ts";

/** A family with what its records say. */
interface ComparedFamily {
  readonly family: Family;
  readonly found: readonly Contrast[];
}

/**
 * Draws declared comparisons with their 95 % intervals, a panel a family; full marks are beyond noise after
 * Holm's adjustment within the family.
 *
 * @param source The study's records.
 * @param families What is drawn, from left to right; the title is about the last one.
 */
export function plotContrasts(source: StudyRecords, families: readonly Family[]): Figure {
  const compared = families.map((family) => ({ family, found: contrasts(source, family) }));
  return figureOf(contrastsChart(compared));
}

/** Draws comparisons. */
export function contrastsChart(compared: readonly ComparedFamily[]): Chart {
  return {
    title: finding(compared.at(-1)!),
    subtitle:
      "Differences, paired over folds and seeds; bars are 95 % intervals of the corrected " +
      `resampled t-test, not adjusted for their number. Full: beyond noise after Holm (p < ` +
      `${significanceLevel}); hollow: not.`,
    alt: compared.map(describe).join(" "),
    panels: compared.map(panelOf),
    width: 960,
    height: 400,
    legend: "none",
  };
}

function panelOf({ family, found }: ComparedFamily): Panel {
  const { quantity = "validationLoss" } = family;
  const scale = isShare(quantity) ? 100 : 1;
  const half = ({ test }: Contrast) =>
    test?.interval ? scale * (test.interval[1] - test.mean) : null;
  const y = found.map(({ test }) => scale * (test?.mean ?? NaN));
  const ends = found.flatMap((each, at) => [y[at] - (half(each) ?? 0), y[at] + (half(each) ?? 0)]);
  return {
    title: family.short,
    x: {
      // One line of a tick for each axis.
      title: Object.keys(found[0].point).map(formatAxis).join(" above "),
      range: [-0.5, found.length - 0.5],
      ticks: found.map(({ point }, position) => ({
        position,
        label: Object.values(point).map(formatSetting).join("\n"),
      })),
    },
    y: {
      title: `difference (${isShare(quantity) ? "percentage points" : "nats per token"})`,
      range: valueRange([0, ...ends]),
    },
    layers: [
      { kind: "rule", y: 0, label: "", color: theme.axis },
      {
        kind: "line",
        name: family.short,
        color: categoricalColors[0],
        x: found.map((_, index) => index),
        y,
        errors: found.map(half),
        joined: false,
        marks: true,
        hollow: found.map((each) => !["lower", "higher"].includes(verdictOf(each))),
        hover: found.map((each) => words(family, each)),
        legend: false,
      },
    ],
  };
}

function words(family: Family, each: Contrast): string {
  const { quantity = "validationLoss" } = family;
  const difference = each.test === null ? "–" : formatDifference(quantity, each.test.mean);
  return `${formatPoint(each.point)}: ${difference} (${
    formatDifferences(quantity, each.test?.interval)
  }, ${verdictOf(each)})`;
}

function finding({ family, found }: ComparedFamily): string {
  const count = (verdict: string) => found.filter((each) => verdictOf(each) === verdict).length;
  const number = (value: number) => value === 0 ? "none" : String(value);
  return `${family.short}: of ${counted(found.length, "setting")} ${
    number(count("lower"))
  } lower, ${number(count("higher"))} higher beyond noise`;
}

function describe({ family, found }: ComparedFamily): string {
  return `${family.what}: ${found.map((each) => words(family, each)).join("; ")}.`;
}
