import { bootstrapInterval } from "../statistics/bootstrap.ts";
import type { Comparison, PointComparison } from "../statistics/compare.ts";
import type { Findings } from "../statistics/findings.ts";
import { formatNumber, formatPValue } from "../statistics/format.ts";
import { fragment, type Markup, table } from "./html.ts";
import { pointColumns, untested } from "./sections.ts";

/** Seed of the bootstrap intervals that a report shows. */
const bootstrapSeed = 1;

/** Each point's differences from the unpenalized one by every test that there is. */
export function differencesSection(findings: Findings, axes: readonly string[]): Markup {
  const comparisons: readonly (readonly [string, Comparison | null])[] = [
    ["Validation loss at the last step, minus that without penalty", findings.lossAtLastStep],
    [
      "Validation loss at each point's best step, minus early stopping without penalty",
      findings.lossAtBestStep,
    ],
    ["Generalization gap at the last step, minus that without penalty", findings.gapAtLastStep],
  ];
  return fragment`${
    comparisons.map(([title, comparison]) =>
      comparison === null ? null : differencesTable(title, comparison.points, axes)
    )
  }`;
}

/** Differences with their intervals, p-values and effect sizes. */
export function differencesTable(
  title: string,
  points: readonly PointComparison[],
  axes: readonly string[],
): Markup {
  const span = (interval: readonly [number, number] | null | undefined) =>
    interval ? `[${interval.map((end) => formatNumber(end)).join(", ")}]` : "–";
  return table<PointComparison>(
    `${title}, nats per token, averaged over seeds in each fold. Intervals are 95 %: of the corrected ` +
      `resampled t-test, and by bootstrap over folds (BCa, seed ${bootstrapSeed}; too narrow with few ` +
      `folds). d_z is the mean over the standard deviation of the differences, g with Hedges's ` +
      `correction; the interval of d_z is given where its noncentrality is at most 300. The signed-rank ` +
      `test is exact and not adjusted; under six folds it can say nothing.`,
    [
      ...pointColumns<PointComparison>(axes, (row) => row.point),
      { title: "difference", cell: ({ test }) => formatNumber(test?.mean ?? null) },
      {
        title: "t interval",
        cell: ({ test }) =>
          test === null || test.state === "tested" ? span(test?.interval) : untested[test.state],
      },
      {
        title: "bootstrap",
        cell: ({ test, foldDifferences }) =>
          test === null
            ? "–"
            : span(bootstrapInterval(foldDifferences, { seed: bootstrapSeed }).interval),
      },
      { title: "p", cell: ({ test }) => formatPValue(test?.pValue ?? null) },
      { title: "p, Holm", cell: ({ adjustedPValue }) => formatPValue(adjustedPValue) },
      { title: "d_z", cell: ({ effect }) => formatNumber(effect?.dz ?? null, 2) },
      {
        title: "its interval",
        cell: ({ effect }) =>
          effect?.interval
            ? `[${effect.interval.map((end) => formatNumber(end, 2)).join(", ")}]`
            : "–",
      },
      { title: "g", cell: ({ effect }) => formatNumber(effect?.hedges ?? null, 2) },
      {
        title: "signed-rank p",
        cell: ({ signedRank }) =>
          signedRank?.state === "tooFewFolds"
            ? "under 6 folds"
            : formatPValue(signedRank?.pValue ?? null),
      },
    ],
    points,
  );
}
