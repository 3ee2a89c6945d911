import { checkKeys, checkNumber, show } from "../core/check.ts";
import { equivalenceNames, type EquivalenceRecord } from "../records/equivalence_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { lossUnit } from "../statistics/study_loss.ts";

/** Checks how a study declares which differences are too small to matter. */
export function checkEquivalence(name: string, found: unknown): EquivalenceRecord {
  checkKeys(name, found, Object.keys(equivalenceNames));
  const entries = Object.entries(found as object);
  if (entries.length !== 1) {
    throw new RangeError(
      `${name} must hold exactly one of ${Object.keys(equivalenceNames).join(", ")}, found ${
        show(found)
      }.`,
    );
  }
  const [[unit, number]] = entries;
  checkNumber(`${name}.${unit}`, number, { above: 0, to: equivalenceNames[unit] });
  return found as EquivalenceRecord;
}

/** Refuses a region in another unit than the losses, or a share of what the study has not. */
export function checkEquivalenceFits(
  { equivalence, select, baseline, space }: Pick<
    StudyRecord,
    "equivalence" | "select" | "baseline" | "space"
  >,
): void {
  if (equivalence === undefined) return;
  const { short, words } = lossUnit({ select });
  if (("nats" in equivalence && short !== "nats") || ("bits" in equivalence && short !== "bits")) {
    throw new RangeError(
      `runStudy: equivalence must be in ${short}, because losses are in ${words}, or a ` +
        `shareOfEarlyStopping, found ${show(equivalence)}.`,
    );
  }
  if ("shareOfEarlyStopping" in equivalence && baseline === null && space.arms === undefined) {
    throw new RangeError(
      `runStudy: equivalence.shareOfEarlyStopping needs a baseline, whose early stopping it is a share of, and ` +
        `the study has none: name one, or give the region in ${short}.`,
    );
  }
}
