import { averageName, type AverageSpecification } from "../averages/kinds.ts";
import type { JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";

/**
 * Which weights the losses of a study are of, in a sentence, where they are those of an average; null where
 * they are those of the trained weights in every setting.
 */
export function chosenWeights(
  { specifications }: Pick<StudyRecord, "specifications">,
): string | null {
  const chosen = specifications.map(({ training }) => {
    const { averages, chosenAverage = 0 } = (training ?? {}) as JsonObject;
    const average = Array.isArray(averages) ? averages[Number(chosenAverage)] : undefined;
    return average === undefined ? null : averageName(average as unknown as AverageSpecification);
  });
  const names = [...new Set(chosen.filter((each) => each !== null))];
  if (names.length === 0) return null;
  const all = chosen.every((each) => each !== null);
  return `Losses are of an average of the weights once it has begun${
    all ? "" : ", in the settings that choose one"
  }, not of the trained weights: ${names.join("; ")}.`;
}
