import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { sgd } from "../optimizers/sgd.ts";
import { rDrop } from "../penalties/r_drop.ts";
import { noEffect } from "../penalties/penalty.ts";
import { passesOf } from "./passes.ts";
import { sharpnessAware } from "./sharpness.ts";
import { validateSpecification } from "./specification.ts";
import { trainingStep } from "./train.ts";

const [time, batch, vocabularySize, hiddenSize] = [4, 3, 6, 5];
const stream = randomStream(1, "sharpness");
const tokens = Int32Array.from({ length: (time + 1) * batch }, () => stream.integer(6));
const window: Batch = {
  inputs: tokens.slice(0, time * batch),
  targets: tokens.slice(batch),
  ...{ time, batch, tokens: time * batch },
};
const model = () =>
  createModel(
    gruLanguageModel({ embeddingSize: 4, hiddenSize, inputDropout: 0.3, recurrentDropout: 0.2 }),
    { vocabularySize, seed: 1, fold: "sharpness" },
  );

Deno.test("the gradient is that at w + ρ g/‖g‖, worked by hand, and 0 where g is 0", async () => {
  await useEngine("wasm");
  // Of ½ (3 x² + 4 y²) at (1, 1): g = (3, 4), ‖g‖ = 5; at (1, 1) + 5/5 (3, 4): (12, 20).
  const [x, y] = [1, 1].map((start) => tf.variable(tf.scalar(start)));
  const gradient = sharpnessAware(
    () =>
      tf.variableGrads(
        () => tf.add(tf.mul(1.5, tf.square(x)), tf.mul(2, tf.square(y))) as tf.Scalar,
        [x, y] as tf.Variable[],
      ),
    [x, y] as tf.Variable[],
    5,
  );
  const read = () => {
    const { value, grads } = gradient(window, null);
    const found = [value, grads[x.name], grads[y.name]].map((tensor) => tensor.dataSync()[0]);
    tf.dispose([value, grads]);
    return found;
  };
  const before = tf.memory().numTensors;
  assert.deepEqual(read(), [3.5, 12, 20]);
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual([x, y].map((each) => each.dataSync()[0]), [1, 1]);
  for (const each of [x, y]) each.assign(tf.scalar(0));
  assert.deepEqual(read(), [0, 0, 0]);
  tf.dispose([x, y]);
});

Deno.test("a step reads the same masks twice, takes the loss and carries the state at w, and draws as one without does", async () => {
  await useEngine("wasm");
  const step = (sharpnessRadius: number) => {
    const trained = model();
    const optimizer = createOptimizer(
      sgd({ learningRate: 0.1 }),
      trained.parameters,
      trained.parameters.map(() => noEffect),
      null,
    );
    const dropout = randomStream(2, "dropout");
    const kept: (readonly Float32Array[])[] = [];
    const carried = {
      before: () => [new Float32Array(batch * hiddenSize).fill(0.1)],
      keep: (states: readonly Float32Array[]) => kept.push(states),
    };
    const { batchLoss } = trainingStep(trained, optimizer, { ...window, carried }, {
      ...{ learningRate: 0.1, dropout, sharpnessRadius },
    });
    const weights = trained.parameters.map(({ variable }) => [...variable.dataSync()]);
    optimizer.dispose();
    trained.dispose();
    return { batchLoss, kept, weights, state: dropout.state() };
  };
  const [without, tiny, large] = [0, 1e-12, 0.5].map(step);
  for (const other of [tiny, large]) {
    assert.equal(other.batchLoss, without.batchLoss);
    assert.deepEqual(other.kept, without.kept);
    assert.deepEqual(other.state, without.state);
  }
  // Too near to w to be another place in single precision: with other masks the gradient would differ.
  assert.deepEqual(tiny.weights, without.weights);
  assert.notDeepEqual(large.weights, without.weights);
});

Deno.test("training.sharpnessRadius is a finite number from 0, and doubles the passes", () => {
  const specification = (sharpnessRadius: unknown) =>
    validateSpecification({
      corpus: inlineText("abcdefg"),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 2, outputDropout: 0.1 }),
      penalties: [rDrop({ strength: 1 })],
      optimizer: adam({ learningRate: 1e-3 }),
      training: { steps: 1, batchSize: 1, windowLength: 3, sharpnessRadius },
    });
  assert.equal(specification(undefined).training.sharpnessRadius, 0);
  for (const radius of [-1, NaN, Infinity, "1"]) {
    assert.throws(() => specification(radius), /training\.sharpnessRadius must be /);
  }
  assert.deepEqual(passesOf(specification(0)), { forward: 2, backward: 2 });
  assert.deepEqual(passesOf(specification(0.05)), { forward: 4, backward: 4 });
});
