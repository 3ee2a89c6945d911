import { checkKeys, show } from "../../core/check.ts";
import type { JsonObject } from "../../core/json.ts";
import type { FoldIndex } from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { selectBy, type StudySelection } from "./selection.ts";

/** Which trained model is wanted. */
export interface ModelChoice {
  /** Point of the search space. */
  readonly point: JsonObject;
  /** Index of a fold, or `final`: trained on all but the final block. */
  readonly fold: FoldIndex;
  /** Seed of the study. */
  readonly seed: number;
}

/**
 * Fills in what a choice of a model leaves out: the point that the study's rule selects, the final fold,
 * the first seed.
 *
 * @throws {TypeError} On an unknown option.
 * @throws {RangeError} If the study selects no point yet, or has no final block.
 */
export function modelChoice(
  study: StudyRecord,
  selection: StudySelection,
  choice: Partial<ModelChoice>,
): ModelChoice {
  checkKeys("model", choice, ["point", "fold", "seed"]);
  const {
    point = theSelected(study, selection),
    fold = theFinal(study),
    seed = study.seeds[0],
  } = choice;
  return { point, fold, seed };
}

function theSelected(study: StudyRecord, selection: StudySelection): JsonObject {
  const missing = selection.summaries.reduce((sum, { counts }) => sum + counts.missing, 0);
  const selected = missing === 0 ? selectBy(study, selection.summaries).selected : null;
  if (selected !== null) return selected.point;
  throw new RangeError(
    `model: point must be given, because study ${study.name} selects none${
      missing === 0
        ? `: the runs of no point are all completed`
        : ` before its runs are all there, and ${missing} are missing`
    }. Its points are in record.space.points.`,
  );
}

function theFinal({ name, finalFold, folds }: StudyRecord): FoldIndex {
  if (finalFold !== null) return "final";
  throw new RangeError(
    `model: fold must be given, because study ${name} has no final block, and so no model that is ` +
      `trained on everything else: one of ${folds.map(({ index }) => show(index)).join(", ")}.`,
  );
}
