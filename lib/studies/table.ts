import { escapeHtml, visibleText } from "../core/html.ts";
import { canonicalJson } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { baselineWords } from "../statistics/baseline_words.ts";
import { chosenWeights } from "../statistics/chosen_weights.ts";
import type { Estimate } from "../statistics/estimate.ts";
import { describeTeachers } from "../statistics/describe_teachers.ts";
import { finalResults } from "../statistics/final_block.ts";
import { counted, formatSetting } from "../statistics/format.ts";
import { ruleOfStudy } from "../statistics/select.ts";
import type { View } from "../statistics/summarize.ts";
import type { StudySelection } from "./plan/selection.ts";
import { strategyOf } from "./search/kinds.ts";
import { earlyStoppingOf, viewsAreAlike } from "../statistics/view_words.ts";
import { textWarnings } from "../statistics/text_warnings.ts";
import { knownLosses, unknownTokens, unknownTokenWarnings } from "../statistics/unknown_tokens.ts";
import { lossUnit } from "../statistics/study_loss.ts";

/** A table as text: a title, columns, rows of cells, and notes. */
export interface PointTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly marked: boolean }[];
  readonly notes: readonly string[];
}

const marks: { readonly [view in View]: { readonly [kind: string]: string } } = {
  lastStep: { mean: "m", oneStandardError: "s" },
  bestStep: { mean: "M", oneStandardError: "S" },
};

/**
 * The points of a study as a table: mean ± standard error of validation loss at the last step and
 * at the best step, gap, exact zeros, loss on the final block, and marks of what is selected. Of runs
 * that stop early both steps are the one that each kept, shown once; so it is where every point is best
 * at its last step.
 */
export function pointTable(
  study: StudyRecord,
  runs: readonly RunRecord[],
  selection: StudySelection,
): PointTable {
  const axes = [...new Set(study.space.points.flatMap((point) => Object.keys(point)))];
  const finals = new Map(
    finalResults(study, runs, selection.summaries).map((result) => [result.key, result]),
  );
  const known = knownLosses(unknownTokens({ record: study, records: runs }));
  const baseline = study.baseline === null ? null : canonicalJson(study.baseline);
  const rule = ruleOfStudy(study);
  const kept = earlyStoppingOf(study) === "all";
  const { summaries } = selection;
  const alike = viewsAreAlike(study, summaries);
  const rows = summaries.map((summary) => {
    const own = selection.selections.filter(({ selected, view }) =>
      selected?.key === summary.key && !(alike && view === "bestStep")
    );
    const signs = own.map(({ view, rule }) => marks[view][rule.kind]).join("");
    const { lastStep, bestStep, counts } = summary;
    const unfinished = Object.entries(counts).filter(([status, count]) =>
      status !== "completed" && count > 0
    ).map(([status, count]) => `${count} ${status}`);
    const final = finals.get(summary.key);
    return {
      cells: [
        ...axes.map((axis) => axis in summary.point ? formatSetting(summary.point[axis]) : "–"),
        formatEstimate(lastStep?.estimates.validationLoss),
        formatEstimate(lastStep?.estimates.generalizationGap),
        formatShare(lastStep?.estimates.exactZeroShare),
        formatEstimate(known.get(summary.key)),
        alike ? "" : formatEstimate(bestStep?.estimates.validationLoss),
        alike || bestStep?.step === undefined || bestStep.step === null
          ? ""
          : String(bestStep.step),
        final?.lastStep ? final.lastStep.loss.toFixed(3) : "",
        final?.chosenStep && (kept || !alike) ? final.chosenStep.loss.toFixed(3) : "",
        [summary.key === baseline ? "b" : "", signs].filter(Boolean).join(" "),
        unfinished.join(", "),
      ],
      marked: own.length > 0 || summary.key === baseline,
    };
  });
  const weights = chosenWeights(study);
  const last = kept ? "kept step" : "last step";
  const columns = [
    ...axes,
    `loss, ${last}`,
    `gap, ${last}`,
    "exact zeros",
    `known tokens, ${last}`,
    "loss, best step",
    "best step",
    kept ? "final block" : "final block, last step",
    "final block, best step",
    "selected",
    "not completed",
  ];
  const used = columns.map((_, column) =>
    column < axes.length + 3 || rows.some(({ cells }) => cells[column] !== "")
  );
  const keep = <T>(cells: readonly T[]) => cells.filter((_, column) => used[column]);
  return {
    title: `Study ${study.name}: ${counted(study.space.points.length, "point")} × ${
      counted(study.folds.length, "fold")
    } × ${counted(study.seeds.length, "seed")}`,
    columns: keep(columns),
    rows: rows.map(({ cells, marked }) => ({ cells: keep(cells), marked })),
    notes: [
      `Cross-entropy in ${lossUnit(study).words}, held-out text, mean over folds${
        study.folds.length > 1 ? " ± standard error" : ""
      }; gap: held-out − training.`,
      ...(weights === null ? [] : [weights]),
      ...(known.size === 0 ? [] : [
        "Known tokens: the loss on the held-out tokens that the vocabulary of the fold knows.",
      ]),
      ...(kept ? ["Kept step: each run stopped early and kept its best evaluation."] : []),
      [
        ...(baseline === null ? [] : [`b baseline (${baselineName(study)}); `]),
        `selected at the ${last}${
          alike && !kept ? ", the best one of every point," : ""
        } by m mean${rule.axes.length > 0 ? ", s one standard error" : ""}`,
        ...(alike ? [] : [
          `; at the best step by M mean${rule.axes.length > 0 ? ", S one standard error" : ""}`,
        ]),
        ".",
      ].join(""),
      ...strategyOf(study.strategy).notes(summaries),
      ...describeTeachers(study),
      ...textWarnings({ record: study }),
      ...unknownTokenWarnings({ record: study, records: runs }),
    ],
  };
}

/** What the baseline has, without the word. */
function baselineName(study: StudyRecord): string {
  return baselineWords(study).name.replace(/^the baseline \((.*)\)$/, "$1");
}

function formatEstimate(estimate: Estimate | undefined): string {
  if (estimate === undefined) return "";
  const { mean, standardError } = estimate;
  return standardError === null
    ? mean.toFixed(3)
    : `${mean.toFixed(3)} ± ${standardError.toFixed(3)}`;
}

function formatShare(estimate: Estimate | undefined): string {
  return estimate === undefined ? "" : `${(100 * estimate.mean).toFixed(1)} %`;
}

/** A table as aligned text; marked rows begin with an asterisk. */
export function tableText({ title, columns, rows, notes }: PointTable): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map(({ cells }) => cells[index].length))
  );
  const line = (cells: readonly string[], start: string) =>
    (start + cells.map((cell, index) => cell.padStart(widths[index])).join("  ")).trimEnd();
  return visibleText(
    [
      title,
      line(columns, "  "),
      ...rows.map(({ cells, marked }) => line(cells, marked ? "* " : "  ")),
      ...notes,
    ].join("\n"),
  );
}

/** A table as HTML; marked rows are bold. */
export function tableHtml({ title, columns, rows, notes }: PointTable): string {
  const cells = (list: readonly string[], tag: "td" | "th") =>
    list.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("");
  const body = rows.map(({ cells: list, marked }) =>
    `<tr${marked ? ' style="font-weight:bold"' : ""}>${cells(list, "td")}</tr>`
  );
  return `<table><caption>${escapeHtml(title)}</caption><thead><tr>${
    cells(columns, "th")
  }</tr></thead><tbody>${body.join("")}</tbody></table>${
    notes.map((note) => `<div><small>${escapeHtml(note)}</small></div>`).join("")
  }`;
}
