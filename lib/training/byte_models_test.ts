import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import type { FoldRecord } from "../records/study_record.ts";
import type { SpecificationOptions } from "./specification.ts";
import { withTrained } from "./testing/read_back.ts";

// Nine bytes a round, so that a model that knows the round writes whole characters.
const round = "鲸é🐋";
const text = round.repeat(60);
/** Both parts begin and end inside of a character. */
const fold: FoldRecord = {
  index: 0,
  training: [{ start: 1, end: 400 }],
  heldOut: [{ start: 410, end: 539 }],
};
const models = {
  "a GRU": gruLanguageModel({ embeddingSize: 8, hiddenSize: 32 }),
  "a Transformer": transformerLanguageModel({
    embeddingSize: 16,
    layers: 1,
    heads: 2,
    blockSize: 9,
  }),
};

for (const [name, model] of Object.entries(models)) {
  for (const carriedState of name === "a GRU" ? [false, true] : [false]) {
    Deno.test(`${name} learns bytes${carriedState ? " with carried state" : ""}, and writes what its pieces are joined`, async () => {
      const specification: SpecificationOptions = {
        corpus: inlineText(text),
        tokenizer: bytes(),
        model,
        optimizer: adam({ learningRate: 3e-2 }),
        training: {
          steps: 240,
          batchSize: 4,
          windowLength: 9,
          carriedState,
          maskedInputs: carriedState ? 0 : 0.05,
          samples: { count: 1, length: 7, promptLength: 10, temperature: 0 },
        },
      };
      await withTrained(specification, fold, (trainedModel, { tokens, samples, final }) => {
        assert.deepEqual(
          { ...tokens, unigramEntropy: 0 },
          { training: 399, heldOut: 129, vocabulary: 257, unknownShare: 0, unigramEntropy: 0 },
        );
        assert.ok(final!.heldOutLoss < 0.2, `${final!.heldOutLoss}`);
        // The held-out bytes begin with the sixth of nine, the first of the whale; ten are the prompt.
        assert.equal(samples[0].prompt, "🐋鲸é\uFFFD");
        assert.equal(samples[0].text, "\uFFFD\uFFFD\uFFFD鲸\uFFFD");
        const asked = { prompt: "鲸é🐋鲸é", temperature: 0, seed: 1 };
        assert.equal(trainedModel.generate({ ...asked, length: 7 }), "🐋鲸");
        // Bytes of an emoji, then three of four of the next.
        assert.deepEqual([...trainedModel.stream({ ...asked, length: 4 })], ["🐋"]);
        assert.deepEqual([...trainedModel.stream({ ...asked, length: 2 })], ["\uFFFD"]);
        assert.equal(trainedModel.unknownShare("Ω, never seen"), 0);
        assert.ok(trainedModel.crossEntropy(round.repeat(4)) < 0.3);
        const bits = trainedModel.crossEntropy(round.repeat(4)) * 36 / 12 / Math.LN2;
        assert.ok(Math.abs(trainedModel.bitsPerCharacter(round.repeat(4)) - bits) < 1e-6);
        assert.throws(
          () => trainedModel.generate({ ...asked, prompt: "a\ud83d", length: 1 }),
          /half of a surrogate pair/,
        );
      });
    });
  }
}

Deno.test("an encoder-decoder of bytes reads and writes characters of several bytes", async () => {
  const list = Array.from({ length: 12 }, (_, index): [string, string] => [`鲸${index}`, "é鱼"]);
  const specification: SpecificationOptions = {
    corpus: inlinePairs(list),
    tokenizer: pairTokenizer({ source: bytes(), target: bytes() }),
    model: lstmSequenceToSequence({ embeddingSize: 6, hiddenSize: 12 }),
    optimizer: adam({ learningRate: 3e-2 }),
    training: { steps: 240, batchSize: 4, decodedPairs: 2 },
  };
  const pairFold = { index: 0, training: [{ start: 0, end: 8 }], heldOut: [{ start: 8, end: 12 }] };
  await withTrained(specification, pairFold, (model, { tokens, final }) => {
    assert.equal(tokens.unknownShare, 0);
    assert.equal(tokens.vocabulary, 260);
    assert.ok(final!.heldOutLoss < 0.1);
    assert.equal(model.generate({ prompt: "鲸99", length: 9, temperature: 0, seed: 1 }), "é鱼");
    assert.deepEqual(
      [...model.stream({ prompt: "鲸99", length: 3, temperature: 0, seed: 1 })],
      ["é", "\uFFFD"],
    );
  });
});
