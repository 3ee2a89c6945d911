import { canonicalJson, type Json } from "../core/json.ts";
import type { ArmsComparison } from "../statistics/compare_arms.ts";
import type { FinalResult, FinalScore } from "../statistics/final_block.ts";
import type { Findings } from "../statistics/findings.ts";
import { describeFindings, type Statement } from "../statistics/describe.ts";
import {
  counted,
  formatAxis,
  formatEstimate,
  formatNumber,
  formatPoint,
  formatSetting,
  formatShare,
} from "../statistics/format.ts";
import type { Selection } from "../statistics/select.ts";
import type { PointSummary, View } from "../statistics/summarize.ts";
import { markBefore, markBehind } from "../statistics/trace_numbers.ts";
import { lastStepWords, viewsAreAlike } from "../statistics/view_words.ts";
import { type Column, fragment, type Insertion, type Markup, table } from "./html.ts";
import { lossUnit } from "../statistics/study_loss.ts";
import { positionWords } from "../statistics/corpus_words.ts";

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
export function hasDirection({ rule }: Findings): boolean {
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
      `Cross-entropy on the final block (${span} ${positionWords(study)}), ${
        lossUnit(study).words
      }: ${
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
  ["distillation", "Does it help to learn from a teacher?"],
  ["selection", "What is selected?"],
  ["earlyStopping", "Does early stopping do as well?"],
  ["equivalence", "Which differences are too small to matter?"],
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

const equation = new RegExp(
  `([^\\s(;:]+ [=<±] [^\\s,;:)]*[^\\s,;:.)]|${markBefore}\\d+(?:\\.\\d+)?${markBehind} %)`,
);

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
