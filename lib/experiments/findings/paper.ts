import type { PaperAddition } from "../../papers/paper_addition.ts";
import type { ReportTable } from "../../papers/table_model.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { capitalize } from "../../statistics/format.ts";
import { findingOf } from "./all.ts";
import { familyTable } from "./tables.ts";

/**
 * What the paper of a finding has beside that of its study: what is claimed, how it was put to the test, and
 * the comparisons that were declared before the runs.
 *
 * @param source The study's records.
 * @returns Null for a study that is no finding.
 */
export function findingAddition(source: StudyRecords): PaperAddition | null {
  const finding = findingOf(source.record.name);
  if (finding === null) return null;
  const { title, claim, setting, families } = finding;
  return {
    title,
    // They are written as Markdown, with names as code.
    question: [claim, setting].map((text) => text.replaceAll("`", "")),
    comparisons: families.map((family) =>
      tableOf(
        `${
          capitalize(family.what)
        }: declared before the runs. p-values are adjusted by Holm over this ` +
          `table, intervals are not.`,
        familyTable(source, family),
      )
    ),
  };
}

/** A table that the finding's document has as Markdown. */
function tableOf(caption: string, markdown: string): ReportTable {
  const [titles, , ...rows] = markdown.trim().split("\n")
    .map((line) => line.replace(/^\| | *\|$/g, "").split(/ +\| /).map((cell) => cell.trim()));
  return {
    caption,
    columns: titles.map((title) => ({ title, numeric: /^(difference|p|95 %)/.test(title) })),
    rows: rows.map((cells) => ({
      mark: "",
      cells: cells.map((text) => ({ nodes: [text], text, tags: [] })),
    })),
  };
}
