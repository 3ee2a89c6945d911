import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type RandomStream, randomStream } from "../core/random.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { type ModelSpecification, validateModel } from "./kinds.ts";
import { generate } from "./decoding.ts";
import { gruLanguageModel } from "./gru_language_model.ts";
import { llamaLanguageModel } from "./llama_language_model.ts";
import { lstmLanguageModel } from "./lstm_language_model.ts";
import { rnnLanguageModel } from "./rnn_language_model.ts";
import { batchOf, build, step, vocabularySize } from "./testing/small_models.ts";
import { transformerLanguageModel } from "./transformer_language_model.ts";

const recurrent = { embeddingSize: 12, hiddenSize: 16 };
const tied = { embeddingSize: 16, hiddenSize: 16, tiedWeights: true };
const attentive = { embeddingSize: 16, layers: 2, heads: 2, blockSize: 8 };

const specifications: { readonly [name: string]: ModelSpecification } = {
  "gruLanguageModel": gruLanguageModel(recurrent),
  "gruLanguageModel with two tied layers": gruLanguageModel({ ...tied, layers: 2 }),
  "lstmLanguageModel": lstmLanguageModel(recurrent),
  "lstmLanguageModel with two tied layers": lstmLanguageModel({ ...tied, layers: 2 }),
  "rnnLanguageModel": rnnLanguageModel(recurrent),
  "rnnLanguageModel with relu, two tied layers": rnnLanguageModel({
    ...tied,
    layers: 2,
    activation: "relu",
  }),
  "llamaLanguageModel": llamaLanguageModel(attentive),
  "llamaLanguageModel with grouped heads, biases, norms of heads and no ties": llamaLanguageModel({
    ...{ ...attentive, heads: 4, keyValueHeads: 2, headSize: 6, feedForwardSize: 20 },
    ...{ queryKeyValueBias: true, queryKeyNorm: true, tiedWeights: false },
  }),
  "transformerLanguageModel": transformerLanguageModel(attentive),
  "transformerLanguageModel without bias and ties, gelu by tanh": transformerLanguageModel({
    ...attentive,
    bias: false,
    tiedWeights: false,
    geluApproximation: "tanh",
  }),
};

const dropouts = { inputDropout: 0.2, outputDropout: 0.3, recurrentDropout: 0.4 };
const withDropout: { readonly [name: string]: ModelSpecification } = {
  "gruLanguageModel with every dropout": gruLanguageModel({
    ...recurrent,
    ...dropouts,
    embeddingDropout: 0.1,
    lockedDropout: true,
    layers: 2,
  }),
  "lstmLanguageModel with dropout": lstmLanguageModel({ ...recurrent, ...dropouts, layers: 2 }),
  "lstmLanguageModel with locked dropout": lstmLanguageModel({
    ...recurrent,
    ...dropouts,
    lockedDropout: true,
  }),
  "lstmLanguageModel with recurrent dropout": lstmLanguageModel({
    ...recurrent,
    recurrentDropout: 0.5,
  }),
  "rnnLanguageModel with dropout": rnnLanguageModel({ ...recurrent, ...dropouts }),
  "llamaLanguageModel with every dropout": llamaLanguageModel({
    ...{ ...attentive, inputDropout: 0.1, residualDropout: 0.1 },
    ...{ attentionDropout: 0.2, stochasticDepth: 0.1 },
  }),
  "transformerLanguageModel with dropout": transformerLanguageModel({
    ...attentive,
    inputDropout: 0.2,
    residualDropout: 0.2,
  }),
  "transformerLanguageModel with attention dropout alone": transformerLanguageModel({
    ...attentive,
    attentionDropout: 0.2,
  }),
  "transformerLanguageModel with stochastic depth alone": transformerLanguageModel({
    ...attentive,
    stochasticDepth: 0.3,
  }),
};

for (const [name, specification] of Object.entries(specifications)) {
  Deno.test(`${name} begins near ln V and memorizes a tiny batch`, async () => {
    await useEngine("wasm");
    const model = build(specification);
    const optimizer = tf.train.adam(0.01);
    const batch = batchOf(8, 2);
    const first = step(model, optimizer, batch);
    assert.ok(Math.abs(first - Math.log(vocabularySize)) < 0.5, `first loss ${first}`);
    for (let i = 0; i < 300; i++) step(model, optimizer, batch);
    const last = tf.tidy(() => model.loss(batch, null).dataSync()[0]);
    assert.ok(last < 0.1, `last loss ${last}`);
    optimizer.dispose();
    model.dispose();
  });

  Deno.test(`${name} computes the same loss and gradients on wasm as by the twins on cpu`, async () => {
    const mask = Float32Array.from({ length: 21 }, (_, i) => i % 4 === 0 ? 0 : 1);
    const batch = batchOf(7, 3, mask);
    const on = async (engine: EngineName) => {
      await useEngine(engine);
      const model = build(specification);
      const variables = model.parameters.map(({ variable }) => variable);
      const { value, grads } = tf.variableGrads(() => model.loss(batch, null), variables);
      const result = [value, ...variables.map(({ name }) => grads[name])].map((t) =>
        t.dataSync() as Float32Array
      );
      tf.dispose([value, grads]);
      model.dispose();
      return result;
    };
    const [found, expected] = [await on("wasm"), await on("cpu")];
    expected.forEach((values, index) => {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      values.forEach((value, i) => {
        const error = Math.abs(found[index][i] - value);
        assert.ok(error <= 2e-5 * largest + 1e-9, `tensor ${index} at ${i}: error ${error}`);
      });
    });
  });

  Deno.test(`${name} reads token by token with the logits of the whole window`, async () => {
    await useEngine("wasm");
    const model = build(specification);
    const { inputs, targets, time, batch, tokens } = batchOf(8, 3);
    const decoder = model.decoder(batch);
    const scores = tf.tidy(() => model.logits({ inputs, targets, time, batch, tokens }).dataSync());
    let sum = 0;
    for (let t = 0; t < time; t++) {
      const logits = decoder.next(inputs.slice(t * batch, (t + 1) * batch));
      assert.equal(logits.length, batch * vocabularySize);
      logits.forEach((value, i) => {
        const whole = scores[t * batch * vocabularySize + i];
        assert.ok(Math.abs(value - whole) < 1e-5, `step ${t}: ${value} and ${whole}`);
      });
      for (let b = 0; b < batch; b++) {
        const row = [...logits.slice(b * vocabularySize, (b + 1) * vocabularySize)];
        const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
        sum += Math.log(total) - row[targets[t * batch + b]];
      }
    }
    decoder.dispose();
    const loss = tf.tidy(() =>
      model.loss({ inputs, targets, time, batch, tokens }, null).dataSync()
    );
    assert.ok(Math.abs(sum / tokens - loss[0]) < 1e-5, `${sum / tokens} and ${loss[0]}`);
    model.dispose();
  });

  Deno.test(`${name} leaves no tensor behind, and another seed gives other weights`, async () => {
    await useEngine("wasm");
    const optimizer = tf.train.sgd(0.1); // holds one tensor
    const before = tf.memory().numTensors;
    const model = build(specification);
    assert.equal(tf.memory().numTensors, before + model.parameters.length);
    const [small, large] = [batchOf(8, 1), batchOf(8, 4)];
    for (const batch of [small, large]) step(model, optimizer, batch);
    generate(model, Int32Array.of(1, 2), { length: 12 }, randomStream(1, "samples"));
    assert.equal(tf.memory().numTensors, before + model.parameters.length);
    const weights = (seed: number) => {
      const model = build(specification, seed);
      const values = model.parameters.map(({ variable }) => variable.dataSync());
      model.dispose();
      return values;
    };
    assert.deepEqual(weights(3), weights(3));
    assert.notDeepEqual(weights(3), weights(4));
    model.dispose();
    assert.equal(tf.memory().numTensors, before);
    optimizer.dispose();
  });

  Deno.test(`${name} has parameters with unique names, their layers and kinds`, async () => {
    await useEngine("wasm");
    const model = build(specification);
    const descriptions = model.parameters.map(({ description }) => description);
    assert.equal(new Set(descriptions.map(({ name }) => name)).size, descriptions.length);
    const kindOf: { readonly [ending: string]: string } = {
      table: "embedding",
      kernel: "kernel",
      recurrentKernel: "recurrentKernel",
      bias: "bias",
      recurrentBias: "bias",
      gain: "normalization",
      shift: "normalization",
    };
    model.parameters.forEach(({ description: { name, layer, kind, shape }, variable }) => {
      assert.ok(name.startsWith(`${layer}/`), name);
      assert.equal(kind, kindOf[name.split("/").at(-1)!], name);
      assert.deepEqual(variable.shape, shape);
    });
    const isTied = "tiedWeights" in specification && specification.tiedWeights;
    assert.equal(descriptions.some(({ name }) => name === "output/kernel"), !isTied);
    model.dispose();
  });

  Deno.test(`${name} is its own JSON again`, () => {
    assert.deepEqual(validateModel(JSON.parse(JSON.stringify(specification))), specification);
  });
}

for (const [name, specification] of Object.entries(withDropout)) {
  Deno.test(`${name} drops in training only, with masks from the stream, and still learns`, async () => {
    await useEngine("wasm");
    const model = build(specification);
    const batch = batchOf(8, 4);
    const lossBy = (stream: RandomStream | null) =>
      tf.tidy(() => model.loss(batch, stream).dataSync()[0]);
    const loss = (seed: number | null) =>
      lossBy(seed === null ? null : randomStream(seed, "dropout"));
    assert.equal(loss(1), loss(1));
    assert.notEqual(loss(1), loss(2));
    assert.notEqual(loss(1), loss(null));
    const one = randomStream(1, "dropout");
    assert.notEqual(lossBy(one), lossBy(one), "each pass has masks of its own");
    const optimizer = tf.train.adam(0.01);
    const first = loss(null), stream = randomStream(1, "dropout");
    for (let i = 0; i < 200; i++) step(model, optimizer, batch, stream);
    assert.ok(loss(null) < 0.7 * first, `loss ${loss(null)} after ${first}`);
    optimizer.dispose();
    model.dispose();
  });
}

Deno.test("lstmLanguageModel begins with forget biases of 1 and the others of 0", async () => {
  await useEngine("wasm");
  const model = build(lstmLanguageModel({ embeddingSize: 2, hiddenSize: 2 }));
  const bias = model.parameters.find(({ description: { name } }) => name === "lstm0/bias")!;
  assert.deepEqual([...bias.variable.dataSync()], [0, 0, 1, 1, 0, 0, 0, 0]);
  model.dispose();
});

Deno.test("validateModel refuses unknown kinds and options, and sizes that contradict each other", () => {
  const refusals: [unknown, RegExp][] = [
    [{ kind: "mambaLanguageModel" }, /one of "gruLanguageModel", .* found "mambaLanguageModel"/],
    [null, /model.kind/],
    [{ kind: "lstmLanguageModel", ...recurrent, heads: 2 }, /unknown option "heads"/],
    [{ kind: "lstmLanguageModel", ...recurrent, tiedWeights: true }, /found 12 and 16/],
    [{ kind: "lstmLanguageModel", ...recurrent, forgetBias: NaN }, /forgetBias/],
    [{ kind: "lstmLanguageModel", ...recurrent, recurrentDropout: 1 }, /below 1, found 1/],
    [{ kind: "rnnLanguageModel", ...recurrent, activation: "gelu" }, /"tanh", "relu"/],
    [{ kind: "rnnLanguageModel", ...recurrent, layers: 0 }, /layers .* from 1/],
    [{ kind: "rnnLanguageModel", ...recurrent, lockedDropout: 1 }, /true or false, found 1/],
    [{ kind: "llamaLanguageModel", ...attentive, keyValueHeads: 3 }, /found 2 and 3/],
    [{ kind: "llamaLanguageModel", ...attentive, heads: 3 }, /even number, found .* 16 \/ 3/],
    [{ kind: "llamaLanguageModel", ...attentive, headSize: 3 }, /even number, found 3/],
    [{ kind: "llamaLanguageModel", ...attentive, ropeTheta: 0 }, /ropeTheta must be .* above 0/],
    [{ kind: "llamaLanguageModel", ...attentive, bias: true }, /unknown option "bias"/],
    [{ kind: "transformerLanguageModel", ...attentive, heads: 3 }, /multiple of heads/],
    [{ kind: "transformerLanguageModel", ...attentive, blockSize: 0 }, /blockSize .* from 1/],
    [{ kind: "transformerLanguageModel", ...attentive, residualDropout: -1 }, /residualDropout/],
    [
      { kind: "transformerLanguageModel", ...attentive, attentionDropout: 1 },
      /attentionDropout must be .* below 1, found 1/,
    ],
    [
      { kind: "transformerLanguageModel", ...attentive, stochasticDepth: 1 },
      /stochasticDepth must be .* below 1, found 1/,
    ],
    [
      { kind: "transformerLanguageModel", ...attentive, geluApproximation: "erf" },
      /"none", "tanh"/,
    ],
    [
      { kind: "transformerLanguageModel", ...attentive, kernelInitializer: { kind: "he" } },
      /kernelInitializer.kind/,
    ],
  ];
  for (const [json, message] of refusals) assert.throws(() => validateModel(json), message);
});
