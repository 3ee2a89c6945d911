import type { JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { specificationOf } from "../statistics/axis_roles.ts";
import type { Comparison } from "../statistics/compare.ts";
import type { ArmsComparison } from "../statistics/compare_arms.ts";
import type { TestResult } from "../statistics/corrected_t.ts";
import type { Findings } from "../statistics/findings.ts";
import {
  counted,
  formatEstimate,
  formatNumber,
  formatPoint,
  formatPValue,
  formatShare,
} from "../statistics/format.ts";
import {
  learnedNotEvenCounts,
  type PointSummary,
  type Quantity,
  type View,
} from "../statistics/summarize.ts";
import { earlyStoppingOf, lastStepWords, viewsAreAlike } from "../statistics/view_words.ts";
import { knownLosses } from "../statistics/unknown_tokens.ts";
import { type Column, fragment, type Insertion, type Markup, table } from "./html.ts";
import { hasDirection, pointColumns, rolesOf, tags } from "./sections.ts";
import { lossUnit } from "../statistics/study_loss.ts";

/** Every point in both views. */
export function pointsSection(findings: Findings, axes: readonly string[]): Markup {
  const { summaries, baseline, study } = findings;
  const classOf = (row: PointSummary) => {
    if (!row.complete) return "incomplete";
    if (row.key === baseline?.key) return "baseline";
    return rolesOf(findings, row.key).length > 0 ? "marked" : "";
  };
  const notes = (row: PointSummary): Insertion => [
    tags(rolesOf(findings, row.key)),
    Object.entries(row.counts).filter(([status, count]) => status !== "completed" && count > 0)
      .map(([status, count]) => fragment`<span class="tag warn">${count} ${status}</span>`),
    row.complete && row.lastStep?.learned === false
      ? fragment`<span class="tag warn">${
        learnedNotEvenCounts(row)
          ? "not even token frequencies learned"
          : "learned little beyond token frequencies"
      }</span>`
      : null,
  ];
  const point = pointColumns<PointSummary>(axes, (row) => row.point);
  const { words } = findings;
  const alike = viewsAreAlike(findings.study, findings.summaries);
  const view = lastStepWords(study);
  const mean = `Cross-entropy in ${lossUnit(study).words}: mean${
    study.folds.length > 1 ? " ± standard error" : ""
  } over ${counted(study.folds.length, "fold")}${
    study.seeds.length > 1 ? ", seeds averaged in each" : ""
  }.`;
  const difference = baseline === null
    ? ""
    : ` Difference: validation loss minus that of ${words.name}, paired, with the 95 % interval of the ` +
      `corrected resampled t-test, which nothing adjusts, while p is after Holm over ${
        counted(countTests(findings.lossAtLastStep), "comparison")
      }: the two can disagree. ± is the plain standard error, without that test's correction.`;
  const known = knownLosses(findings.unknown);
  const lastStep = table<PointSummary>(
    mean + difference +
      (known.size === 0
        ? ""
        : " Known tokens: those of the held-out text that the vocabulary of the fold knows."),
    [
      ...point,
      ...(alike ? [stepColumn("lastStep")] : []),
      ...viewColumns("lastStep", findings, baseline !== null),
      ...(known.size === 0 ? [] : [{
        title: "validation loss, known tokens",
        cell: ({ key }: PointSummary) => known.has(key) ? formatEstimate(known.get(key)!) : "–",
      }]),
      { title: "notes", numeric: false, cell: notes },
    ],
    summaries,
    classOf,
  );
  const folds = foldsTable(findings);
  if (alike) {
    const reason = earlyStoppingOf(study) === "all"
      ? "Every run stopped early and kept its best evaluation: that is what the table shows."
      : "For every point the best step in the fold mean is the last one, so this table serves both.";
    return fragment`<h3>(a) At ${view}</h3>
<p>${reason}</p>
${lastStep}
${folds}`;
  }
  const bestStep = table<PointSummary>(
    `As above${
      baseline === null
        ? ""
        : `; the difference is to early stopping of ${words.model} at its own best step`
    }.`,
    [
      ...point,
      stepColumn("bestStep"),
      ...viewColumns("bestStep", findings, baseline !== null),
    ],
    summaries,
    classOf,
  );
  return fragment`<h3>(a) At ${view}</h3>
${lastStep}
<h3>(b) At one step per point, that with the lowest fold mean of the ${
    study.folds.some(({ choosing }) => choosing !== undefined) ? "choosing" : "validation"
  } loss (descriptive)</h3>
${bestStep}
${folds}`;
}

/** How many comparisons of a family have a p-value or were counted in adjusting. */
export function countTests(comparison: Comparison | null): number {
  return comparison?.family ?? 0;
}

function stepColumn(view: View): Column<PointSummary> {
  return { title: "step", cell: (row) => row[view]?.step ?? "–" };
}

/** Validation loss fold by fold of the baseline and of what is selected at the last step. */
function foldsTable(findings: Findings): Insertion {
  const { baseline, selections, study, words, arms } = findings;
  if (arms !== null) return armsByFold(arms);
  const { mean, oneStandardError } = selections.lastStep;
  const chosen = [
    baseline,
    mean.selected,
    hasDirection(findings) ? oneStandardError.selected : null,
  ]
    .filter((each) => each !== null && each.complete && each.lastStep !== null)
    .filter((each, index, all) => all.findIndex((other) => other!.key === each!.key) === index)
    .map((each) => each!);
  if (chosen.length === 0 || study.folds.length < 2) return null;
  const lossOf = (summary: PointSummary, at: number) =>
    summary.lastStep!.estimates.validationLoss.foldMeans[at];
  const reference = baseline === null ? undefined : chosen.find(({ key }) => key === baseline.key);
  const others = chosen.filter((each) => each !== reference);
  return fragment`<h3>Fold by fold</h3>
${
    table<number>(
      `Validation loss at ${lastStepWords(study)} in each fold, ${lossUnit(study).words}${
        study.seeds.length > 1 ? `, mean over ${study.seeds.length} seeds` : ""
      }, of ${reference === undefined ? "" : `${words.name} and `}what the rules select${
        reference === undefined || others.length === 0
          ? ""
          : `, and the difference from ${words.short}`
      }.`,
      [
        { title: "fold", cell: (at) => study.folds[at].index },
        ...chosen.map((summary): Column<number> => ({
          title: `${formatPoint(summary.point)} (${rolesOf(findings, summary.key).join("; ")})`,
          cell: (at) => formatNumber(lossOf(summary, at)),
        })),
        ...(reference === undefined ? [] : others.map((summary): Column<number> => ({
          title: `${formatPoint(summary.point)}, difference`,
          cell: (at) => formatNumber(lossOf(summary, at) - lossOf(reference, at)),
        }))),
      ],
      study.folds.map((_, at) => at),
    )
  }`;
}

/** Validation loss of each arm in each fold, of what was chosen for it, and the differences from parents. */
function armsByFold({ study, arms, verdicts }: ArmsComparison): Insertion {
  const scored = arms.filter(({ tuning }) => tuning.readings.length > 0);
  if (scored.length === 0 || study.folds.length < 2) return null;
  const compared = verdicts.filter(({ difference }) =>
    difference.foldDifferences.length === study.folds.length
  );
  return fragment`<h3>Fold by fold</h3>
${
    table<number>(
      `Validation loss of each arm in each fold, ${lossUnit(study).words}${
        study.seeds.length > 1 ? `, mean over ${study.seeds.length} seeds` : ""
      }, of what was chosen for the fold${
        compared.length === 0 ? "" : ", and the differences from the parents"
      }.`,
      [
        { title: "fold", cell: (at) => study.folds[at].index },
        ...scored.map(({ arm, loss }): Column<number> => ({
          title: arm.name,
          cell: (at) => formatNumber(loss?.foldMeans[at] ?? null),
        })),
        ...compared.map(({ arm, parent, difference }): Column<number> => ({
          title: `${arm} − ${parent}`,
          cell: (at) => formatNumber(difference.foldDifferences[at]),
        })),
      ],
      study.folds.map((_, at) => at),
    )
  }`;
}

/** Whether some point is pulled towards the weights that it began with. */
function pullsToStart({ specifications }: StudyRecord): boolean {
  return specifications.some(({ penalties }) =>
    (penalties as readonly JsonObject[] | undefined)?.some(({ kind }) =>
      String(kind).endsWith("TowardsStart")
    )
  );
}

/** Of trained adapters no weight is compared with one that there was before. */
function hasAdapters(specification: JsonObject | undefined): boolean {
  return Boolean((specification?.training as JsonObject | undefined)?.adapters);
}

function viewColumns(
  view: View,
  { study, lossAtLastStep, lossAtBestStep }: Findings,
  compares: boolean,
): Column<PointSummary>[] {
  const comparison = view === "lastStep" ? lossAtLastStep : lossAtBestStep;
  const estimate = (title: string, quantity: Quantity) => ({
    title,
    cell: (row: PointSummary) => row[view] ? formatEstimate(row[view].estimates[quantity]) : "–",
  });
  const comparisons = new Map(comparison?.points.map((each) => [each.key, each]));
  const compared = (row: PointSummary) => comparisons.get(row.key);
  return [
    estimate("validation loss", "validationLoss"),
    estimate("training loss", "trainingLoss"),
    estimate("gap", "generalizationGap"),
    {
      title: "exact zeros",
      cell: (row) => row[view] ? formatShare(row[view].estimates.exactZeroShare.mean) : "–",
    },
    ...(pullsToStart(study)
      ? [{
        title: "unchanged weights",
        cell: (row: PointSummary) =>
          row[view] && !hasAdapters(specificationOf(study, row.point))
            ? formatShare(row[view].estimates.unchangedShare.mean)
            : "–",
      }]
      : []),
    ...(compares
      ? [
        {
          title: "difference",
          cell: (row: PointSummary) => showDifference(compared(row)?.test ?? null),
        },
        {
          title: "p (Holm)",
          cell: (row: PointSummary) => formatPValue(compared(row)?.adjustedPValue ?? null),
        },
      ]
      : []),
  ];
}

/** Why a difference has no test, in a word. */
export const untested = {
  identical: "identical",
  constant: "constant",
  tooFewFolds: "one fold",
} as const;

function showDifference(test: TestResult | null): string {
  if (test === null) return "–";
  const mean = formatNumber(test.mean);
  if (test.state !== "tested") return `${mean} (${untested[test.state]})`;
  return `${mean} [${test.interval!.map((end) => formatNumber(end)).join(", ")}]`;
}
