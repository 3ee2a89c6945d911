import type { KeptStudy } from "../reproductions/kept_study.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";

/** One of the two studies of the remedies. */
export interface RemedyStudy {
  /** Its name, and folder below `results/remedies/`. */
  readonly name: string;
  readonly title: string;
  /** Corpora of the catalogue that it reads. */
  readonly corpora: readonly string[];
  /** The study whose results say which points it has; null for none. */
  readonly after: RemedyStudy | null;
  /**
   * The study.
   *
   * @param quick A few steps of a smaller model, to see that everything is in place.
   * @param before Records of the study that it comes after.
   */
  study(quick: boolean, before: StudyRecords | null): KeptStudy["study"];
}
