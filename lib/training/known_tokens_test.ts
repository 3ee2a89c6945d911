import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { type Batch, evaluationBatches } from "../data/batches.ts";
import { inlineText } from "../data/corpora.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { words } from "../data/tokenizers/words.ts";
import { tokensInMemory } from "../data/tokens.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import type { Model } from "../models/model.ts";
import { adam } from "../optimizers/adam.ts";
import { crossEntropies, meanCrossEntropy, someUnknown } from "./evaluation.ts";
import { execute } from "./testing/execute.ts";

/** Whose cross-entropy of a target is the target's id plus one tenth of the token before it. */
const arithmetic = {
  parameters: [],
  loss({ inputs, targets, mask }: Batch) {
    const counts = Array.from(targets, (_, row) => mask?.[row] ?? 1);
    const sum = counts.reduce(
      (sum, weight, row) => sum + weight * (targets[row] + inputs[row] / 10),
      0,
    );
    return tf.scalar(sum / counts.reduce((sum, weight) => sum + weight, 0));
  },
  dispose() {},
} as Model;

function lossesOf(batches: Iterable<Batch>) {
  const { all, known } = crossEntropies(arithmetic, batches, 0);
  return { all, known: someUnknown(batches, 0) ? known : null };
}

const close = (actual: number, expected: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `found ${actual}, expected ${expected}`);

Deno.test("the loss on known tokens leaves out targets that are unknown: worked by hand", () => {
  // Targets 3, 0 | 2, 4 | 0, 0 | 5 with the tokens 1, 3 | 0, 2 | 4, 0 | 0 before them.
  const spans = [tokensInMemory(Int32Array.of(1, 3, 0, 2, 4, 0, 0, 5))];
  const batches = [...evaluationBatches(spans, { windowLength: 2, batchSize: 1 })];
  assert.equal(batches.length, 4);
  const { all, known } = lossesOf(batches);
  close(all, (3.1 + 0.3 + 2 + 4.2 + 0.4 + 0 + 5) / 7);
  close(known!, (3.1 + 2 + 4.2 + 5) / 4);
});

Deno.test("there is no loss on known tokens where all targets are known, or none", () => {
  const options = { windowLength: 2, batchSize: 2 };
  // An unknown token that is read only is no unknown target.
  for (const ids of [[0, 1, 2, 3], [1, 0, 0, 0]]) {
    const spans = [tokensInMemory(Int32Array.from(ids))];
    assert.equal(lossesOf(evaluationBatches(spans, options)).known, null);
  }
});

Deno.test("the loss on all targets is the mean of known and unknown ones by their shares", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const stream = randomStream(seed, "tokens");
    const spans = Array.from(
      { length: 3 },
      () => Int32Array.from({ length: 2 + stream.integer(40) }, () => stream.integer(5)),
    );
    const options = { windowLength: 5, batchSize: 3 };
    const batches = [...evaluationBatches(spans.map((span) => tokensInMemory(span)), options)];
    const targets = spans.flatMap((span) => [...span.slice(1)]);
    const share = targets.filter((target) => target === 0).length / targets.length;
    const { all, known } = lossesOf(batches);
    if (known === null) {
      assert.ok(share === 0 || share === 1);
      continue;
    }
    const others = batches.map((batch): Batch => ({
      ...batch,
      mask: Float32Array.from(
        batch.targets,
        (target, row) => target === 0 ? batch.mask?.[row] ?? 1 : 0,
      ),
    })).map((batch) => ({ ...batch, tokens: batch.mask!.reduce((sum, one) => sum + one, 0) }))
      .filter(({ tokens }) => tokens > 0);
    const unknown = meanCrossEntropy(arithmetic, others);
    close(all, (1 - share) * known + share * unknown);
  }
});

const verse = "the sea was calm and the whale slept below the mast and the men sang low ";
const strange = "the sea was zinc and the quartz slept below the mast and the jinx sang low ";

const training = {
  steps: 4,
  batchSize: 4,
  windowLength: 5,
  evaluateEvery: 2,
  samples: { count: 0 },
};

Deno.test("a run on words records the loss on known tokens where held-out words are unknown, and only there", async () => {
  const fold = { index: 0, training: [{ start: 0, end: 48 }], heldOut: [{ start: 48, end: 64 }] };
  const specification = (last: string, tokenizer = words()) => ({
    corpus: inlineText(verse.repeat(3) + last),
    tokenizer,
    model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
    optimizer: adam({ learningRate: 1e-2 }),
    training,
  });
  const { curve, tokens, best } = await execute(specification(strange), fold);
  assert.equal(tokens.unknownShare, 3 / 16);
  for (const { heldOutLoss, knownHeldOutLoss } of curve) {
    assert.notEqual(knownHeldOutLoss, undefined);
    assert.notEqual(knownHeldOutLoss, heldOutLoss);
  }
  // Training raises the loss of unknown words, which it never reads, and lowers that of the others.
  const rise = ({ heldOutLoss, knownHeldOutLoss }: (typeof curve)[number]) =>
    heldOutLoss - knownHeldOutLoss!;
  assert.ok(rise(curve.at(-1)!) > rise(curve[0]));
  assert.equal(best!.step, 4);
  const known = await execute(specification(verse), fold);
  assert.equal(known.tokens.unknownShare, 0);
  assert.ok(known.curve.every((at) => !("knownHeldOutLoss" in at)));
});

Deno.test("reading batches again for the known tokens leaves no trace in training, carried state included", async () => {
  const fold = { index: 0, training: [{ start: 0, end: 48 }], heldOut: [{ start: 48, end: 64 }] };
  const runOn = (last: string) =>
    execute({
      corpus: inlineText(verse.repeat(3) + last),
      tokenizer: words(),
      model: lstmLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
      optimizer: adam({ learningRate: 1e-2 }),
      training: { ...training, batchSize: 1, carriedState: true },
    }, fold);
  const [known, unknown] = [await runOn(verse), await runOn(strange)];
  assert.ok(unknown.curve.every(({ knownHeldOutLoss }) => knownHeldOutLoss! > 0));
  assert.deepEqual(
    unknown.curve.map(({ trainingLoss }) => trainingLoss),
    known.curve.map(({ trainingLoss }) => trainingLoss),
  );
});

Deno.test("a run on pairs records the loss on known target tokens", async () => {
  const { curve, tokens } = await execute({
    corpus: inlinePairs([["ab", "ba"], ["bc", "cb"], ["ca", "ac"], ["ac", "cz"]], {
      order: "given",
    }),
    tokenizer: pairTokenizer({ source: characters(), target: characters() }),
    model: lstmSequenceToSequence({ embeddingSize: 3, hiddenSize: 5 }),
    optimizer: adam({ learningRate: 1e-2 }),
    training: { steps: 2, batchSize: 2, evaluateEvery: 1, decodedPairs: 0 },
  }, { index: 0, training: [{ start: 0, end: 3 }], heldOut: [{ start: 3, end: 4 }] });
  assert.equal(tokens.unknownShare, 1 / 3);
  assert.ok(curve.every(({ knownHeldOutLoss }) => knownHeldOutLoss! > 0));
  assert.ok(curve.every((at) => at.knownHeldOutLoss !== at.heldOutLoss));
});
