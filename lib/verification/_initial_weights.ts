import { canonicalJson } from "../core/json.ts";
import { isNotADirectory, isNotFound } from "../core/runtime/errors.ts";
import type { FoldIndex } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { InitialWeights } from "../training/initial_weights_options.ts";
import { openInitialWeights } from "../training/open_initial_weights.ts";
import type { WeightsFound } from "./_weights.ts";

/**
 * Compares the weights that specifications begin with, where they are here, with the SHA-256 that the
 * specifications name; null where all of them are drawn.
 */
export function verifyInitialWeights(
  { specifications, folds, finalFold }: StudyRecord,
  project: string,
): WeightsFound | null {
  const given = new Map<string, { weights: InitialWeights; fold: FoldIndex }>();
  const indices = [...folds, ...(finalFold === null ? [] : [finalFold])].map(({ index }) => index);
  for (const { initialWeights } of specifications) {
    if (initialWeights === undefined) continue;
    const weights = initialWeights as unknown as InitialWeights;
    for (const fold of "from" in weights ? indices : indices.slice(0, 1)) {
      const { file = null, sha256 } = "from" in weights
        ? weights.runs?.[fold] ?? { sha256: null }
        : { file: "file" in weights ? weights.file : weights.folder, sha256: weights.sha256 };
      given.set(canonicalJson({ file, sha256 }), { weights, fold });
    }
  }
  if (given.size === 0) return null;
  const problems: string[] = [];
  let [compared, missing] = [0, 0];
  for (const { weights, fold } of given.values()) {
    try {
      openInitialWeights(weights, fold, project)[Symbol.dispose]();
      compared++;
    } catch (error) {
      if (isNotFound(error) || isNotADirectory(error)) missing++;
      else problems.push((error as Error).message);
    }
  }
  const notes = missing === 0 ? [] : [
    `${
      missing === 1 ? "one file or folder is" : `${missing} files or folders are`
    } not here: runs that ` +
    `begin with such weights cannot be trained again`,
  ];
  return { compared, problems, notes };
}
