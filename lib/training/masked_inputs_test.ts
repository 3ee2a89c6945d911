import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { inlineText } from "../data/corpora.ts";
import { pairBatch } from "../data/pair_batches.ts";
import { pairTokenizer, restorePairVocabulary } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { words } from "../data/tokenizers/words.ts";
import { useEngine } from "../engine/engine.ts";
import type { Model } from "../models/model.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { sgd } from "../optimizers/sgd.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { isBeginOrPadding, withMaskedInputs } from "./masked_inputs.ts";
import { validateSpecification } from "./specification.ts";
import { execute } from "./testing/execute.ts";

/** A model that remembers the batches that it read. */
function reader(): { model: Model; read: Batch[] } {
  const read: Batch[] = [];
  const loss = (batch: Batch) => {
    read.push(batch);
    return tf.scalar(0);
  };
  return { model: { parameters: [], loss, dispose() {} }, read };
}

const [time, batch] = [500, 4];
const tokens = Int32Array.from({ length: time * batch }, (_, row) => 1 + row % 6);
const window: Batch = { inputs: tokens, targets: tokens, time, batch, tokens: time * batch };

Deno.test("masked inputs are the unknown token, in training only, about as many as they should be, and targets stay", async () => {
  await useEngine("wasm");
  const { model, read } = reader();
  const masked = withMaskedInputs(model, 0.2, { unknownId: 0 });
  const dropout = randomStream(1, "dropout");
  for (const stream of [null, dropout, dropout]) masked.loss(window, stream).dispose();
  const [evaluated, first, second] = read;
  assert.deepEqual(evaluated.inputs, tokens);
  const changed = first.inputs.filter((token, row) => token !== tokens[row]);
  assert.ok(changed.every((token) => token === 0));
  // Four standard errors of a share of 2,000.
  assert.ok(Math.abs(changed.length / tokens.length - 0.2) < 0.036, `${changed.length}`);
  assert.deepEqual(first.targets, tokens);
  assert.notDeepEqual(second.inputs, first.inputs, "each pass has a mask of its own");
  assert.equal(withMaskedInputs(model, 0, { unknownId: 0 }), model);
});

Deno.test("masked inputs of pairs leave begin tokens and padding", () => {
  const sides = {
    sourceVocabulary: restorePairVocabulary(words(), ["<unk>", "<padding>", "<end>", "a"]),
    targetVocabulary: restorePairVocabulary(words(), [
      ...["<unk>", "<padding>", "<begin>", "<end>", "A", "B"],
    ]),
  };
  const pairs = pairBatch(
    [[4, 5, 4, 5, 4, 3], [5, 3]].map((target) => ({
      source: Int32Array.of(3, 2),
      target: Int32Array.from(target),
    })),
    sides,
  );
  const { model, read } = reader();
  const { unknownId, beginId, paddingId } = sides.targetVocabulary;
  const masked = withMaskedInputs(model, 0.9, { unknownId, kept: isBeginOrPadding });
  masked.loss(pairs, randomStream(1, "dropout")).dispose();
  const [{ inputs }] = read;
  assert.ok(inputs.includes(unknownId));
  assert.deepEqual([...inputs.slice(0, 2)], [beginId, beginId]);
  pairs.inputs.forEach((token, row) => {
    if (token === paddingId) assert.equal(inputs[row], paddingId);
    assert.ok(inputs[row] === token || inputs[row] === unknownId);
  });
});

const text = "the sea was calm and the whale slept below; the mast leaned. ".repeat(6);
const fold: FoldRecord = {
  index: 0,
  training: [{ start: 0, end: 260 }],
  heldOut: [{ start: 260, end: 310 }],
};
const specificationOf = (training: object) => ({
  corpus: inlineText(text),
  tokenizer: characters(),
  model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 8, outputDropout: 0.3 }),
  optimizer: sgd({ learningRate: 0.5 }),
  training: {
    ...{ steps: 12, batchSize: 4, windowLength: 8, evaluateEvery: 4, samples: { count: 0 } },
    ...training,
  },
});

Deno.test("masked inputs change a run, with and without carried state, and its evaluation before the first step stays", async () => {
  for (const training of [{}, { carriedState: true }]) {
    const losses = async (maskedInputs: number) =>
      (await execute(specificationOf({ ...training, maskedInputs }), fold)).curve
        .map(({ heldOutLoss }) => heldOutLoss);
    const [none, some] = [await losses(0), await losses(0.3)];
    assert.equal(some[0], none[0]);
    assert.notDeepEqual(some.slice(1), none.slice(1));
    assert.deepEqual(await losses(0.3), some);
  }
});

Deno.test("masked inputs are refused out of their range, and where a decoder reads the source", async () => {
  for (const maskedInputs of [1, -0.1, NaN, "0.1"]) {
    assert.throws(
      () => validateSpecification(specificationOf({ maskedInputs })),
      /training.maskedInputs must be a finite number from 0 below 1, found/,
    );
  }
  const pairsOf = (decoderReads?: "source") => ({
    corpus: inlinePairs(
      Array.from({ length: 12 }, (_, i): [string, string] => [`go ${i}`, `va ${i}.`]),
    ),
    tokenizer: pairTokenizer({ source: characters(), target: characters() }),
    model: lstmSequenceToSequence({
      ...{ embeddingSize: 4, hiddenSize: 6 },
      ...(decoderReads && { decoderReads }),
    }),
    optimizer: sgd({ learningRate: 0.5 }),
    training: { steps: 4, batchSize: 3, maskedInputs: 0.3, decodedPairs: 0 },
  });
  assert.throws(
    () => validateSpecification(pairsOf("source")),
    /Cannot combine training.maskedInputs and decoderReads "source" of lstmSequenceToSequence/,
  );
  const span = (start: number, end: number) => [{ start, end }];
  const record = await execute(pairsOf(), {
    ...{ index: 0, training: span(0, 8), heldOut: span(8, 12) },
  });
  assert.equal(record.status, "completed");
});
