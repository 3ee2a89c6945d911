import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";

/** The records of a study: what plots, frames and reports read. A study of a notebook is one. */
export interface StudyRecords {
  readonly record: StudyRecord;
  readonly records: readonly RunRecord[];
  /** Records of its ensembles; absent or empty where it has none. */
  readonly ensembles?: readonly RunRecord[];
}
