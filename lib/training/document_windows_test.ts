import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { inlineDocuments } from "../data/documents/inline_documents.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { validateSpecification } from "./specification.ts";
import { execute } from "./testing/execute.ts";

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

const texts = Array.from(
  { length: 24 },
  (_, index) => `call me ${"ishmael ".repeat(index % 4)}${index}`,
);
const corpus = inlineDocuments(texts.map((text) => ({ text })));
const ends = texts.reduce<number[]>(
  (list, text) => [...list, (list.at(-1) ?? 0) + text.length],
  [],
);
const fold: FoldRecord = {
  index: 0,
  unit: "bytes",
  training: [{ start: 0, end: ends[9] }, { start: ends[13], end: ends[23] }],
  heldOut: [{ start: ends[9], end: ends[13] }],
};
/** Characters and end marks of the training documents: 20 of them, of which 4 are held out. */
const trained = [...texts.slice(0, 10), ...texts.slice(14)];
const targets = trained.reduce((sum, text) => sum + text.length + 1, 0);

function run(training: object) {
  const options = { ...specification({}), corpus };
  return execute({
    ...options,
    training: {
      ...{ steps: 6, batchSize: 3, windowLength: 8, evaluateEvery: 3, samples: { count: 0 } },
      ...training,
    },
  }, fold);
}

Deno.test("a run inside documents learns each target once an epoch, and is evaluated on the same ones as across", async () => {
  const windows = trained.reduce((sum, text) => sum + Math.ceil((text.length + 1) / 8), 0);
  const steps = Math.ceil(windows / 3);
  const sampling = "epochs";
  const inside = await run({ documentWindows: "inside", sampling, steps, evaluateEvery: steps });
  assert.equal(inside.cost?.tokens, targets);
  assert.equal(inside.tokens.training, targets);
  const across = await run({ sampling, steps: 4 });
  // Whole windows of what the documents are, one after the other.
  assert.equal(across.cost?.tokens, 4 * 3 * 8);
  // The untrained model predicts the same targets, most of them from less text inside.
  const [first, other] = [inside, across].map(({ curve }) => curve[0]);
  assert.notEqual(first.heldOutLoss, other.heldOutLoss);
  assert.ok(Math.abs(first.heldOutLoss - other.heldOutLoss) < 0.1);
  assert.deepEqual(inside.tokens.text, across.tokens.text);
});

Deno.test("runs on documents are the same to the bit again, drawn and in epochs, inside and across", async () => {
  const found = new Set<string>();
  for (const documentWindows of ["inside", "across"]) {
    for (const sampling of ["draws", "epochs"]) {
      const [one, again] = [
        await run({ documentWindows, sampling }),
        await run({ documentWindows, sampling }),
      ];
      assert.deepEqual(one.curve, again.curve);
      found.add(JSON.stringify(one.curve));
    }
  }
  assert.equal(found.size, 4);
});
