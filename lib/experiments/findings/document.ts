import { renderOrigin } from "../reproductions/kept_study.ts";
import { isArmsStudy } from "../../statistics/arms_study.ts";
import { compareArms } from "../../statistics/compare_arms.ts";
import { describeArms } from "../../statistics/describe_arms.ts";
import { describeFindings } from "../../statistics/describe.ts";
import { counted } from "../../statistics/format.ts";
import { findings } from "../../statistics/findings.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import type { Quantity } from "../../statistics/summarize.ts";
import { findingStudyName } from "./all.ts";
import type { Finding } from "./finding.ts";
import { armQuantityTable, armsTable, choicesTable, familyTable, pointsTable } from "./tables.ts";

/** Name of the file in the study's folder. */
export const findingDocumentName = "finding.md";

/**
 * Everything that a finding's records say, as Markdown: all points, all comparisons that were declared,
 * and where the numbers come from. The same records give the same bytes.
 */
export function renderFinding(finding: Finding, source: StudyRecords): string {
  const { record, records } = source;
  const quick = record.name === findingStudyName(finding, true);
  const said = [
    ...(isArmsStudy(record) ? describeArms(compareArms(source)) : []),
    ...describeFindings(findings(record, records)),
  ].map(({ text }) => `- ${text}\n`);
  return `# ${finding.title}

${
    quick
      ? "**A quick run, to see that everything is in place: its numbers say nothing.**\n\n"
      : ""
  }${finding.claim}

${finding.setting} Losses are nats per token without penalty, mean ± standard error over
${record.folds.length} blocked folds, ${record.seeds.length} seeds averaged in each. Differences are paired by fold and seed and
tested by the corrected resampled t-test (Nadeau and Bengio), p-values adjusted by Holm over each table;
the intervals are not adjusted. Where no difference is shown, the number in parentheses is the smallest
that 80 % of such studies would show. All comparisons stood in the code before the runs: ${
    totalOf(finding, source)
  }.

${isArmsStudy(record) ? renderArms(source) : ""}## All points, at the last step

${pointsTable(source)}
${
    finding.families.length === 0 ? "" : `## Comparisons

${
      finding.families.map((family) =>
        `### ${capitalize(family.what)}\n\n${familyTable(source, family)}\n`
      ).join("")
    }`
  }## What the report says

${said.join("")}
${renderOrigin(source)}`;
}

/** The arms of a study, tuned against tuned, in all quantities that a reader may ask for. */
function renderArms(source: StudyRecords): string {
  const quantity = (title: string, of: Quantity) =>
    `### ${title} of what was chosen, minus the parent's\n\n${armQuantityTable(source, of)}\n`;
  return `## Arms, tuned against tuned

${armsTable(source)}
${quantity("Gap", "generalizationGap")}${
    quantity("Training loss", "trainingLoss")
  }### What was chosen

${choicesTable(source)}
`;
}

/** How many comparisons are made below, in how many families that Holm adjusts together. */
function totalOf(finding: Finding, source: StudyRecords): string {
  const sizes = isArmsStudy(source.record)
    // Held-out loss, gap and training loss of the arms.
    ? Array(3).fill(compareArms(source).verdicts.length)
    : finding.families.map(({ contrasts }) => contrasts.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return `${counted(total, "comparison")} in ${sizes.length} ${
    sizes.length === 1 ? "family" : "families"
  }`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
