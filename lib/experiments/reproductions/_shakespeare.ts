import { corpus } from "../../data/corpora.ts";
import { fixedSplit, type FixedSplitSpecification } from "../../data/fixed_split.ts";
import { publishedSplit } from "../../data/published_split.ts";
import { characters } from "../../data/tokenizers/characters.ts";

/** The corpus of char-rnn and nanoGPT, by characters. */
export function shakespeare() {
  return { corpus: corpus("tinyshakespeare"), tokenizer: characters() };
}

/** Its published split: the first 90 % train; of a quick study a small part of it. */
export function shakespeareFolds(quick: boolean): FixedSplitSpecification {
  return quick
    ? fixedSplit({ training: { start: 0, end: 4000 }, heldOut: { start: 4000, end: 4400 } })
    : publishedSplit("tinyshakespeare");
}

/** Targets of an evaluation: all of the held-out text. */
export function shakespeareEvaluationTokens(quick: boolean): number {
  return quick ? 200 : 111_539;
}
