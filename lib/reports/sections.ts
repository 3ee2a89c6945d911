import { canonicalJson, type Json } from "../core/json.ts";
import type { Comparison } from "../statistics/compare.ts";
import type { ArmsComparison } from "../statistics/compare_arms.ts";
import type { TestResult } from "../statistics/corrected_t.ts";
import type { FinalResult, FinalScore } from "../statistics/final_block.ts";
import type { Findings } from "../statistics/findings.ts";
import { describeFindings, type Statement } from "../statistics/describe.ts";
import {
  counted,
  formatAxis,
  formatEstimate,
  formatNumber,
  formatPoint,
  formatPValue,
  formatSetting,
  formatShare,
} from "../statistics/format.ts";
import type { Selection } from "../statistics/select.ts";
import type { PointSummary, Quantity, View } from "../statistics/summarize.ts";
import { earlyStoppingOf, lastStepWords, viewsAreAlike } from "../statistics/view_words.ts";
import { knownLosses } from "../statistics/unknown_tokens.ts";
import { type Column, fragment, type Insertion, type Markup, table } from "./html.ts";

/** Roles of a point in a study, such as `no penalty` or `lowest mean, last step`. */
export function rolesOf(findings: Findings, key: string): string[] {
  if (findings.arms !== null) return choicesOf(findings.arms, key);
  const roles: string[] = findings.baseline?.key === key ? [findings.words.short] : [];
  const selected = views.flatMap((view) => Object.values(findings.selections[view]))
    .some((selection) => selection.selected?.key === key);
  // What follows looks at all points, and few of them are selected.
  if (!selected) return roles;
  const alike = viewsAreAlike(findings.study, findings.summaries);
  for (const view of alike ? ["lastStep" as const] : views) {
    const where = alike ? "" : view === "lastStep" ? ", last step" : ", best step";
    const { mean, oneStandardError } = findings.selections[view];
    if (mean.selected?.key === key) roles.push(`lowest mean${where}`);
    if (hasDirection(findings) && oneStandardError.selected?.key === key) {
      roles.push(`one standard error${where}`);
    }
  }
  return roles;
}

/** For how many folds a point is what its arm chose: points of several arms are not selected from each other. */
function choicesOf({ arms }: ArmsComparison, key: string): string[] {
  return arms.flatMap(({ tuning: { choices } }) => {
    const own = choices.filter(({ point }) => canonicalJson(point) === key).length;
    return own === 0 ? [] : [`chosen for ${own} of ${counted(choices.length, "fold")}`];
  });
}

const views: readonly View[] = ["lastStep", "bestStep"];

/** Whether some axis says which point is simpler, so that one standard error selects by more than the mean. */
function hasDirection({ rule }: Findings): boolean {
  return rule.axes.length > 0;
}

/** Roles as labels. */
export function tags(roles: readonly string[]): Insertion {
  return roles.map((role) => fragment`<span class="tag">${role}</span>`);
}

/** A column for each axis of the points. */
export function pointColumns<Row>(
  axes: readonly string[],
  pointOf: (row: Row) => { [axis: string]: Json },
) {
  return axes.map((axis): Column<Row> => ({
    title: formatAxis(axis),
    cell: (row) => axis in pointOf(row) ? formatSetting(pointOf(row)[axis]) : "–",
  }));
}

/** The numbers that no selection has seen. */
export function finalSection(findings: Findings, axes: readonly string[]): Markup {
  const { final, study } = findings;
  const words = textOf(findings, "finalBlock");
  if (words === null) {
    return fragment`<p class="notice">This study has no final block: every validation loss in this report comes
from text that selection has read, and those of selected points are optimistic.</p>`;
  }
  const incomplete = final.filter((each) => each.completed < each.expected);
  const score = (
    title: string,
    read: (score: FinalScore) => Insertion,
    view: "lastStep" | "chosenStep",
  ) => ({
    title,
    cell: (row: FinalResult) => row[view] === null ? "–" : read(row[view]),
  });
  const loss = ({ loss, standardDeviation }: FinalScore) =>
    formatEstimate({ mean: loss, standardError: standardDeviation, foldMeans: [] });
  const many = study.seeds.length > 1;
  const chosen = final.some(({ lastStep, chosenStep }) =>
    chosenStep !== null && chosenStep.step !== lastStep?.step
  );
  const span = study.finalFold?.heldOut.map(({ start, end }) => end - start)
    .reduce((sum, each) => sum + each, 0);
  return fragment`<p class="lead">${tight(words)}</p>
${
    final.length === 0 ? null : table<FinalResult>(
      `Cross-entropy on the final block (${span} ${
        study.corpus.pairs === undefined ? "tokens" : "pairs"
      }), nats per token: ${
        many
          ? `mean ± standard deviation over ${study.seeds.length} seeds, which says nothing about other text; each was`
          : "one training of one seed,"
      } trained on text outside the block.`,
      [
        ...pointColumns<FinalResult>(axes, (row) => row.point),
        {
          title: "role",
          numeric: false,
          cell: (row) => tags(rolesOf(findings, row.key)),
        },
        score("loss, last step", loss, "lastStep"),
        score("gap, last step", (each) => formatNumber(each.generalizationGap), "lastStep"),
        score("exact zeros", (each) => formatShare(each.exactZeroShare), "lastStep"),
        ...(chosen
          ? [
            score("loss, step chosen on the folds", loss, "chosenStep"),
            score("that step", (each) => each.step, "chosenStep"),
          ]
          : []),
      ],
      final,
      (row) => row.isBaseline ? "baseline" : "marked",
    )
  }${
    incomplete.length === 0
      ? null
      : fragment`<p class="notice">Not every refit completed: ${
        incomplete.map((each) =>
          `${formatPoint(each.point)} has ${each.completed} of ${each.expected}`
        ).join("; ")
      }.</p>`
  }`;
}

function textOf(findings: Findings, topic: Statement["topic"]): string | null {
  return describeFindings(findings).find((each) => each.topic === topic)?.text ?? null;
}

const topics: readonly (readonly [Statement["topic"], string])[] = [
  ["text", "Could the text decide?"],
  ["overfitting", "Is there a gap to close?"],
  ["gap", "What closes it?"],
  ["selection", "What is selected?"],
  ["earlyStopping", "Does early stopping do as well?"],
  ["sparsity", "How sparse do the weights become?"],
  ["intervals", "What do the intervals cover?"],
];

/** Headings where no point has stronger remedies than a baseline. */
const otherTopics: { readonly [topic in Statement["topic"]]?: string } = {
  gap: "What does the study ask?",
};

/** A text that is not broken into lines. */
export function keep(text: string): Markup {
  return fragment`<span class="nowrap">${text}</span>`;
}

const equation = /([^\s(;:]+ [=<±] [^\s,;:)]*[^\s,;:.)]|\d+(?:\.\d+)? %)/;

/** A sentence whose equations and intervals are not broken into lines. */
export function tight(text: string): Insertion {
  return text.split(equation).map((part, index) =>
    index % 2 === 0 ? part : fragment`<span class="equation">${part}</span>`
  );
}

/** What the records show, in words. */
export function wordsSection(findings: Findings): Markup {
  return fragment`${
    topics.map(([topic, question]) => {
      const text = textOf(findings, topic);
      const heading = findings.gap === null ? otherTopics[topic] ?? question : question;
      return text === null ? null : fragment`<h3>${heading}</h3>
<p>${tight(text)}</p>
`;
    })
  }`;
}

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
      ? fragment`<span class="tag warn">learned little beyond token frequencies</span>`
      : null,
  ];
  const point = pointColumns<PointSummary>(axes, (row) => row.point);
  const { words } = findings;
  const alike = viewsAreAlike(findings.study, findings.summaries);
  const view = lastStepWords(study);
  const mean = `Cross-entropy in nats per token: mean${
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
    mean + difference,
    [
      ...point,
      ...(alike ? [stepColumn("lastStep")] : []),
      ...viewColumns("lastStep", findings.lossAtLastStep, baseline !== null),
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
      ...viewColumns("bestStep", findings.lossAtBestStep, baseline !== null),
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
      `Validation loss at ${lastStepWords(study)} in each fold, nats per token${
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
      `Validation loss of each arm in each fold, nats per token${
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

function viewColumns(
  view: View,
  comparison: Comparison | null,
  compares: boolean,
): Column<PointSummary>[] {
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

/** What each rule selected, with the whole band. */
export function selectionSection(findings: Findings): Markup {
  const { rule, study } = findings;
  const alike = viewsAreAlike(findings.study, findings.summaries);
  const kinds = hasDirection(findings) ? ["mean", "oneStandardError"] as const : ["mean"] as const;
  const rows = (alike ? ["lastStep" as const] : views).flatMap((view) =>
    kinds.map((kind) => findings.selections[view][kind])
  );
  const point = (summary: PointSummary | null) => summary ? formatPoint(summary.point) : "none";
  return fragment`${
    table(
      "What is selected, from points with all their runs only.",
      [
        {
          title: "looked at",
          numeric: false,
          cell: (row) => row.view === "lastStep" ? lastStepWords(study) : "best step of each point",
        },
        {
          title: "rule",
          numeric: false,
          cell: (row) => keep(row.rule.kind === "mean" ? "lowest mean" : "one standard error"),
        },
        { title: "selected", numeric: false, cell: (row) => keep(point(row.selected)) },
        {
          title: "its mean loss",
          cell: (row) =>
            formatNumber(row.selected?.[row.view]?.estimates.validationLoss.mean ?? null),
        },
        ...(hasDirection(findings)
          ? [
            {
              title: "loss up to which points are in the band",
              cell: (row: Selection) => row.rule.kind === "mean" ? "" : formatNumber(row.threshold),
            },
            {
              title: "band",
              numeric: false,
              cell: (row: Selection) =>
                row.rule.kind === "mean"
                  ? ""
                  : row.band.map((each) => keep(formatPoint(each.point))),
            },
          ]
          : []),
      ] as Column<Selection>[],
      rows,
      (row) => row.rule.kind === rule.kind && row.view === "lastStep" ? "marked" : "",
    )
  }<p>${ruleInWords(rule)} The study's own rule, in the marked row, is ${
    rule.kind === "mean" ? "the lowest mean" : "one standard error"
  } at ${lastStepWords(study)}.</p>`;
}

/** What a rule does, in sentences. */
function ruleInWords({ axes, smaller = [] }: Findings["rule"]): string {
  if (axes.length === 0) {
    return "No axis says which point is the simpler model, by a stronger remedy or a smaller size, so " +
      "only the lowest mean selects.";
  }
  const ends = axes.map((axis) =>
    `the ${smaller.includes(axis) ? "smallest" : "largest"} ${formatAxis(axis)}`
  );
  return `The one-standard-error rule: of the points whose mean validation loss is at most that of the best point ` +
    `plus its standard error, those are left out that another of them matches or betters in ` +
    `simplicity on every axis; of the rest ${
      ends.join(", then ")
    } is taken, then the lowest mean. A point that lacks an axis has 0 there.`;
}
