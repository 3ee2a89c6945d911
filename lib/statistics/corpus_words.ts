import type { StudyRecord } from "../records/study_record.ts";

/** What a study read, in words: `12000 tokens of moby-dick`, or `814 pairs of` a corpus of pairs. */
export function corpusWords({ corpus: { name, pairs, tokens } }: StudyRecord): string {
  return `${pairs === undefined ? `${tokens} tokens` : `${pairs} pairs`} of ${name}`;
}
