import type { StudyRecord } from "../records/study_record.ts";
import { coincidingTrainingTexts } from "./fold_sizes.ts";
import { counted } from "./format.ts";

/**
 * What the intervals of a study cover, in sentences: the mean over stretches such as its folds, what they
 * do not say of other texts, where folds train on the same tokens, and what Holm's adjustment counts where
 * a search pruned.
 *
 * @param study The study's record.
 * @returns No sentence for a study of one fold, which has no interval.
 *
 * @example
 * ```ts
 * import { intervalNotes } from "./interval_notes.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const [covered] = intervalNotes(syntheticStudy().study);
 * assert.match(covered, /^A 95 % interval is of the mean over stretches such as the 3 folds of this text/);
 * ```
 */
export function intervalNotes(study: StudyRecord): string[] {
  const folds = study.folds.length;
  if (folds < 2) return [];
  return [
    `A 95 % interval is of the mean over stretches such as the ${folds} folds of this text, not of one ` +
    `more stretch, which varies more. More folds of one text make it narrower and no truer of other ` +
    `texts: only several texts tell what holds in general.`,
    ...sameTrainingNotes(study),
    ...(study.strategy?.kind === "successiveHalving"
      ? [
        `Holm's adjustment counts all points that entered, the pruned ones too: the folds that test what ` +
        `is left have chosen it.`,
      ]
      : []),
  ];
}

function sameTrainingNotes(study: StudyRecord): string[] {
  return coincidingTrainingTexts(study).map(({ trainingTokens, folds }) =>
    `With ${counted(trainingTokens, "training token")} folds ${listed(folds)} train on the same ` +
    `tokens: there they differ in their held-out text alone, and intervals say nothing of models of ` +
    `other training text.`
  );
}

function listed(values: readonly number[]): string {
  return `${values.slice(0, -1).join(", ")} and ${values.at(-1)}`;
}
