import { ensembleInWords, type EnsembleKind, ensemblesByKind } from "./ensembles_by_kind.ts";
import { counted, formatNumber, formatPoint, formatSigned } from "./format.ts";
import { lossUnit } from "./study_loss.ts";
import type { StudyRecords } from "./study_records.ts";

/** So many ensembles have a sentence each; of more that with the lowest loss. */
const listed = 3;

/**
 * What the ensembles of a study lose beside their members, in sentences for its abstract. Nothing is tested:
 * an ensemble of probabilities is never worse than its members in the mean.
 *
 * @param study A study, or its records.
 * @returns None for a study without ensembles.
 */
export function describeEnsembles(study: StudyRecords): string[] {
  const kinds = ensemblesByKind(study);
  if (kinds.length <= listed) {
    return kinds.map((each) => `The ensemble of ${named(each)} has ${lossOf(each, study)}.`);
  }
  const lowest = kinds.reduce((best, each) =>
    each.validationLoss < best.validationLoss ? each : best
  );
  return [
    `Of ${counted(kinds.length, "ensemble")} that of ${
      named(lowest)
    } has the lowest mean loss, as the ` +
    `best of several too low: ${lossOf(lowest, study)}.`,
  ];
}

function named(each: EnsembleKind): string {
  return `${ensembleInWords(each)}, of ${formatPoint(each.point)}`;
}

function lossOf(
  { validationLoss, memberLoss, folds, finalLoss }: EnsembleKind,
  { record }: StudyRecords,
): string {
  const final = finalLoss === null ? "" : ` and ${formatNumber(finalLoss)} on the final block`;
  return `a validation loss of ${formatNumber(validationLoss)} ${
    lossUnit(record).words
  }, mean over ${counted(folds, "fold")}, ${
    formatSigned(validationLoss - memberLoss)
  } from its members' mean${final}`;
}
