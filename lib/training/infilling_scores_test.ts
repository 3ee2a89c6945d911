import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { withInfillMarks } from "../data/infill_marks.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { restoreVocabulary } from "../data/tokenizers/vocabulary.ts";
import type { LanguageModel } from "../models/model.ts";
import { infillingScores } from "./infilling_scores.ts";

const vocabulary = withInfillMarks(restoreVocabulary(characters(), ["�", "<|end|>", "a", "b"], 1));
const [end, a, b, mark] = [1, 2, 3, vocabulary.infillMarks.prefixId];

/** A model that writes some tokens, whatever it reads. */
function writing(tokens: readonly number[]): LanguageModel {
  return {
    vocabularySize: vocabulary.size,
    parameters: [],
    loss: () => tf.scalar(0),
    logits: () => tf.zeros([1, vocabulary.size]),
    decoder() {
      let at = 0;
      return {
        read: () => {},
        next() {
          const wanted = tokens[at++];
          return Float32Array.from({ length: vocabulary.size }, (_, id) => Number(id === wanted));
        },
        dispose: () => {},
      };
    },
    dispose: () => {},
  };
}

Deno.test("a middle is filled in exactly where it is written to the letter and then ended", () => {
  const parts = {
    prefix: Int32Array.of(),
    middle: Int32Array.of(a, b),
    suffix: Int32Array.of(),
  };
  const exactMatch = (tokens: number[]) =>
    infillingScores(writing(tokens), [parts], {
      ...{ vocabulary, suffixFirst: false, batchSize: 1 },
    })!.exactMatch;
  // The prompt's three marks are read one by one; only the last of them is scored.
  assert.equal(exactMatch([a, b, end]), 1);
  assert.equal(exactMatch([a, b, a]), 0);
  assert.equal(exactMatch([a, end]), 0);
  assert.equal(exactMatch([a, b, mark]), 0, "a mark is no end");
});
