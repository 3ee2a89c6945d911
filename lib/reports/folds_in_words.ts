import type { StudyRecord } from "../records/study_record.ts";
import { arePairsOfTexts, pairsKeptBy, sidesInWords } from "../statistics/corpus_words.ts";
import { lostOfText } from "../statistics/lost_of_text.ts";
import { bringVocabularies } from "../statistics/tokens_of_specification.ts";
import { documentFoldsInWords } from "./documents_section.ts";

/** What each fold holds out and whose its vocabulary is, in sentences. */
export function foldsInWords(study: StudyRecord): string {
  const { corpus, folds } = study;
  const brought = bringVocabularies(study.specifications);
  const counts = sidesInWords(study).target === "completion" ? ` ${completionsInWords}` : "";
  if (folds.length === 1) {
    return "One fold, given by its spans, as with a published split: it says nothing about other data. " +
      `${
        arePairsOfTexts(study)
          ? `${pairsOfTextsInWords} `
          : corpus.bytes === undefined
          ? ""
          : `${bytesInWords(study)} `
      }` +
      `${brought ? broughtInWords : "The vocabulary is of the training part only."}${counts}`;
  }
  if (study.documents !== undefined) {
    return `${documentFoldsInWords(study.documents)} ${
      brought ? broughtInWords : "Each fold has a vocabulary of its training text only."
    }`;
  }
  if (corpus.bytes !== undefined && corpus.pairs === undefined) {
    return `Each fold holds out a contiguous block, with a gap between it and the training text. ${
      bytesInWords(study)
    } ` +
      (brought
        ? broughtInWords
        : "A vocabulary is learned from the training text of its fold only.");
  }
  if (corpus.pairs === undefined) {
    return "Each fold holds out a contiguous block, with a gap between it and the training text, and has a " +
      "vocabulary of its training text only.";
  }
  const kept = pairsKeptBy(study);
  const blocks = `Each fold holds out a contiguous block, with all pairs of one ${
    sidesInWords(study).source
  }${kept === null ? "" : ` or one ${kept}`} in the same block, and has `;
  const before = arePairsOfTexts(study) ? ` ${pairsOfTextsInWords}` : "";
  const [learned, after] = counts === ""
    ? ["vocabularies of its training pairs only", predictedInWords]
    : ["one vocabulary, of both sides of its training pairs only", counts];
  return `${blocks}${brought ? "the vocabulary of its tokenizer" : learned}.${before}${after}`;
}

const predictedInWords =
  " Targets are predicted from the source and the true tokens before; their end " +
  "counts as a token.";

/** What the vocabulary of a tokenizer is that learns nothing. */
const broughtInWords = "The vocabulary is the tokenizer's own, whatever the text.";

/** What decides about folds of pairs before they have tokens. */
const pairsOfTextsInWords =
  "Folds were laid over the texts of the pairs, before they had tokens, so that every tokenizer reads the same " +
  "pairs; texts that differ in case and white space alone are one.";

/** What a position of folds in bytes is. */
function bytesInWords(study: StudyRecord): string {
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
const completionsInWords =
  "A model reads each pair as one sequence, the prompt, a mark and the completion. The loss counts the " +
  "tokens of the completion and its end, each predicted from all true ones before it; those of the prompt " +
  "and padding do not count.";
