import type { StudyRecord } from "../records/study_record.ts";

/**
 * What a study read, in words: `12000 tokens of moby-dick`, `12000 bytes of` it where folds are in bytes, or
 * `814 pairs of` a corpus of pairs.
 */
export function corpusWords({ corpus }: StudyRecord): string {
  return `${corpusSize(corpus)} of ${corpus.name}`;
}

/** How much a corpus holds, in what its folds count. */
export function corpusSize({ pairs, bytes, tokens }: StudyRecord["corpus"]): string {
  if (pairs !== undefined) return `${pairs} pairs`;
  return bytes === undefined ? `${tokens} tokens` : `${bytes} bytes`;
}

/** What a position of a study's folds is, as a plural. */
export function positionWords({ corpus }: Pick<StudyRecord, "corpus">): string {
  if (corpus.pairs !== undefined) return "pairs";
  return corpus.bytes === undefined ? "tokens" : "bytes";
}
