import { checkOneOf } from "../core/check.ts";
import type { ManyStudiesOptions } from "../statistics/compare_many_studies.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { comparisonDocument } from "./comparison.ts";
import { type ReportDocument, reportDocument } from "./document.ts";
import { manyStudiesDocument } from "./many_studies.ts";
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
  | "power"
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
  "power",
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

/** Sections of a comparison of several studies that a cell can show. */
export type ManyStudiesSection = "abstract" | "differences" | "definitions" | "methods";

/**
 * Shows one section of a comparison of studies in a cell of a notebook, as `writeComparison` writes it.
 *
 * @param first The study that the second is compared with, or a list of studies.
 * @param second The other study; of a list, which section.
 * @param section Of two studies: what comes out, what differs in the definitions, what each selects, or the points
 * of both. Of a list: what comes out, the differences in each study, what differs in the definitions, or how they
 * were compared; then the options of `compareStudies`.
 * @returns What a cell shows as the page does, and `String()` as Markdown.
 * @throws {RangeError} If a comparison has no such section.
 */
export function showComparisonSection(
  first: StudyRecords,
  second: StudyRecords,
  section: ComparisonSection,
): Shown;
/** The same of any number of studies, by one contrast within each. */
export function showComparisonSection(
  studies: readonly StudyRecords[],
  section: ManyStudiesSection,
  options?: ManyStudiesOptions,
): Shown;
export function showComparisonSection(
  first: StudyRecords | readonly StudyRecords[],
  second: StudyRecords | ManyStudiesSection,
  section: ComparisonSection | ManyStudiesOptions = {},
): Shown {
  if (Array.isArray(first)) {
    const sections = ["abstract", "differences", "definitions", "methods"] as const;
    checkOneOf("showComparisonSection: section", second, sections);
    return shownSection(
      manyStudiesDocument(first, section as ManyStudiesOptions),
      second as ManyStudiesSection,
    );
  }
  checkOneOf("showComparisonSection: section", section, [
    "abstract",
    "definitions",
    "selected",
    "points",
  ]);
  return shownSection(
    comparisonDocument(first as StudyRecords, second as StudyRecords),
    section as ComparisonSection,
  );
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
