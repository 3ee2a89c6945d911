import { canonicalJson } from "../core/json.ts";
import { visibleText } from "../core/html.ts";
import { chosenWeights } from "../statistics/chosen_weights.ts";
import { describeArms } from "../statistics/describe_arms.ts";
import { describeFindings } from "../statistics/describe.ts";
import { type Findings, findings } from "../statistics/findings.ts";
import {
  counted,
  formatEstimate,
  formatNumber,
  formatPoint,
  formatShare,
  wrapWords,
} from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import type { PointSummary, View } from "../statistics/summarize.ts";
import { viewsAreAlike } from "../statistics/view_words.ts";
import { lossUnit } from "../statistics/study_loss.ts";

/**
 * What a study came to, as plain text for a terminal: the baseline and the points selected by mean and by
 * one standard error, at the last step and at the best step, then what that means.
 *
 * @param study A study, or its records.
 * @returns Lines without a trailing line feed.
 */
export function formatOutcome(study: StudyRecords): string {
  const shown = findings(study.record, study.records);
  const weights = chosenWeights(shown.study);
  const arms = shown.arms === null ? [] : describeArms(shown.arms);
  const statements = [
    ...arms.filter(({ topic }) => topic === "verdict" || topic === "region" || topic === "scope"),
    ...describeFindings(shown).filter(({ topic }) =>
      topic === "completeness" || topic === "text" || topic === "overfitting" ||
      topic === "earlyStopping" || topic === "distillation" ||
      topic === "equivalence" && arms.length === 0 || topic === "gap" && shown.gap === null
    ),
  ];
  return visibleText([
    `Study ${shown.study.name}: best points (held-out cross-entropy in ${
      lossUnit(shown.study).words
    }, mean${shown.study.folds.length > 1 ? " ± standard error" : ""} over ${
      counted(shown.study.folds.length, "fold")
    })`,
    ...(weights === null ? [] : wrapWords(weights, (line) => line.length <= 100)),
    "",
    ...alignedTable(rowsOf(shown)),
    "",
    ...statements.flatMap(({ text }) => wrapWords(text, (line) => line.length <= 100)),
  ].join("\n"));
}

const header = ["", "point", "step", "validation loss", "gap", "exact zeros", "final block"];

function rowsOf(shown: Findings): string[][] {
  const rows: string[][] = [];
  const alike = viewsAreAlike(shown.study, shown.summaries);
  const add = (title: string, summary: PointSummary | null, view: View) => {
    const looked = summary?.[view];
    if (!summary || !looked) return rows.push([title, "none", "", "", "", "", ""]);
    const final = shown.final.find(({ key }) => key === summary.key);
    const score = view === "lastStep" ? final?.lastStep : final?.chosenStep;
    rows.push([
      title,
      formatPoint(summary.point),
      looked.step === null ? "" : String(looked.step),
      formatEstimate(looked.estimates.validationLoss),
      formatEstimate(looked.estimates.generalizationGap),
      formatShare(looked.estimates.exactZeroShare.mean),
      score ? formatNumber(score.loss) : "–",
    ]);
  };
  if (shown.arms !== null) {
    // Nothing is selected over arms: each has what was chosen for the most folds.
    for (const { arm, tuning: { choices } } of shown.arms.arms) {
      const chosen = Map.groupBy(choices, ({ point }) => canonicalJson(point));
      const [key] = [...chosen].sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
      add(arm.name, shown.summaries.find((each) => each.key === key) ?? null, "bestStep");
    }
    return rows;
  }
  if (shown.baseline) {
    const { short } = shown.words;
    add(alike ? short : `${short}, last step`, shown.baseline, "lastStep");
    if (!alike) add(`${short}, early stopping`, shown.baseline, "bestStep");
  }
  for (const view of alike ? ["lastStep"] as const : ["lastStep", "bestStep"] as const) {
    const where = alike ? "" : view === "lastStep" ? ", last step" : ", best step";
    add(`lowest mean${where}`, shown.selections[view].mean.selected, view);
    if (shown.rule.axes.length > 0) {
      add(`one standard error${where}`, shown.selections[view].oneStandardError.selected, view);
    }
  }
  return rows;
}

function alignedTable(rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => [...row[column]].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => {
      const space = " ".repeat(widths[column] - [...cell].length);
      return column < 2 ? cell + space : space + cell;
    }).join("  ").trimEnd();
  return [line(header), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(line)];
}
