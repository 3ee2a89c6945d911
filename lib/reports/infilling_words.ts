import type { StudyRecord } from "../records/study_record.ts";
import { asObject } from "./specification_words.ts";

/** What of the training text is rearranged and what is measured of it, in sentences; null where nothing is. */
export function infillingInWords(
  { specifications }: Pick<StudyRecord, "specifications">,
): string | null {
  const options = specifications.map(({ training }) => asObject(training).fillInTheMiddle ?? null);
  const given = options.filter((each) => each !== null).map(asObject);
  if (given.length === 0) return null;
  const some = given.length < options.length ? ", at the points that have it" : "";
  const orders = {
    first: given.some(({ suffixFirst }) => Number(suffixFirst) > 0),
    last: given.some(({ suffixFirst }) => Number(suffixFirst) < 1),
  };
  const order = orders.first && orders.last
    ? "the suffix before or after the prefix"
    : orders.first
    ? "the suffix first"
    : "the prefix first";
  const measured = given.some(({ heldOutPieces }) => Number(heldOutPieces) > 0)
    ? " In the table of runs, infilling is the mean loss of the middles of held-out pieces given what stands " +
      "before and after them; beside it stand that of the same tokens given what stands before alone, and the " +
      "share of middles that are written greedily to the letter."
    : "";
  return `Filling in the middle (Bavarian et al. 2022)${some}: the pieces of documents in training windows are ` +
    `cut, each with the probability given as rate, at two random places and read in another order, ${order}, ` +
    `then the middle and an end mark. The marks before the parts do not count in the loss. Held-out text is ` +
    `read as it is, so that its losses compare at all rates.${measured}`;
}
