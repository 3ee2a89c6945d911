import type { Figure } from "../../plots/figure.ts";
import type { KeptStudy } from "../reproductions/kept_study.ts";
import type { LinearContrast } from "../../statistics/linear_contrasts.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import type { Quantity } from "../../statistics/summarize.ts";

/** Comparisons of two points each that are adjusted together. */
export interface Family {
  /** Short name, by which a document asks for it. */
  readonly name: string;
  /** What is compared with what, for the head of a table. */
  readonly what: string;
  /** Validation loss by default. */
  readonly quantity?: Quantity;
  /** A point minus another one, each at the last step. */
  readonly contrasts: readonly LinearContrast[];
}

/** A question to a claim of the articles, as a study with comparisons that were declared before it ran. */
export interface Finding {
  /** Its name, and folder below `results/findings/`. */
  readonly name: string;
  readonly title: string;
  /** What is claimed, and by whom. */
  readonly claim: string;
  /** How it was put to the test, in words; the study says the rest. */
  readonly setting: string;
  /** Corpora of the catalogue that it reads. */
  readonly corpora: readonly string[];
  /**
   * The study.
   *
   * @param quick A few steps of a smaller model, to see that everything is in place.
   */
  study(quick: boolean): KeptStudy["study"];
  /** Declared comparisons of points; none of a study of arms, whose arms declare them. */
  readonly families: readonly Family[];
  /** What the page shows of it. */
  figure(source: StudyRecords): Figure;
}
