import { bootstrapInterval } from "../statistics/bootstrap.ts";
import type { Comparison, PointComparison } from "../statistics/compare.ts";
import type { Findings } from "../statistics/findings.ts";
import {
  counted,
  formatNumber,
  formatPoint,
  formatPValue,
  listInWords,
} from "../statistics/format.ts";
import { intervalWords } from "../statistics/interval_notes.ts";
import type { LinearContrastResult } from "../statistics/linear_contrasts.ts";
import { lastStepWords, viewsAreAlike } from "../statistics/view_words.ts";
import { equivalenceColumns, equivalenceNote, verdictColumns } from "./equivalence_columns.ts";
import { type Column, fragment, type Markup, table } from "./html.ts";
import { pointColumns } from "./sections.ts";
import { countTests, untested } from "./points_section.ts";
import { type LossUnit, lossUnit } from "../statistics/study_loss.ts";

/** Seed of the bootstrap intervals that a report shows. */
const bootstrapSeed = 1;

/** Each point with a remedy minus the one without that is trained alike, for a study without a baseline. */
function matchedTable({ matched, study }: Findings, axes: readonly string[]): Markup {
  if (matched.length === 0) {
    return fragment`<p>No point is the baseline, so there is none to differ from.</p>`;
  }
  const tested = matched.filter(({ adjustedPValue }) => adjustedPValue !== null).length;
  return table<LinearContrastResult>(
    `Validation loss at ${
      lastStepWords(study)
    } of each point with a remedy, minus that of the point without one that is trained alike, ` +
      `${
        lossUnit(study).words
      }; the 95 % interval is of the corrected resampled t-test, p after Holm over ${
        tested === matched.length
          ? counted(tested, "comparison")
          : `the ${tested} of ${matched.length} comparisons that have a test`
      }.${equivalenceNote(matched)}`,
    [
      ...pointColumns<LinearContrastResult>(axes, ({ terms: [{ point }] }) => point),
      {
        title: "compared with",
        numeric: false,
        cell: ({ terms: [, { point }] }) => formatPoint(point),
      },
      ...differenceColumns,
      { title: "p", cell: ({ test }) => formatPValue(test?.pValue ?? null) },
      { title: "p, Holm", cell: ({ adjustedPValue }) => formatPValue(adjustedPValue) },
      ...equivalenceColumns(matched, (row) => row),
      ...verdictColumns(matched),
    ],
    matched,
  );
}

function spanInWords(interval: readonly [number, number] | null | undefined): string {
  return interval ? `[${interval.map((end) => formatNumber(end)).join(", ")}]` : "–";
}

/** Each point's differences from the baseline by every test that there is. */
export function differencesSection(findings: Findings, axes: readonly string[]): Markup {
  if (findings.study.baseline === null) return matchedTable(findings, axes);
  const { study, words, lossAtLastStep, lossAtBestStep, gapAtLastStep } = findings;
  if (findings.summaries.length < 2) {
    return fragment`<p>The baseline is the only setting, so there is none to differ from it.</p>`;
  }
  const view = lastStepWords(study);
  const alike = viewsAreAlike(study, findings.summaries);
  const comparisons: readonly (readonly [string, Comparison | null])[] = [
    [`Validation loss at ${view}, minus that of ${words.name}`, lossAtLastStep],
    ...(alike ? [] : [
      [
        `Validation loss at each point's best step, minus early stopping of ${words.name}`,
        lossAtBestStep,
      ] as const,
    ]),
    [`Generalization gap at ${view}, minus that of ${words.name}`, gapAtLastStep],
  ];
  const said = comparisonsInWords(findings);
  return fragment`${
    said === null ? null : fragment`<p>${said}</p>
`
  }${
    comparisons.map(([title, comparison]) =>
      comparison === null ? null : differencesTable(title, comparison.points, axes, lossUnit(study))
    )
  }`;
}

/**
 * How many comparisons with its baseline a study tests, and over which of them Holm adjusts; null where it tests
 * none.
 */
export function comparisonsInWords(findings: Findings): string | null {
  const { lossAtLastStep, lossAtBestStep, gapAtLastStep, study, words } = findings;
  const alike = viewsAreAlike(study, findings.summaries);
  const families = [lossAtLastStep, ...(alike ? [] : [lossAtBestStep]), gapAtLastStep]
    .map(countTests).filter((count) => count > 0);
  const total = families.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const family = intervalWords(study, ["family"]);
  const many = families.length > 1;
  return `${counted(total, "comparison")} with ${words.short} in ${
    many
      ? `${families.length} families of ${
        listInWords([...new Set(families)].map(String))
      }, a table each`
      : "one family"
  }: Holm adjusts within a family${many ? ", and not over them together" : ""}.${
    alike ? " The best step is the last one of every point, so one table serves both." : ""
  }${family === null ? "" : ` ${family}`}`;
}

/** Differences with their intervals, p-values and effect sizes. */
export function differencesTable(
  title: string,
  points: readonly PointComparison[],
  axes: readonly string[],
  unit: LossUnit,
): Markup {
  // Under six folds the exact test cannot reach 5 %, and effect sizes are hardly determined.
  const few = points.every(({ signedRank }) => !signedRank || signedRank.state === "tooFewFolds");
  return table<PointComparison>(
    `${title}, ${unit.words}, averaged over seeds in each fold. Intervals are 95 %: of the corrected ` +
      `resampled t-test, and by bootstrap over folds (BCa, seed ${bootstrapSeed}; too narrow with few ` +
      `folds). ` +
      (few
        ? `With fewer than 6 folds effect sizes and the signed-rank test say little and are left out.`
        : `d_z is the mean over the standard deviation of the differences, g with Hedges's correction; ` +
          `the interval of d_z is given where its noncentrality is at most 300. The signed-rank test is ` +
          `exact and not adjusted.`) +
      equivalenceNote(points),
    [
      ...pointColumns<PointComparison>(axes, (row) => row.point),
      ...differenceColumns,
      {
        title: "bootstrap",
        cell: ({ test, foldDifferences }) =>
          test === null
            ? "–"
            : spanInWords(bootstrapInterval(foldDifferences, { seed: bootstrapSeed }).interval),
      },
      { title: "p", cell: ({ test }) => formatPValue(test?.pValue ?? null) },
      { title: "p, Holm", cell: ({ adjustedPValue }) => formatPValue(adjustedPValue) },
      ...equivalenceColumns(points, (row) => row),
      ...verdictColumns(points),
      ...(few ? [] : effectColumns),
    ],
    points,
  );
}

const differenceColumns: readonly Column<Pick<PointComparison, "test">>[] = [
  { title: "difference", cell: ({ test }) => formatNumber(test?.mean ?? null) },
  {
    title: "t interval",
    cell: ({ test }) =>
      test === null || test.state === "tested" ? spanInWords(test?.interval) : untested[test.state],
  },
];

const effectColumns: readonly Column<PointComparison>[] = [
  { title: "d_z", cell: ({ effect }) => formatNumber(effect?.dz ?? null, 2) },
  {
    title: "its interval",
    cell: ({ effect }) =>
      effect?.interval ? `[${effect.interval.map((end) => formatNumber(end, 2)).join(", ")}]` : "–",
  },
  { title: "g", cell: ({ effect }) => formatNumber(effect?.hedges ?? null, 2) },
  {
    title: "signed-rank p",
    cell: ({ signedRank }) => formatPValue(signedRank?.pValue ?? null),
  },
];
