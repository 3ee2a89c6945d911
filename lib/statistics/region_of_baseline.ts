import type { EquivalenceRecord } from "../records/equivalence_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { type Estimate, estimateOverFolds } from "./estimate.ts";
import { type LossUnit, lossUnit } from "./study_loss.ts";
import { type PointSummary, stopsEarly } from "./summarize.ts";
import { specificationOf } from "./axis_roles.ts";

/** The region of practical equivalence of a study, in its loss unit. */
export interface EquivalenceRegion {
  /** As the study declared it, before its runs. */
  readonly declared: EquivalenceRecord;
  /** δ, above 0: differences from −δ to +δ are too small to matter; null where it is not known. */
  readonly halfWidth: number | null;
  /** δ of each fold by its number, or of each text, where it was measured there; null where it is one number. */
  readonly byFold: readonly { readonly fold: number; readonly halfWidth: number }[] | null;
  /** Unit of δ, that of the study's losses. */
  readonly unit: LossUnit;
  /** What early stopping of the baseline gains, over the folds; null where δ is no share of it, or it is not known. */
  readonly gain: Estimate | null;
  /**
   * Why δ is not known, null where it is. `missingRuns`: the baseline is not complete; `stopsEarly`: its runs
   * stopped early, and nobody knows what going on would have cost; `noGain`: stopping it early gains nothing;
   * `differs`: studies that are compared declared different regions, or one none.
   */
  readonly unknown: "missingRuns" | "stopsEarly" | "noGain" | "differs" | null;
}

/**
 * The region that a study declared; of a share of early stopping, with what the baseline gains by it: its
 * held-out loss at the last step minus that at its best step, the one step that is best in the fold mean.
 *
 * @param study The study.
 * @param baseline Its baseline's summary; null where it has none.
 * @returns The region; undefined where none was declared.
 */
export function regionOfBaseline(
  study: StudyRecord,
  baseline: PointSummary | null | undefined,
): EquivalenceRegion | undefined {
  if (study.equivalence === undefined) return undefined;
  if (!baseline?.complete || !baseline.lastStep || !baseline.bestStep) {
    return regionOf(study, study.equivalence, "missingRuns");
  }
  const { lastStep, bestStep, point } = baseline;
  const [last, best] = [lastStep, bestStep].map((view) => view.estimates.validationLoss.foldMeans);
  return regionOf(
    study,
    study.equivalence,
    stopsEarly(specificationOf(study, point)) ? "stopsEarly" : gainOf(last, best),
  );
}

/** What stopping at the best step gains, from losses of the folds at the last and at the best step. */
export function gainOf(last: readonly number[], best: readonly number[]): Estimate {
  return estimateOverFolds(last.map((loss, fold) => [loss - best[fold]]))!;
}

/**
 * A region from its declaration.
 *
 * @param gain What early stopping gains, or why that is not known; not looked at where δ is no share of it.
 */
export function regionOf(
  study: Pick<StudyRecord, "select" | "folds">,
  declared: EquivalenceRecord,
  gain: Estimate | "missingRuns" | "stopsEarly",
): EquivalenceRegion {
  const region = { declared, unit: lossUnit(study) };
  if (!("shareOfEarlyStopping" in declared)) {
    const halfWidth = "nats" in declared ? declared.nats : declared.bits;
    return { ...region, halfWidth, byFold: null, gain: null, unknown: null };
  }
  const none = { ...region, halfWidth: null, byFold: null };
  if (typeof gain === "string") return { ...none, gain: null, unknown: gain };
  if (!(gain.mean > 0)) return { ...none, gain, unknown: "noGain" };
  const share = declared.shareOfEarlyStopping;
  const byFold = study.folds.map(({ index }, at) => ({
    fold: index as number,
    halfWidth: share * gain.foldMeans[at],
  }));
  return { ...region, halfWidth: share * gain.mean, byFold, gain, unknown: null };
}
