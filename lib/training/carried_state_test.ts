import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { carriedEvaluationBatches, carriedTrainingBatches } from "../data/carried_batches.ts";
import { tokensInMemory } from "../data/tokens.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { validateModel } from "../models/kinds.ts";
import type { LanguageModel } from "../models/model.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { sgd } from "../optimizers/sgd.ts";
import { effectsOf } from "../penalties/targets.ts";
import reference from "./_reference/carried_state.json" with { type: "json" };
import { meanCrossEntropy } from "./evaluation.ts";
import { trainingStep } from "./train.ts";

const { vocabularySize, embeddingSize, hiddenSize, layers, windowLength, streams } = reference;

type Stored = { readonly shape: readonly number[]; readonly values: readonly number[] };

/** Weights as PyTorch has them under our names: transposed, two biases added except in a GRU. */
function ours(kind: string, stored: { readonly [name: string]: Stored }) {
  const cell = kind.slice(0, kind.indexOf("LanguageModel"));
  const transposed = ({ shape: [rows, columns], values }: Stored) =>
    Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
  const weights = new Map<string, Float32Array>([
    ["embedding/table", Float32Array.from(stored["table.weight"].values)],
    ["output/kernel", transposed(stored["output.weight"])],
    ["output/bias", Float32Array.from(stored["output.bias"].values)],
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const [input, recurrent] = ["ih", "hh"].map((side) => stored[`cell.bias_${side}_l${layer}`]);
    const name = `${cell}${layer}`;
    weights.set(`${name}/kernel`, transposed(stored[`cell.weight_ih_l${layer}`]));
    weights.set(`${name}/recurrentKernel`, transposed(stored[`cell.weight_hh_l${layer}`]));
    const both = cell === "gru"
      ? input.values
      : input.values.map((b, i) => b + recurrent.values[i]);
    weights.set(`${name}/bias`, Float32Array.from(both));
    if (cell === "gru") weights.set(`${name}/recurrentBias`, Float32Array.from(recurrent.values));
  }
  return weights;
}

const tokensOf = (ids: readonly number[]) => tokensInMemory(Int32Array.from(ids));

function build(kind: string): LanguageModel {
  const specification = validateModel({ kind, embeddingSize, hiddenSize, layers });
  return createModel(specification, { vocabularySize, seed: 1, fold: 0 });
}

function close(found: ArrayLike<number>, expected: ArrayLike<number>, what: string) {
  assert.equal(found.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(found[i] - expected[i]);
    assert.ok(error <= 1e-5 * (1 + Math.abs(expected[i])), `${what}[${i}]: ${found[i]}`);
  }
}

for (const engine of ["cpu", "wasm"] as const) {
  for (const { kind, before, after, losses, heldOutLoss } of reference.cases) {
    Deno.test(`${kind} with carried state trains over two spans to the losses and weights of PyTorch ${reference.versions.torch}, on ${engine}`, async () => {
      await useEngine(engine);
      const model = build(kind);
      const start = ours(kind, before as unknown as Record<string, Stored>);
      for (const { description: { name, shape }, variable } of model.parameters) {
        tf.tidy(() => variable.assign(tf.tensor(start.get(name)!, [...shape])));
      }
      const spans = reference.spans.map(tokensOf);
      const batches = carriedTrainingBatches(spans, { windowLength, batchSize: streams });
      const tensors = tf.memory().numTensors;
      const found = losses.map(() => {
        // The two biases of PyTorch's LSTM and RNN both move: their sum moves twice as fast as our one.
        const gradients = tf.variableGrads(
          () => model.loss(batches.next(), null),
          model.parameters.map(({ variable }) => variable),
        );
        for (const { description: { name, kind: part }, variable } of model.parameters) {
          const twice = kind !== "gruLanguageModel" && part === "bias" && name !== "output/bias";
          const rate = reference.learningRate * (twice ? 2 : 1);
          tf.tidy(() => variable.assign(variable.sub(gradients.grads[variable.name].mul(rate))));
        }
        const loss = gradients.value.dataSync()[0];
        tf.dispose(gradients);
        return loss;
      });
      assert.equal(tf.memory().numTensors, tensors);
      close(found, losses, "loss");
      const end = ours(kind, after as unknown as Record<string, Stored>);
      for (const { description: { name }, variable } of model.parameters) {
        close(variable.dataSync(), end.get(name)!, name);
      }
      const heldOut = carriedEvaluationBatches([tokensOf(reference.heldOut)], {
        windowLength,
        batchSize: 2,
        stretchLength: reference.stretchLength,
      });
      close([meanCrossEntropy(model, heldOut)], [heldOutLoss], "held-out loss");
      // A second evaluation begins at zero again.
      close([meanCrossEntropy(model, heldOut)], [heldOutLoss], "held-out loss");
      model.dispose();
    });
  }
}

Deno.test("a model reads a text in windows with carried state as it reads the whole, and without it does not", async () => {
  await useEngine("wasm");
  const stream = randomStream(1, "text");
  const text = tokensOf(Array.from({ length: 65 }, () => stream.integer(vocabularySize)));
  for (const { kind } of reference.cases) {
    const model = build(kind);
    const loss = (windowLength: number, stretchLength: number) =>
      meanCrossEntropy(
        model,
        carriedEvaluationBatches([text], { windowLength, batchSize: 1, stretchLength }),
      );
    // Windows shorter and longer than the vocabulary: embedded one by one, and by the folded table.
    for (const windowLength of [5, 16]) {
      assert.ok(Math.abs(loss(windowLength, 64) - loss(64, 64)) < 1e-6, kind);
      assert.ok(Math.abs(loss(windowLength, windowLength) - loss(64, 64)) > 1e-5, kind);
    }
    model.dispose();
  }
});

Deno.test("trainingStep with carried state and dropout leaves no tensor behind", async () => {
  await useEngine("wasm");
  const model = createModel(
    validateModel({
      kind: "lstmLanguageModel",
      embeddingSize,
      hiddenSize,
      layers: 2,
      embeddingDropout: 0.2,
      inputDropout: 0.1,
      outputDropout: 0.1,
      recurrentDropout: 0.3,
      lockedDropout: true,
    }),
    { vocabularySize, seed: 1, fold: 0 },
  );
  const descriptions = model.parameters.map(({ description }) => description);
  const optimizer = createOptimizer(
    sgd({ learningRate: 0.1 }),
    model.parameters,
    effectsOf([], descriptions),
    null,
  );
  const batches = carriedTrainingBatches([tokensOf(reference.spans[0])], {
    windowLength,
    batchSize: streams,
  });
  const dropout = randomStream(1, "dropout");
  const step = () =>
    trainingStep(model, optimizer, batches.next(), { learningRate: 0.1, dropout }).batchLoss;
  assert.ok(Number.isFinite(step()));
  const tensors = tf.memory().numTensors;
  for (let i = 0; i < 6; i++) assert.ok(Number.isFinite(step()));
  assert.equal(tf.memory().numTensors, tensors);
  optimizer.dispose();
  model.dispose();
});
