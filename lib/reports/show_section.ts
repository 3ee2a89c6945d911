import { checkOneOf } from "../core/check.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { comparisonDocument } from "./comparison.ts";
import { type ReportDocument, reportDocument } from "./document.ts";
import { renderMarkdown } from "./markdown.ts";
import { type Shown, shown } from "./show.ts";
import { sectionStyle } from "./style.ts";

/** Sections of a report that a cell can show; figures are drawn by the plots' own functions. */
export type ReportSection =
  | "abstract"
  | "compute"
  | "final"
  | "findings"
  | "arms"
  | "selection"
  | "points"
  | "differences"
  | "methods"
  | "samples"
  | "runs"
  | "provenance";

const sections: readonly ReportSection[] = [
  "abstract",
  "compute",
  "final",
  "findings",
  "arms",
  "selection",
  "points",
  "differences",
  "methods",
  "samples",
  "runs",
  "provenance",
];

/** Effect sizes take a second to compute, and a notebook shows several sections of one study. */
const documents = new WeakMap<StudyRecords, ReportDocument>();

/**
 * Shows one section of a study's report in a cell of a notebook, as the report has it.
 *
 * `compute` and `provenance` say when, how long and on which machine the study was made, so a notebook that
 * shows them is stored with other bytes after each new run.
 *
 * @param study A study, or its records.
 * @param section Which section.
 * @returns What a cell shows as the page does, and `String()` as the Markdown report does.
 * @throws {RangeError} If a report has no such section.
 *
 * @example
 * ```ts
 * import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
 * import { showReportSection } from "./show_section.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy({ axes: { lambda: [0, 1e-4] } });
 * assert.match(String(showReportSection({ record, records }, "abstract")), /^## Abstract\n\nWe compared/);
 * ```
 */
export function showReportSection(study: StudyRecords, section: ReportSection): Shown {
  checkOneOf("showReportSection: section", section, sections);
  const document = documents.get(study) ?? reportDocument(study, null);
  documents.set(study, document);
  return shownSection(document, section);
}

/** Sections of a comparison of two studies that a cell can show. */
export type ComparisonSection = "abstract" | "definitions" | "selected" | "points";

/**
 * Shows one section of the comparison of two studies in a cell of a notebook, as `writeComparison`
 * writes it.
 *
 * @param first The study that the second is compared with.
 * @param second The other study.
 * @param section Which section: what comes out, what differs in the definitions, what each selects, or
 * the points of both.
 * @returns What a cell shows as the page does, and `String()` as Markdown.
 * @throws {RangeError} If a comparison has no such section.
 */
export function showComparisonSection(
  first: StudyRecords,
  second: StudyRecords,
  section: ComparisonSection,
): Shown {
  checkOneOf("showComparisonSection: section", section, [
    "abstract",
    "definitions",
    "selected",
    "points",
  ]);
  return shownSection(comparisonDocument(first, second), section);
}

function shownSection(document: ReportDocument, section: string): Shown {
  const ids = document.sections.map(({ id }) => id);
  checkOneOf(`showReportSection: section of ${document.title}`, section, ids);
  const found = document.sections.find(({ id }) => id === section)!;
  const markdown = renderMarkdown({ ...document, sections: [found], figures: [] }, []);
  const html =
    `<style>${sectionStyle}</style>\n<div class="parsimony-section">${found.body.html}</div>`;
  return shown({ html }, markdown.slice(markdown.indexOf("## ")).trimEnd());
}
