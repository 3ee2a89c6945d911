import type { StudyRecord } from "../records/study_record.ts";
import { coincidingTrainingTexts } from "./fold_sizes.ts";
import { counted } from "./format.ts";

/**
 * What the intervals of a study do not say beside what no interval of folds does, in sentences: where folds
 * train on the same tokens, and what Holm's adjustment counts where a search pruned.
 *
 * @param study The study's record.
 * @returns No sentence for most studies.
 *
 * @example
 * ```ts
 * import { intervalNotes } from "./interval_notes.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study } = syntheticStudy();
 * assert.deepEqual(intervalNotes(study), []);
 * const strategy = { kind: "successiveHalving", rungs: [10], reductionFactor: 3 } as const;
 * assert.match(intervalNotes({ ...study, strategy })[0], /^Holm's adjustment counts all points/);
 * ```
 */
export function intervalNotes(study: StudyRecord): string[] {
  if (study.folds.length < 2) return [];
  return [
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
