import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { inlineDocuments } from "../data/documents/inline_documents.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { validateSpecification } from "./specification.ts";

const specification = (training: object) => ({
  corpus: inlineDocuments([{ text: "call me ishmael" }, { text: "some years ago" }]),
  tokenizer: characters(),
  model: gruLanguageModel({ embeddingSize: 3, hiddenSize: 4 }),
  optimizer: adam({ learningRate: 0.01 }),
  training: { steps: 4, batchSize: 2, windowLength: 4, ...training },
});

Deno.test("windows inside documents are refused for one text, and with a state that goes over their ends", () => {
  const inside = { documentWindows: "inside" };
  const kept = (training: object) => {
    const { training: checked } = validateSpecification(specification(training));
    return "documentWindows" in checked && checked.documentWindows;
  };
  assert.equal(kept({}), "across");
  assert.equal(kept(inside), "inside");
  assert.throws(
    () => validateSpecification({ ...specification(inside), corpus: inlineText("one text") }),
    /documentWindows "inside" and a corpus of kind inline, which is one text/,
  );
  assert.throws(
    () => validateSpecification(specification({ ...inside, carriedState: true })),
    /carriedState and documentWindows "inside": the state would be carried over the ends/,
  );
  assert.throws(
    () => validateSpecification(specification({ documentWindows: "within" })),
    /documentWindows must be .*across.*inside.*found "within"/,
  );
});
