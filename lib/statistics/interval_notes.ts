import { rungsOf } from "../records/strategy_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { coincidingTrainingTexts } from "./fold_sizes.ts";
import { counted, listInWords } from "./format.ts";
import { pairsKeptBy, positionWords } from "./corpus_words.ts";

/** What must be known of a study's intervals, in a sentence or two. */
export interface IntervalNote {
  /**
   * `covered`: the mean over stretches such as the folds; `texts`: what more folds and more texts tell;
   * `training`: folds that train on the same tokens; `family`: what Holm's adjustment counts after a search
   * pruned.
   */
  readonly topic: "covered" | "texts" | "training" | "family";
  /** Plain text. */
  readonly text: string;
}

/**
 * What the intervals of a study cover: the mean over stretches such as its folds, what they do not say of
 * other texts, where folds train on the same tokens, and what Holm's adjustment counts where a search
 * pruned.
 *
 * @param study The study's record.
 * @returns No note for a study of one fold, which has no interval.
 *
 * @example
 * ```ts
 * import { intervalNotes } from "./interval_notes.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const [covered] = intervalNotes(syntheticStudy().study);
 * assert.match(
 *   covered.text,
 *   /^Intervals are for the mean over blocks like those of the 3 folds/,
 * );
 * ```
 */
export function intervalNotes(study: StudyRecord): IntervalNote[] {
  const folds = study.folds.length;
  if (folds < 2) return [];
  return [
    {
      topic: "covered",
      text: coveredBy(study, folds),
    },
    {
      topic: "texts",
      text: `More folds of one text narrow them and say nothing about other texts.`,
    },
    ...sameTrainingNotes(study),
    ...(rungsOf(study.strategy).length > 0
      ? [{
        topic: "family" as const,
        text:
          `Holm's adjustment counts all points that entered, the pruned ones too: the folds that test ` +
          `what is left have chosen it.`,
      }]
      : []),
  ];
}

/** What the folds are a sample of. */
function coveredBy(study: StudyRecord, folds: number): string {
  const { documents } = study;
  if (documents?.by === "group" || pairsKeptBy(study) === "group") {
    return `Intervals are for the mean over sets of new groups like those of the ${folds} folds, of which a ` +
      `model has read nothing; they are not prediction intervals for one of them.`;
  }
  if (documents?.by === "time") {
    return `Intervals are for the mean over stretches like those of the ${folds} folds, each later than what ` +
      `its models have read; they are not prediction intervals for the next one.`;
  }
  const blocks = documents === undefined ? "blocks" : "stretches of documents";
  return `Intervals are for the mean over ${blocks} like those of the ${folds} folds; they are not ` +
    `prediction intervals for a new ${documents === undefined ? "block" : "one"}.`;
}

/**
 * The texts of some of a study's notes, one after the other; null where it has none of them.
 *
 * @param study The study's record.
 * @param topics Which notes.
 */
export function intervalWords(
  study: StudyRecord,
  topics: readonly IntervalNote["topic"][],
): string | null {
  const notes = intervalNotes(study).filter(({ topic }) => topics.includes(topic));
  return notes.length === 0 ? null : notes.map(({ text }) => text).join(" ");
}

function sameTrainingNotes(study: StudyRecord): IntervalNote[] {
  const position = positionWords(study).slice(0, -1);
  return coincidingTrainingTexts({ record: study }).map(({ trainingTokens, folds }) => ({
    topic: "training",
    text:
      `With ${counted(trainingTokens, `training ${position}`)} folds ${
        listInWords(folds.map(String))
      } train on the same ${position}s: there they differ in their held-out text alone, and intervals say ` +
      `nothing of models of other training text.`,
  }));
}
