import type { Json } from "../core/json.ts";
import type { Comparison } from "../statistics/compare.ts";
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
import type { PointSummary, Quantity, View } from "../statistics/summarize.ts";
import { knownLosses } from "../statistics/unknown_tokens.ts";
import { type Column, fragment, type Insertion, type Markup, table } from "./html.ts";

/** Roles of a point in a study, such as `baseline` or `lowest mean, last step`. */
export function rolesOf(findings: Findings, key: string): string[] {
  const roles: string[] = findings.baseline?.key === key ? ["no penalty"] : [];
  for (const view of ["lastStep", "bestStep"] as const) {
    const where = view === "lastStep" ? "last step" : "best step";
    const { mean, oneStandardError } = findings.selections[view];
    if (mean.selected?.key === key) roles.push(`lowest mean, ${where}`);
    if (oneStandardError.selected?.key === key) roles.push(`one standard error, ${where}`);
  }
  return roles;
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
    return fragment`<p class="notice">This study has no final block: every number below comes from text that
selection has read, and those of selected points are optimistic.</p>`;
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
  const span = study.finalFold?.heldOut.map(({ start, end }) => end - start)
    .reduce((sum, each) => sum + each, 0);
  return fragment`<p class="lead">${tight(words)}</p>
${
    final.length === 0 ? null : table<FinalResult>(
      `Cross-entropy on the final block (${span} ${
        study.corpus.pairs === undefined ? "tokens" : "pairs"
      }), nats per token: mean ± standard deviation ` +
        `over ${counted(study.seeds.length, "seed")}, each trained on all text outside the block.`,
      [
        ...pointColumns<FinalResult>(axes, (row) => row.point),
        {
          title: "why it was refit",
          numeric: false,
          cell: (row) => tags(rolesOf(findings, row.key)),
        },
        score("loss, last step", loss, "lastStep"),
        score("gap, last step", (each) => formatNumber(each.generalizationGap), "lastStep"),
        score("exact zeros", (each) => formatShare(each.exactZeroShare), "lastStep"),
        score("loss, step chosen on the folds", loss, "chosenStep"),
        score("that step", (each) => each.step, "chosenStep"),
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
];

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
      return text === null ? null : fragment`<h3>${question}</h3>
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
      ? fragment`<span class="tag warn">little learned</span>`
      : null,
  ];
  const point = pointColumns<PointSummary>(axes, (row) => row.point);
  const known = knownLosses(findings.unknown);
  const lastStep = table<PointSummary>(
    `Cross-entropy in nats per token: mean ± standard error over ${
      counted(study.folds.length, "fold")
    }, seeds ` +
      `averaged in each. Difference: validation loss minus that without penalty, paired, with the ` +
      `95 % interval of the corrected resampled t-test; p after Holm.`,
    [
      ...point,
      ...viewColumns("lastStep", findings.lossAtLastStep),
      ...(known.size === 0 ? [] : [{
        title: "validation loss, known tokens",
        cell: ({ key }: PointSummary) => known.has(key) ? formatEstimate(known.get(key)!) : "–",
      }]),
      { title: "notes", numeric: false, cell: notes },
    ],
    summaries,
    classOf,
  );
  const bestStep = table<PointSummary>(
    `As above; the difference is to early stopping of the unpenalized model at its own best step.`,
    [
      ...point,
      { title: "step", cell: (row) => row.bestStep?.step ?? "–" },
      ...viewColumns("bestStep", findings.lossAtBestStep),
    ],
    summaries,
    classOf,
  );
  return fragment`<h3>(a) At the last step</h3>
${lastStep}
<h3>(b) At one step per point, chosen on the fold mean</h3>
${bestStep}`;
}

function viewColumns(view: View, comparison: Comparison | null): Column<PointSummary>[] {
  const estimate = (title: string, quantity: Quantity) => ({
    title,
    cell: (row: PointSummary) => row[view] ? formatEstimate(row[view].estimates[quantity]) : "–",
  });
  const compared = (row: PointSummary) => comparison?.points.find(({ key }) => key === row.key);
  return [
    estimate("validation loss", "validationLoss"),
    estimate("training loss", "trainingLoss"),
    estimate("gap", "generalizationGap"),
    {
      title: "exact zeros",
      cell: (row) => row[view] ? formatShare(row[view].estimates.exactZeroShare.mean) : "–",
    },
    { title: "difference", cell: (row) => showDifference(compared(row)?.test ?? null) },
    { title: "p", cell: (row) => formatPValue(compared(row)?.adjustedPValue ?? null) },
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
  const rows = (["lastStep", "bestStep"] as const).flatMap((view) =>
    (["mean", "oneStandardError"] as const).map((kind) => findings.selections[view][kind])
  );
  const point = (summary: PointSummary | null) => summary ? formatPoint(summary.point) : "none";
  const { kind, axes } = findings.study.select;
  return fragment`${
    table(
      "What is selected, from points with all their runs only.",
      [
        {
          title: "view",
          numeric: false,
          cell: (row) => row.view === "lastStep" ? "last step" : "best step of each point",
        },
        {
          title: "rule",
          numeric: false,
          cell: (row) => keep(row.rule.kind === "mean" ? "lowest mean" : "one standard error"),
        },
        { title: "selected", numeric: false, cell: (row) => keep(point(row.selected)) },
        { title: "mean at most", cell: (row) => formatNumber(row.threshold) },
        {
          title: "band",
          numeric: false,
          cell: (row) =>
            row.rule.kind === "mean" ? "" : row.band.map((each) => keep(formatPoint(each.point))),
        },
      ],
      rows,
      (row) => row.rule.kind === kind && row.view === "lastStep" ? "marked" : "",
    )
  }<p>One standard error: of the points whose mean validation loss is at most that of the best point plus
its standard error, those remain that have no other at least as strong on every axis; of these the largest
${axes.map(formatAxis).join(", then ")} is taken. The marked row is the study's own rule.</p>`;
}
