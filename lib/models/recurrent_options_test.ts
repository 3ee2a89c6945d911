import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "./create.ts";
import { type ModelSpecification, validateModel } from "./kinds.ts";
import { createSequenceToSequence } from "./create.ts";
import { lstmSequenceToSequence } from "./lstm_sequence_to_sequence.ts";

const kinds = ["gruLanguageModel", "lstmLanguageModel", "rnnLanguageModel"] as const;
const [time, batch, vocabularySize] = [6, 4, 40];

function specify(kind: string, options: Record<string, unknown> = {}): ModelSpecification {
  return validateModel({ kind, embeddingSize: 6, hiddenSize: 8, ...options });
}

/** Gradients of a training batch by parameter, and the tokens that it reads. */
function gradientsOf(specification: ModelSpecification, seed: number) {
  const model = createModel(specification, { vocabularySize, seed: 1, fold: 0 });
  const stream = randomStream(1, "text");
  const text = Int32Array.from(
    { length: (time + 1) * batch },
    () => stream.integer(vocabularySize),
  );
  const inputs = text.slice(0, time * batch);
  const given = { inputs, targets: text.slice(batch), time, batch, tokens: time * batch };
  const variables = model.parameters.map(({ variable }) => variable);
  const { value, grads } = tf.variableGrads(
    () => model.loss(given, randomStream(seed, "masks")),
    variables,
  );
  const gradients = new Map(
    model.parameters.map(({ description: { name }, variable }) => [
      name,
      grads[variable.name].dataSync() as Float32Array,
    ]),
  );
  const loss = value.dataSync()[0];
  tf.dispose([value, grads]);
  model.dispose();
  return { inputs, gradients, loss };
}

Deno.test("language models without later options are the JSON that they were before there were any", () => {
  const common = {
    embeddingSize: 6,
    hiddenSize: 8,
    layers: 1,
    inputDropout: 0,
    outputDropout: 0,
    embeddingInitializer: { kind: "uniform", range: 0.05 },
    kernelInitializer: { kind: "glorotUniform" },
    recurrentInitializer: { kind: "orthogonal" },
  };
  const later = { tiedWeights: false, recurrentDropout: 0, lockedDropout: false };
  assert.deepEqual(specify("gruLanguageModel"), {
    kind: "gruLanguageModel",
    ...common,
    resetAfter: true,
  });
  assert.deepEqual(specify("gruLanguageModel", { ...later, embeddingDropout: 0 }), {
    kind: "gruLanguageModel",
    ...common,
    resetAfter: true,
  });
  assert.deepEqual(specify("lstmLanguageModel"), {
    kind: "lstmLanguageModel",
    ...common,
    ...later,
    forgetBias: 1,
  });
  assert.deepEqual(specify("rnnLanguageModel"), {
    kind: "rnnLanguageModel",
    ...common,
    ...later,
    activation: "tanh",
  });
});

for (const kind of kinds) {
  Deno.test(`${kind} takes every option of the others, is its own JSON again, and refuses to tie unequal sizes`, () => {
    const options = {
      layers: 2,
      hiddenSize: 6,
      tiedWeights: true,
      embeddingDropout: 0.1,
      inputDropout: 0.2,
      outputDropout: 0.3,
      recurrentDropout: 0.4,
      lockedDropout: true,
      biasInitializer: { kind: "uniform", range: 0.1 },
      outputBiasInitializer: { kind: "uniform", range: 0.1 },
    };
    const specification = specify(kind, options);
    for (const [name, value] of Object.entries(options)) {
      assert.deepEqual((specification as unknown as Record<string, unknown>)[name], value);
    }
    assert.deepEqual(validateModel(JSON.parse(JSON.stringify(specification))), specification);
    assert.throws(
      () => specify(kind, { tiedWeights: true }),
      /tiedWeights needs embeddingSize equal to hiddenSize.* found 6 and 8/,
    );
    for (const name of ["embeddingDropout", "recurrentDropout"]) {
      assert.throws(() => specify(kind, { [name]: 1 }), new RegExp(`${name} .*below 1, found 1`));
    }
    assert.throws(() => specify(kind, { initialization: "torch" }), /"keras", "pytorch", "gpt2"/);
  });

  Deno.test(`${kind} with embeddingDropout gives dropped tokens no gradient, in whole rows, alike on wasm and on cpu`, async () => {
    const specification = specify(kind, { embeddingDropout: 0.5 });
    const results = [];
    for (const engine of ["cpu", "wasm"] as const) {
      await useEngine(engine);
      const { inputs, gradients, loss } = gradientsOf(specification, 7);
      const table = gradients.get("embedding/table")!;
      const read = [...new Set(inputs)];
      const rows = read.map((token) => [...table.slice(6 * token, 6 * token + 6)]);
      const dropped = rows.map((row) => row.every((value) => value === 0));
      rows.forEach((row, i) => assert.equal(row.some((value) => value === 0), dropped[i]));
      const count = dropped.filter(Boolean).length;
      // About 20 tokens at rate ½: outside this range with a probability below 1 %.
      assert.ok(count >= 0.2 * read.length && count <= 0.8 * read.length, `${count}`);
      results.push({ dropped, loss });
    }
    assert.deepEqual(results[0].dropped, results[1].dropped);
    assert.ok(Math.abs(results[0].loss - results[1].loss) < 1e-5);
  });

  Deno.test(`${kind} with recurrentDropout gives dropped recurrent weights no gradient`, async () => {
    await useEngine("wasm");
    const { gradients } = gradientsOf(specify(kind, { recurrentDropout: 0.5, layers: 2 }), 7);
    for (const [name, values] of gradients) {
      const zeros = values.filter((value) => value === 0).length / values.length;
      if (name.endsWith("/recurrentKernel")) {
        // At least 64 weights at rate ½: four standard deviations are at most 0.25.
        assert.ok(Math.abs(zeros - 0.5) < 0.25, `${name}: ${zeros}`);
      } else if (name.endsWith("/kernel")) assert.equal(zeros, 0, name);
    }
  });

  Deno.test(`${kind} drops what layers below the top one give by hiddenDropout, what the top one gives by outputDropout`, async () => {
    await useEngine("wasm");
    const cell = kind.slice(0, kind.indexOf("LanguageModel"));
    /** Rows of a kernel without gradient: inputs that were 0 throughout. */
    const unread = (options: Record<string, unknown>) => {
      const { gradients } = gradientsOf(
        specify(kind, { layers: 2, lockedDropout: true, ...options }),
        7,
      );
      return [`${cell}1/kernel`, "output/kernel"].map((name) => {
        const values = gradients.get(name)!;
        const columns = values.length / 8;
        return Array.from(
          { length: 8 },
          (_, row) => values.slice(row * columns, (row + 1) * columns),
        )
          .filter((row) => row.every((value) => value === 0)).length;
      });
    };
    // At rate 0.9 a column is 0 in all four windows with probability 0.66.
    const [below, above] = [
      unread({ hiddenDropout: 0.9 }),
      unread({ outputDropout: 0.9, hiddenDropout: 0 }),
    ];
    assert.ok(below[0] > 0 && below[1] === 0, `${below}`);
    assert.ok(above[0] === 0 && above[1] > 0, `${above}`);
    const both = unread({ outputDropout: 0.9 });
    assert.ok(both[0] > 0 && both[1] > 0, `${both}`);

    const given = { layers: 2, outputDropout: 0.3 };
    assert.deepEqual(specify(kind, { ...given, hiddenDropout: 0.3 }), specify(kind, given));
    assert.ok(!("hiddenDropout" in specify(kind, given)));
    assert.throws(() => specify(kind, { hiddenDropout: 0.3 }), /layers from 2, found 1/);
  });

  Deno.test(`${kind} with tied weights and embeddingDropout still learns dropped tokens as outputs`, async () => {
    await useEngine("wasm");
    const { gradients } = gradientsOf(
      specify(kind, { hiddenSize: 6, tiedWeights: true, embeddingDropout: 0.5 }),
      7,
    );
    assert.ok(!gradients.has("output/kernel"));
    assert.equal(gradients.get("embedding/table")!.filter((value) => value === 0).length, 0);
  });

  Deno.test(`${kind} draws PyTorch's initial weights by initialization "pytorch", and GPT-2's by "gpt2"`, async () => {
    await useEngine("wasm");
    const hiddenSize = 64;
    const weightsOf = (initialization: string) => {
      const specification = specify(kind, { embeddingSize: 48, hiddenSize, initialization });
      assert.ok(!("initialization" in specification));
      const model = createModel(specification, { vocabularySize: 60, seed: 1, fold: 0 });
      const weights = new Map(
        model.parameters.map(({ description: { name }, variable }) => [
          name,
          variable.dataSync() as Float32Array,
        ]),
      );
      model.dispose();
      return weights;
    };
    const spread = (values: Float32Array) => ({
      deviation: Math.sqrt(values.reduce((sum, w) => sum + w * w, 0) / values.length),
      largest: values.reduce((most, w) => Math.max(most, Math.abs(w)), 0),
    });
    const range = 1 / 8; // 1/√64
    for (const [name, values] of weightsOf("pytorch")) {
      const { deviation, largest } = spread(values);
      // One bias in place of PyTorch's two is their sum.
      const sum = kind !== "gruLanguageModel" && /[0-9]\/bias$/.test(name);
      const expected = name === "embedding/table"
        ? { deviation: 1, largest: Infinity }
        : { deviation: range * Math.sqrt(sum ? 2 / 3 : 1 / 3), largest: range * (sum ? 2 : 1) };
      // The standard error of a standard deviation is below 1/√(2n); n is 60 at least.
      const tolerance = 4 / Math.sqrt(2 * values.length);
      assert.ok(Math.abs(deviation / expected.deviation - 1) < tolerance, `${name}: ${deviation}`);
      assert.ok(largest <= Math.fround(expected.largest), `${name}: ${largest}`);
    }
    for (const [name, values] of weightsOf("gpt2")) {
      const { deviation } = spread(values);
      if (/[bB]ias$/.test(name)) assert.equal(deviation, 0, name);
      else assert.ok(Math.abs(deviation / 0.02 - 1) < 0.06, `${name}: ${deviation}`);
    }
  });
}

Deno.test("an initializer that is given goes before the initialization's, and keras is what there is without", () => {
  const given = specify("lstmLanguageModel", {
    initialization: "pytorch",
    recurrentInitializer: { kind: "orthogonal" },
    forgetBias: 1,
  });
  assert.deepEqual((given as { recurrentInitializer?: unknown }).recurrentInitializer, {
    kind: "orthogonal",
  });
  assert.equal((given as { forgetBias?: number }).forgetBias, 1);
  for (const kind of kinds) {
    assert.deepEqual(specify(kind, { initialization: "keras" }), specify(kind));
  }
  assert.deepEqual(
    lstmSequenceToSequence({ embeddingSize: 6, hiddenSize: 8, initialization: "keras" }),
    lstmSequenceToSequence({ embeddingSize: 6, hiddenSize: 8 }),
  );
});

Deno.test('transformerLanguageModel draws PyTorch\'s initial weights by initialization "pytorch", and Keras\'s by "keras"', async () => {
  await useEngine("wasm");
  const width = 48;
  const weightsOf = (initialization: string) => {
    const sizes = { embeddingSize: width, layers: 2, heads: 4, blockSize: 32 };
    const model = createModel(
      validateModel({ kind: "transformerLanguageModel", ...sizes, initialization }),
      { vocabularySize: 60, seed: 1, fold: 0 },
    );
    const weights = model.parameters.map(({ description: { name, shape }, variable }) => {
      const values = variable.dataSync() as Float32Array;
      const largest = values.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
      const sum = values.reduce((sum, w) => sum + w * w, 0);
      return { name, shape, largest, deviation: Math.sqrt(sum / values.length) };
    });
    model.dispose();
    return weights;
  };
  const near = (name: string, found: number, expected: number, draws: number) =>
    // Four standard errors of a standard deviation, which are below 1/√(2n) each.
    assert.ok(Math.abs(found / expected - 1) < 4 / Math.sqrt(2 * draws), `${name}: ${found}`);
  for (const { name, shape, largest, deviation } of weightsOf("pytorch")) {
    const draws = shape.reduce((product, extent) => product * extent, 1);
    const inputs = name.includes("feedForwardOutput") ? 4 * width : width;
    if (name.endsWith("table")) near(name, deviation, 1, draws);
    else if (/kernel|bias/.test(name)) {
      near(name, deviation, 1 / Math.sqrt(3 * inputs), draws);
      assert.ok(largest <= Math.fround(1 / Math.sqrt(inputs)), `${name}: ${largest}`);
    } else assert.equal(largest, name.endsWith("gain") ? 1 : 0, name);
  }
  for (const { name, shape: [rows, columns], largest, deviation } of weightsOf("keras")) {
    if (name.endsWith("table")) near(name, deviation, 0.05 / Math.sqrt(3), rows * columns);
    else if (name.endsWith("kernel")) {
      near(name, deviation, Math.sqrt(2 / (rows + columns)), rows * columns);
    } else assert.equal(largest, name.endsWith("gain") ? 1 : 0, name);
  }
});

Deno.test("lstmSequenceToSequence drops whole rows of both tables, in training only", async () => {
  await useEngine("wasm");
  const model = createSequenceToSequence(
    lstmSequenceToSequence({ embeddingSize: 6, hiddenSize: 8, embeddingDropout: 0.5 }),
    { vocabularySize, sourceVocabularySize: vocabularySize, seed: 1, fold: 0 },
  );
  const stream = randomStream(1, "pairs");
  const tokens = () => Int32Array.from({ length: time * batch }, () => stream.integer(30) + 4);
  const sizes = { time, batch };
  const [inputs, targets, source] = [tokens(), tokens(), { tokens: tokens(), ...sizes }];
  const mask = new Float32Array(time * batch).fill(1);
  const given = {
    inputs,
    targets,
    ...sizes,
    tokens: time * batch,
    mask,
    source: { ...source, mask },
  };
  const loss = (seed: number | null) =>
    tf.tidy(() =>
      model.loss(given, seed === null ? null : randomStream(seed, "masks")).dataSync()[0]
    );
  assert.equal(loss(null), loss(null));
  assert.equal(loss(1), loss(1));
  assert.notEqual(loss(1), loss(null));
  const variables = model.parameters.map(({ variable }) => variable);
  const { value, grads } = tf.variableGrads(
    () => model.loss(given, randomStream(1, "masks")),
    variables,
  );
  for (const { description: { name }, variable } of model.parameters) {
    if (!name.endsWith("table")) continue;
    const values = grads[variable.name].dataSync();
    const read = [...new Set(name.startsWith("source") ? source.tokens : inputs)];
    const zeros = read.map((token) => values.slice(6 * token, 6 * token + 6))
      .map((row) => row.filter((value) => value === 0).length);
    assert.ok(zeros.every((count) => count === 0 || count === 6), name);
    const dropped = zeros.filter((count) => count === 6).length;
    assert.ok(dropped >= 0.2 * read.length && dropped <= 0.8 * read.length, `${name}: ${dropped}`);
  }
  tf.dispose([value, grads]);
  model.dispose();
});
