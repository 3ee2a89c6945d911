import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { type PairBatch, pairBatch } from "../data/pair_batches.ts";
import { type PairVocabulary, restorePairVocabulary } from "../data/pair_tokens.ts";
import type { EncodedPair } from "../data/prepare_pairs.ts";
import { words } from "../data/tokenizers/words.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { writeTargets } from "./conditional_generation.ts";
import {
  lstmSequenceToSequence,
  type LstmSequenceToSequenceSpecification,
} from "./lstm_sequence_to_sequence.ts";
import { createSequenceToSequence } from "./create.ts";
import type { SequenceToSequenceModel } from "./model.ts";
import reference from "./_reference/sequence_to_sequence.json" with { type: "json" };

function vocabularyOf(side: "source" | "target", size: number): PairVocabulary {
  const marks = side === "source" ? ["<padding>", "<end>"] : ["<padding>", "<begin>", "<end>"];
  const rest = Array.from({ length: size - 1 - marks.length }, (_, index) => `${index}`);
  return restorePairVocabulary(words(), ["<unk>", ...marks, ...rest]);
}

const sides = {
  sourceVocabulary: vocabularyOf("source", 11),
  targetVocabulary: vocabularyOf("target", 13),
};
const sizes = { vocabularySize: 13, sourceVocabularySize: 11, seed: 1, fold: "test" };
const pairs = reference.sources.map((source, index): EncodedPair => ({
  source: Int32Array.from(source),
  target: Int32Array.from(reference.targets[index]),
}));

function small(options: Partial<LstmSequenceToSequenceSpecification> = {}, seed = 1) {
  return createSequenceToSequence(
    lstmSequenceToSequence({ embeddingSize: 5, hiddenSize: 7, layers: 2, ...options }),
    { ...sizes, seed },
  );
}

interface Matrix {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** PyTorch's tensors by our names: gates are columns here and rows there. */
function byOurNames(tensors: { readonly [name: string]: Matrix }, addBiases: boolean) {
  const transposed = ({ shape: [rows, columns], values }: Matrix) =>
    Array.from(
      { length: rows * columns },
      (_, at) => values[(at % rows) * columns + (at / rows | 0)],
    );
  const found = new Map<string, readonly number[]>([
    ["sourceEmbedding/table", tensors["source.weight"].values],
    ["targetEmbedding/table", tensors["target.weight"].values],
    ["output/kernel", transposed(tensors["output.weight"])],
    ["output/bias", tensors["output.bias"].values],
  ]);
  if ("attention.weight" in tensors) {
    const both = transposed(tensors["attention.weight"]);
    found.set("attention/contextKernel", both.slice(0, both.length / 2));
    found.set("attention/stateKernel", both.slice(both.length / 2));
  }
  for (const side of ["encoder", "decoder"]) {
    for (const layer of [0, 1]) {
      const of = (name: string) => tensors[`${side}.${name}_l${layer}`];
      found.set(`${side}${layer}/kernel`, transposed(of("weight_ih")));
      found.set(`${side}${layer}/recurrentKernel`, transposed(of("weight_hh")));
      const second = of("bias_hh").values;
      const bias = of("bias_ih").values.map((value, at) => value + (addBiases ? second[at] : 0));
      found.set(`${side}${layer}/bias`, bias);
    }
  }
  return found;
}

function setWeights(model: SequenceToSequenceModel, weights: Map<string, readonly number[]>): void {
  for (const { description: { name, shape }, variable } of model.parameters) {
    tf.tidy(() => variable.assign(tf.tensor([...weights.get(name)!], [...shape])));
  }
}

/** Loss, and gradients by parameter name. */
function gradientsOf(model: SequenceToSequenceModel, batch: PairBatch) {
  const variables = model.parameters.map(({ variable }) => variable);
  const { value, grads } = tf.variableGrads(() => model.loss(batch, null), variables);
  const gradients = new Map(model.parameters.map(({ description, variable }) => [
    description.name,
    Float32Array.from(grads[variable.name].dataSync()),
  ]));
  const loss = value.dataSync()[0];
  tf.dispose([value, grads]);
  return { loss, gradients };
}

function assertClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  share: number,
  what: string,
): void {
  assert.equal(found.length, expected.length, what);
  const list = Array.from(expected);
  const largest = Math.max(...list.map(Math.abs));
  const error = Math.max(...list.map((value, at) => Math.abs(found[at] - value)));
  assert.ok(error <= share * largest + 1e-12, `${what}: error ${error}, largest value ${largest}`);
}

const attentions = ["none", "dot"] as const;

for (
  const [engine, attention] of (["cpu", "wasm"] as EngineName[]).flatMap((engine) =>
    attentions.map((attention) => [engine, attention] as const)
  )
) {
  Deno.test(`lstmSequenceToSequence with attention ${attention} on ${engine} gives PyTorch's logits, loss and gradients from the same weights, padding on both sides`, async () => {
    await useEngine(engine);
    const expected = reference[attention];
    const model = small({ attention });
    setWeights(model, byOurNames(expected.weights, true));
    const batch = pairBatch(pairs, sides);
    assert.ok(batch.mask !== undefined && batch.source.mask !== undefined);
    const logits = model.logits(batch);
    // On padding PyTorch's decoder goes on, ours stands still; neither counts.
    const counted = (values: ArrayLike<number>) =>
      Array.from(values).filter((_, at) => batch.mask![Math.floor(at / 13)] === 1);
    assertClose(counted(logits.dataSync()), counted(expected.logits.values), 1e-5, "logits");
    const { loss, gradients } = gradientsOf(model, batch);
    assert.ok(Math.abs(loss - expected.loss) < 1e-6 * expected.loss);
    // PyTorch's two biases have the same gradient, which is that of our one.
    for (const [name, gradient] of byOurNames(expected.gradients, false)) {
      assertClose(gradients.get(name)!, gradient, 1e-5, name);
    }
    logits.dispose();
    model.dispose();
  });
}

/** The same batch with more padding behind every source and target. */
function withMorePadding(batch: PairBatch, more: { source: number; target: number }): PairBatch {
  const longer = (ids: Int32Array, rows: number, fill: number) =>
    Int32Array.of(...ids, ...new Int32Array(rows * batch.batch).fill(fill));
  const mask = (given: Float32Array | undefined, count: number, rows: number) =>
    Float32Array.of(
      ...(given ?? new Float32Array(count).fill(1)),
      ...new Float32Array(rows * batch.batch),
    );
  const { tokens, time } = batch.source;
  const padding = sides.targetVocabulary.paddingId;
  return {
    ...batch,
    source: {
      tokens: longer(tokens, more.source, sides.sourceVocabulary.paddingId),
      time: time + more.source,
      batch: batch.batch,
      mask: mask(batch.source.mask, tokens.length, more.source),
    },
    inputs: longer(batch.inputs, more.target, padding),
    targets: longer(batch.targets, more.target, padding),
    time: batch.time + more.target,
    mask: mask(batch.mask, batch.targets.length, more.target),
  };
}

for (const attention of attentions) {
  Deno.test(`lstmSequenceToSequence with attention ${attention}: padding changes neither loss nor gradient, and its vectors get none`, async () => {
    await useEngine("wasm");
    const model = small({ attention });
    const batch = pairBatch(pairs, sides);
    const plain = gradientsOf(model, batch);
    for (
      const more of [{ source: 3, target: 0 }, { source: 0, target: 4 }, { source: 2, target: 1 }]
    ) {
      const padded = gradientsOf(model, withMorePadding(batch, more));
      assertClose([padded.loss], [plain.loss], 1e-6, "loss");
      for (const [name, gradient] of padded.gradients) {
        assertClose(
          gradient,
          plain.gradients.get(name)!,
          1e-6,
          `${name} with ${JSON.stringify(more)}`,
        );
      }
      for (const table of ["sourceEmbedding/table", "targetEmbedding/table"]) {
        assert.deepEqual(
          [...padded.gradients.get(table)!.slice(5, 10)],
          [0, 0, 0, 0, 0],
          `${table}: the row of padding, id 1`,
        );
      }
    }
    // Together, padded, they give the mean of what each gives alone, weighed by its tokens.
    const alone = pairs.map((pair) => ({
      ...gradientsOf(model, pairBatch([pair], sides)),
      tokens: pair.target.length,
    }));
    const mean = (read: (one: typeof alone[number]) => number) =>
      alone.reduce((sum, one) => sum + one.tokens * read(one), 0) / batch.tokens;
    assertClose([plain.loss], [mean(({ loss }) => loss)], 1e-6, "loss");
    for (const [name, gradient] of plain.gradients) {
      const expected = gradient.map((_, at) => mean(({ gradients }) => gradients.get(name)![at]));
      assertClose(gradient, expected, 1e-5, name);
    }
    model.dispose();
  });

  Deno.test(`lstmSequenceToSequence's decoder with attention ${attention} gives the logits of teacher forcing, step by step`, async () => {
    await useEngine("wasm");
    const model = small({ attention });
    const batch = pairBatch(pairs, sides);
    const whole = tf.tidy(() => Float32Array.from(model.logits(batch).dataSync()));
    const before = tf.memory().numTensors;
    const decoder = model.decoder(batch.source);
    for (let t = 0; t < batch.time; t++) {
      const rows = batch.inputs.subarray(t * batch.batch, (t + 1) * batch.batch);
      const step = decoder.next(rows);
      for (let row = 0; row < batch.batch; row++) {
        const at = t * batch.batch + row;
        if (batch.mask![at] === 0) continue;
        const expected = whole.subarray(at * 13, (at + 1) * 13);
        assertClose(
          step.subarray(row * 13, (row + 1) * 13),
          expected,
          1e-6,
          `step ${t}, row ${row}`,
        );
      }
    }
    decoder.dispose();
    assert.equal(tf.memory().numTensors, before);
    model.dispose();
  });
}

Deno.test("lstmSequenceToSequence names its parameters by side and layer, and ties output to targets", async () => {
  await useEngine("wasm");
  const model = small();
  assert.deepEqual(
    model.parameters.map(({ description: { name, kind, layer } }) =>
      `${name}, ${kind} of ${layer}`
    ),
    [
      "sourceEmbedding/table, embedding of sourceEmbedding",
      ...["encoder0", "encoder1"].flatMap(cell),
      "targetEmbedding/table, embedding of targetEmbedding",
      ...["decoder0", "decoder1"].flatMap(cell),
      "output/kernel, kernel of output",
      "output/bias, bias of output",
    ],
  );
  const attending = small({ attention: "dot" });
  assert.deepEqual(
    attending.parameters.filter(({ description: { layer } }) => layer === "attention").map((
      { description: { name, kind } },
    ) => `${name}, ${kind}`),
    ["attention/contextKernel, kernel", "attention/stateKernel, kernel"],
  );
  attending.dispose();
  const tied = small({ embeddingSize: 7, tiedWeights: true });
  assert.ok(tied.parameters.every(({ description }) => description.name !== "output/kernel"));
  const { loss } = gradientsOf(tied, pairBatch(pairs, sides));
  assert.ok(Math.abs(loss - Math.log(13)) < 0.2, `${loss}`);
  model.dispose();
  tied.dispose();
});

function cell(layer: string): string[] {
  return [
    `${layer}/kernel, kernel of ${layer}`,
    `${layer}/recurrentKernel, recurrentKernel of ${layer}`,
    `${layer}/bias, bias of ${layer}`,
  ];
}

Deno.test("lstmSequenceToSequence draws weights and dropout from its streams: same seed, same bits", async () => {
  await useEngine("wasm");
  const dropouts = { inputDropout: 0.2, outputDropout: 0.3, recurrentDropout: 0.1 };
  const batch = pairBatch(pairs, sides);
  for (const lockedDropout of [false, true]) {
    const model = small({ ...dropouts, lockedDropout });
    const again = small({ ...dropouts, lockedDropout });
    const loss = (of: SequenceToSequenceModel, seed: number | null) =>
      tf.tidy(() =>
        of.loss(batch, seed === null ? null : randomStream(seed, "dropout")).dataSync()[0]
      );
    assert.equal(loss(model, 1), loss(again, 1));
    assert.notEqual(loss(model, 1), loss(model, 2));
    assert.notEqual(loss(model, 1), loss(model, null));
    model.dispose();
    again.dispose();
  }
  const [one, other] = [small({}, 1), small({}, 2)];
  assert.notDeepEqual(
    one.parameters[0].variable.dataSync(),
    other.parameters[0].variable.dataSync(),
  );
  one.dispose();
  other.dispose();
});

/** A model that writes the source token by token, two tokens up, then what is asked for. */
function scripted(rows: readonly (readonly number[])[], read: number[][]): SequenceToSequenceModel {
  return {
    decoder: () => {
      let step = 0;
      return {
        next(tokens: Int32Array) {
          read.push([...tokens]);
          const scores = rows.flatMap((row) =>
            Array.from({ length: 6 }, (_, id) => id < 3 && id > 0 ? 50 : id === row[step] ? 9 : 0)
          );
          step++;
          return Float32Array.from(scores);
        },
        dispose: () => read.push([-1]),
      };
    },
  } as unknown as SequenceToSequenceModel;
}

Deno.test("writeTargets stops each row at its end token, never writes padding or begin, and cuts at the maximum", () => {
  const vocabulary = vocabularyOf("target", 6);
  const source = { tokens: Int32Array.of(3, 3), time: 1, batch: 2 };
  const stream = randomStream(1, "samples");
  const read: number[][] = [];
  const model = scripted([[4, 3], [5, 4, 5, 3]], read);
  const greedy = { temperature: 0, maximumLength: 9 };
  const written = writeTargets(model, source, vocabulary, greedy, stream);
  assert.deepEqual(written.map((tokens) => [...tokens]), [[4], [5, 4, 5]]);
  assert.deepEqual(read, [[2, 2], [4, 5], [3, 4], [1, 5], [-1]]);
  const cut = writeTargets(scripted([[4, 3], [5, 4, 5, 3]], []), source, vocabulary, {
    temperature: 0,
    maximumLength: 2,
  }, stream);
  assert.deepEqual(cut.map((tokens) => [...tokens]), [[4], [5, 4]]);
  assert.throws(
    () => writeTargets(model, source, vocabulary, { maximumLength: 0 }, stream),
    /maximumLength must be .* from 1/,
  );
  const drawn = writeTargets(scripted([[4, 3], [5, 3]], []), source, vocabulary, {
    maximumLength: 5,
    topK: 1,
  }, stream);
  assert.deepEqual(drawn.map((tokens) => [...tokens]), [[4], [5]]);
});

Deno.test("one-hot inputs are an embedding by the identity that is not trained", async () => {
  await useEngine("wasm");
  const before = tf.memory().numTensors;
  const oneHot = small({ embeddingSize: 0, layers: 1 });
  const names = oneHot.parameters.map(({ description }) => description.name);
  assert.deepEqual(names.filter((name) => name.endsWith("table")), []);
  const embedded = small({ embeddingSize: 13, layers: 1 });
  const weights = new Map(
    oneHot.parameters.map(({ description, variable }) => [description.name, variable]),
  );
  for (const { description: { name, shape }, variable } of embedded.parameters) {
    const same = weights.get(name);
    tf.tidy(() => {
      const values = same === undefined
        ? tf.eye(shape[0], shape[1])
        // The source has fewer tokens: the kernel's last rows meet zeros only.
        : same.pad(shape.map((size, axis) => [0, size - same.shape[axis]] as [number, number]));
      variable.assign(values);
    });
  }
  const batch = pairBatch(pairs, sides);
  const { value, grads } = tf.variableGrads(() => oneHot.loss(batch, null));
  const loss = tf.tidy(() => embedded.loss(batch, null).dataSync()[0]);
  assert.ok(Math.abs(value.dataSync()[0] - loss) < 1e-6 * loss, `${value.dataSync()[0]} ${loss}`);
  assert.equal(Object.keys(grads).length, names.length);
  tf.dispose([value, grads]);
  oneHot.dispose();
  embedded.dispose();
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("padding that counts enters the mean as any token does", async () => {
  await useEngine("wasm");
  const model = small();
  const batch = pairBatch(pairs, sides, { source: 9, target: 8 });
  const scores = model.logits(batch);
  const rows = scores.arraySync();
  const losses = rows.map((row, index) =>
    Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0)) - row[batch.targets[index]]
  );
  assert.equal(losses.length, 9 * pairs.length);
  const expected = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const loss = tf.tidy(() => model.loss(batch, null).dataSync()[0]);
  assert.ok(Math.abs(loss - expected) < 1e-5 * expected, `${loss} ${expected}`);
  scores.dispose();
  model.dispose();
});
