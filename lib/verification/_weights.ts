import { showLong } from "../core/check.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import type { RunRecord } from "../records/run_record.ts";
import { counted } from "../statistics/format.ts";
import { type StudyFolder, weightsNameOf, weightsPathOf } from "../studies/storage/folder.ts";
import { readKeptWeights } from "../training/kept_weights.ts";

/** What was found of the weights that runs kept. */
export interface WeightsFound {
  /** Files that were compared with the SHA-256 of their record. */
  readonly compared: number;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/** Compares the files of weights with what their runs recorded; null where no run kept any. */
export async function verifyWeights(
  folder: StudyFolder,
  runs: readonly RunRecord[],
): Promise<WeightsFound | null> {
  const problems: string[] = [];
  let [compared, missing, unchecked] = [0, 0, 0];
  const kept = runs.filter(({ weights, weightsSha256 }) =>
    weights !== null || weightsSha256 !== undefined
  );
  if (kept.length === 0) return null;
  for (const run of kept) {
    const due = weightsNameOf(folder, run.id);
    if (run.weights !== due) {
      problems.push(
        `run ${run.id} names ${showLong(run.weights)} as its weights, not ${due}`,
      );
      continue;
    }
    try {
      await readKeptWeights(weightsPathOf(folder, run.id), run);
      if (run.weightsSha256 === undefined) unchecked++;
      else compared++;
    } catch (error) {
      if (isNotFound(error)) missing++;
      else problems.push((error as Error).message);
    }
  }
  const notes = [
    ...(missing > 0
      ? [`${counted(missing, "file")} not there: study.model() trains such a run again`]
      : []),
    ...(unchecked > 0
      ? [
        `${
          counted(unchecked, "file")
        } unchecked: the records are older than the SHA-256 of weights`,
      ]
      : []),
  ];
  return { compared, problems, notes };
}
