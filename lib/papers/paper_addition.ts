import type { ReportTable } from "./table_model.ts";

/** What a paper has beside what every study's has. */
export interface PaperAddition {
  /** Its title. */
  readonly title: string;
  /** What is asked and how it is put to the test: sentences before those that follow from the study. */
  readonly question: readonly string[];
  /** Tables of comparisons that were declared before the runs. */
  readonly comparisons: readonly ReportTable[];
}
