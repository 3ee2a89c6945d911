import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { inlineDocuments } from "../data/documents/inline_documents.ts";
import { openText } from "../data/text_source.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { foldInTokens } from "./fold_in_tokens.ts";
import { validateSpecification } from "./specification.ts";
import { batchesOfEpoch } from "./steps_of_epochs.ts";
import { validateTextTraining } from "./training_options.ts";

const training = validateTextTraining({ steps: 1, batchSize: 2, windowLength: 4 });

Deno.test("a text whose tokens are kept is not tokenized to see that it can be trained on", async () => {
  const corpus = inlineText("call me ishmael. ".repeat(250_000));
  const fold: FoldRecord = {
    index: 0,
    unit: "bytes",
    training: [{ start: 0, end: 4_000_000 }],
    heldOut: [{ start: 4_000_000, end: 4_250_000 }],
  };
  const { unit: _, ...inBytes } = fold;
  const text = await openText(corpus);
  for (const tokenizer of [bytes(), characters(), words()]) {
    const found = await foldInTokens({ corpus, tokenizer, training }, fold, { text, exact: false });
    assert.deepEqual(found.fold, inBytes);
    assert.equal(found.training, undefined);
    assert.equal(found.lost === null, tokenizer.kind !== "words");
  }
});

Deno.test("epochs of documents are counted as their windows lie", async () => {
  // Of 5, 9 and 2 targets with the end of each; the last one is held out.
  const texts = ["ahoy", "call me!", "x"];
  const corpus = inlineDocuments(texts.map((text) => ({ text })));
  const fold: FoldRecord = {
    index: 0,
    unit: "bytes",
    training: [{ start: 0, end: 12 }],
    heldOut: [{ start: 12, end: 13 }],
  };
  const batches = async (documentWindows: "inside" | "across") => {
    const specification = validateSpecification({
      corpus,
      tokenizer: bytes(),
      model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 2 }),
      optimizer: adam({ learningRate: 0.1 }),
      training: { steps: 1, batchSize: 2, windowLength: 4, documentWindows },
    });
    const { fold: inTokens, training: spans } = await foldInTokens(
      { corpus, tokenizer: bytes(), training },
      fold,
      { text: await openText(corpus), exact: true },
    );
    return batchesOfEpoch(specification, inTokens, spans);
  };
  // Inside 2 + 3 windows; across 3 of the 13 targets that stand before the mark at the end.
  assert.equal(await batches("inside"), 3);
  assert.equal(await batches("across"), 2);
});
