import assert from "node:assert/strict";
import { carriedTrainingBatches } from "../data/carried_batches.ts";
import { inlineText } from "../data/corpora.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { tokensInMemory } from "../data/tokens.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { adam } from "../optimizers/adam.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { validateSpecification } from "./specification.ts";
import { batchesOfEpoch, resolveEpochs, validateLength } from "./steps_of_epochs.ts";

const text = (training: object) => ({
  corpus: inlineText("to be or not to be"),
  tokenizer: characters(),
  model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 2 }),
  optimizer: adam({ learningRate: 1e-3 }),
  training: { batchSize: 4, windowLength: 5, ...training },
});

/** A fold that trains on spans of some lengths. */
function fold(index: number, ...lengths: number[]): FoldRecord {
  return {
    index,
    training: lengths.map((length, at) => ({ start: 1000 * at, end: 1000 * at + length })),
    heldOut: [{ start: 90_000, end: 90_100 }],
  };
}

// 20 + 3 = 23 windows and 6 batches; 12 windows and 3 batches.
const folds = [fold(0, 101, 20), fold(1, 65)];

function stepsOf(training: object): number {
  const options = text(training);
  return resolveEpochs(options, validateLength(options), folds).training.steps;
}

Deno.test("epochs are the steps that read the smallest training part so often, rounded, one at least", () => {
  const epoch = (training: object) =>
    folds.map((each) =>
      batchesOfEpoch(validateSpecification(text({ steps: 1, ...training })), each)
    );
  assert.deepEqual(epoch({}), [6, 3]);
  assert.deepEqual(epoch({ sampling: "epochs" }), [6, 3]);
  assert.deepEqual(epoch({ batchSize: 100 }), [1, 1]);
  // Of 50 and of 50 tokens 9 windows.
  assert.deepEqual(epoch({ trainingTokens: 50 }), [3, 3]);
  assert.equal(stepsOf({ epochs: 4 }), 12);
  assert.equal(stepsOf({ epochs: 2.5 }), 8);
  assert.equal(stepsOf({ epochs: 0.01 }), 1);
  assert.equal(stepsOf({ steps: 7 }), 7);
});

Deno.test("an epoch with carried state is the batches until the text begins anew", () => {
  const specification = validateSpecification(text({ steps: 1, carriedState: true }));
  for (const each of folds) {
    const spans = each.training.map(({ start, end }) =>
      tokensInMemory(Int32Array.from({ length: end - start }, (_, at) => start + at))
    );
    const batches = carriedTrainingBatches(spans, { batchSize: 4, windowLength: 5 });
    const [first] = batches.next().inputs;
    let count = 1;
    while (batches.next().inputs[0] !== first) count++;
    assert.equal(batchesOfEpoch(specification, each), count);
  }
});

Deno.test("an epoch of pairs is its pairs over those of a batch", () => {
  const options = {
    corpus: inlinePairs([["a", "b"], ["c", "d"]]),
    tokenizer: pairTokenizer({ source: characters(), target: characters() }),
    model: lstmSequenceToSequence({ embeddingSize: 2, hiddenSize: 2 }),
    optimizer: adam({ learningRate: 1e-3 }),
    training: { epochs: 3, batchSize: 4 },
  };
  assert.equal(
    resolveEpochs(options, validateLength(options), [fold(0, 9), fold(1, 40)]).training.steps,
    9,
  );
});

Deno.test("evaluations follow from the steps that epochs are, and what came to the specification stays", () => {
  const options = text({ epochs: 40 });
  const length = validateLength(options);
  const specification = { ...length.specification, clipping: { norm: 2 } };
  const resolved = resolveEpochs(options, { ...length, specification }, folds);
  assert.deepEqual(resolved, {
    ...validateSpecification(text({ steps: 120 })),
    clipping: { norm: 2 },
  });
  assert.equal(resolved.training.evaluateEvery, 12);
});

Deno.test("a length in both, in neither, and in no number of epochs is refused", () => {
  for (
    const [training, message] of [
      [{ epochs: 1, steps: 2 }, /either steps or epochs, found steps 2 and epochs 1/],
      [{}, /either steps or epochs, found neither/],
      [{ epochs: 0 }, /training.epochs must be .* above 0 .*, found 0/],
      [{ epochs: "2" }, /training.epochs must be .*, found "2"/],
      [{ epochs: NaN }, /training.epochs must be .*, found NaN/],
    ] as const
  ) {
    assert.throws(() => validateLength(text(training)), message);
  }
  assert.throws(() => validateSpecification(text({ epochs: 1 })), /epochs/);
  assert.throws(
    () => stepsOf({ epochs: 9e8 }),
    /training.steps must be .* to 1000000000, found 2700000000/,
  );
});
