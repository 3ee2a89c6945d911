import type { FoldRecord } from "../../records/study_record.ts";
import type { DocumentSource } from "./document_source.ts";
import { spansWhere, startsByBytes } from "./_spans.ts";

const millisecondsOfDay = 24 * 60 * 60 * 1000;

/** Folds that train on what is earlier than what they hold out. */
export function timeFolds(
  { count, finalShare, gap, timeGap, choosing = false }: {
    readonly count: number;
    readonly finalShare: number;
    readonly gap: number;
    readonly timeGap: number;
    readonly choosing?: boolean;
  },
  source: DocumentSource,
): { folds: FoldRecord[]; finalFold: FoldRecord | null } {
  const times = timesInOrder(source);
  const { bytes, documentEnds: { length } } = source;
  const end = bytes - Math.round(finalShare * bytes);
  const blocks = choosing ? count + 2 : count + 1;
  const wanted = Array.from({ length: blocks }, (_, block) => block * end / blocks);
  const starts = startsByBytes(source, finalShare === 0 ? wanted : [...wanted, end])
    .map((start) => whereTimeChanges(times, start));
  const stops = [...starts.slice(1), length];
  if (starts.some((start, block) => start >= stops[block])) {
    throw new RangeError(
      `documentFolds: ${count} folds by time need ${starts.length} stretches of different times, one before ` +
        `another, found ${
          new Set(times).size
        } different times in ${length} documents. Use fewer folds.`,
    );
  }
  const earliest = timeGap * (source.timeKind === "date" ? millisecondsOfDay : 1);
  /** Those before a document that is not to be seen, less the gap. */
  const before = (unseen: number) =>
    spansWhere(
      source,
      (document) => document < unseen - gap && times[document] <= times[unseen] - earliest,
    );
  const block = (number: number) =>
    spansWhere(source, (document) => document >= starts[number] && document < stops[number]);
  const foldOf = (
    index: FoldRecord["index"],
    scored: number,
    chosen: number | null,
  ): FoldRecord => {
    const training = before(starts[chosen ?? scored]);
    if (training.length === 0) {
      throw new RangeError(
        `documentFolds: fold ${index} must train on a document before its gap, found none: gap ${gap}, ` +
          `timeGap ${timeGap}, before ${
            source.origin(starts[chosen ?? scored])
          }. Use a smaller gap, or ` +
          `fewer folds.`,
      );
    }
    return {
      index,
      training,
      heldOut: block(scored),
      ...(chosen !== null && { choosing: block(chosen) }),
      unit: "bytes",
    };
  };
  const folds = Array.from(
    { length: count },
    (_, index) => choosing ? foldOf(index, index + 2, index + 1) : foldOf(index, index + 1, null),
  );
  return { folds, finalFold: finalShare === 0 ? null : foldOf("final", blocks, null) };
}

/** The times of documents, which never fall. */
function timesInOrder(source: DocumentSource): Float64Array {
  const { times } = source;
  if (times === null) {
    throw new RangeError(
      `documentFolds: folds by time need documents with a time, found none; ${
        source.origin(0)
      } has none. ` +
        `Name its field when the corpus is made, or fold by document.`,
    );
  }
  const late = times.findIndex((time, document) => document > 0 && time < times[document - 1]);
  if (late === -1) return times;
  throw new RangeError(
    `documentFolds: folds by time need documents from the earliest to the latest, found an earlier one ` +
      `after a later one: ${source.origin(late)}. Give the corpus order: "time".`,
  );
}

/** The first document of the time that a document has. */
function whereTimeChanges(times: Float64Array, document: number): number {
  let first = document;
  while (first > 0 && first < times.length && times[first] === times[first - 1]) first--;
  return first;
}
