import type { StudyRecord } from "../records/study_record.ts";
import { lostOfText } from "../statistics/lost_of_text.ts";

/** What the vocabulary of a tokenizer is that learns nothing. */
export const broughtInWords = "The vocabulary is the tokenizer's own, whatever the text.";

/** What decides about folds of pairs before they have tokens. */
export const pairsOfTextsInWords =
  "Folds were laid over the texts of the pairs, before they had tokens, so that every tokenizer reads the same " +
  "pairs; texts that differ in case and white space alone are one.";

/** What a position of folds in bytes is. */
export function bytesInWords(study: StudyRecord): string {
  const lost = lostOfText(study);
  const predicted = lost.length === 0
    ? "every byte that is held out is in a token that is predicted."
    : `every token that is held out is predicted, which tells less than the bytes: lost is ${
      lost.join("; ")
    }.`;
  return "A position is a byte of the text in UTF-8: folds were laid before the text had tokens, each span begins " +
    `and ends at a character, and is tokenized by itself after an end mark, so that ${predicted}`;
}

/** What the loss of prompts with completions is over. */
export const completionsInWords =
  "A model reads each pair as one sequence, the prompt, a mark and the completion. The loss counts the " +
  "tokens of the completion and its end, each predicted from all true ones before it; those of the prompt " +
  "and padding do not count.";
