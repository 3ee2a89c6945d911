import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { inlineText } from "../data/corpora.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { characters } from "../data/tokenizers.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel, type ModelSpecification } from "../models/create.ts";
import {
  createSequenceToSequence,
  type SequenceToSequenceSpecification,
} from "../models/create_sequence_to_sequence.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import type { StoredTensor } from "../models/safetensors.ts";
import { readWeights, writeWeights } from "../models/sparse_safetensors.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { proximalGroupLasso } from "../penalties/proximal_group_lasso.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { executeRun } from "../training/run.ts";
import { validateSpecification } from "../training/specification.ts";
import { readTrainedModel, type TrainedModel } from "../training/trained_model.ts";
import { simplificationCurve, simplify } from "./simplify.ts";

const alphabet = [..."abcdefgh"];
const text = Array.from({ length: 90 }, (_, i) => alphabet[(i * i + 3 * i) % 8]).join("");

/** A model with random weights, some of which a function sets. */
async function planted(
  model: ModelSpecification | SequenceToSequenceSpecification,
  plant: (weights: Planted) => void,
  engine: "wasm" | "cpu" = "wasm",
): Promise<TrainedModel> {
  await useEngine(engine);
  const pairs = model.kind === "lstmSequenceToSequence";
  const common = { optimizer: adam({ learningRate: 0.1 }), model, penalties: [] };
  const specification = validateSpecification(
    pairs
      ? {
        ...common,
        corpus: inlinePairs([["a", "b"]]),
        tokenizer: pairTokenizer({ source: characters(), target: characters() }),
        training: { steps: 1, batchSize: 2 },
      }
      : {
        ...common,
        corpus: inlineText(text),
        tokenizer: characters(),
        training: { steps: 1, batchSize: 2, windowLength: 12 },
      },
  );
  const words = pairs
    ? ["\uFFFD", "<padding>", "<begin>", "<end>", ...alphabet]
    : ["\uFFFD", ...alphabet];
  const context = { vocabularySize: words.length, seed: 1, fold: "test" };
  const made = pairs
    ? createSequenceToSequence(model, { ...context, sourceVocabularySize: words.length })
    : createModel(model, context);
  const stream = randomStream(5, "weights");
  const weights = new Map(made.parameters.map(({ description: { name, shape, kind } }) => [name, {
    shape,
    values: Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => (kind === "normalization" ? 1 : 0) + 0.4 * stream.normal(),
    ),
  }]));
  made.dispose();
  plant(plants(weights));
  const vocabularies: Record<string, string> = pairs
    ? { vocabulary: JSON.stringify(words), sourceVocabulary: JSON.stringify(words) }
    : { vocabulary: JSON.stringify(words) };
  const metadata = {
    schemaVersion: "1",
    run: "0".repeat(64),
    specification: JSON.stringify(specification),
    ...vocabularies,
  };
  return await readTrainedModel(writeWeights(weights, metadata, "dense"), engine);
}

type Planted = ReturnType<typeof plants>;

function plants(weights: Map<string, StoredTensor>) {
  const matrix = (name: string) => {
    const { shape, values } = weights.get(name)!;
    return { values, columns: shape.at(-1)!, rows: shape.length === 1 ? 1 : shape[0] };
  };
  return {
    /** Sets rows of a parameter, but for some columns. */
    row(name: string, row: number, value = 0, but: readonly number[] = []) {
      const { values, columns } = matrix(name);
      for (let column = 0; column < columns; column++) {
        if (!but.includes(column)) values[row * columns + column] = value;
      }
    },
    column(name: string, column: number, value = 0, but: readonly number[] = []) {
      const { values, columns, rows } = matrix(name);
      for (let row = 0; row < rows; row++) {
        if (!but.includes(row)) values[row * columns + column] = value;
      }
    },
    /** Changes every parameter in place. */
    each(change: (name: string, values: Float32Array, columns: number) => void) {
      for (const name of weights.keys()) change(name, matrix(name).values, matrix(name).columns);
    },
    copyRow(name: string, from: number, to: number) {
      const { values, columns } = matrix(name);
      values.copyWithin(to * columns, from * columns, (from + 1) * columns);
    },
  };
}

/** Columns of a unit in a matrix of gates. */
const gatesOf = (unit: number, gates: number, size: number) =>
  Array.from({ length: gates }, (_, gate) => gate * size + unit);

/** Plants in a language model of two layers of six units; vectors of five numbers. */
function plantRecurrent(cell: string, gates: number, candidate: number) {
  return (weights: Planted) => {
    const [first, second] = [`${cell}0`, `${cell}1`];
    // Never read.
    weights.row("output/kernel", 0);
    weights.row(`${second}/recurrentKernel`, 0, 0, gatesOf(0, gates, 6));
    // Read by each other only.
    for (const unit of [2, 3]) {
      weights.row(`${second}/kernel`, unit);
      weights.row(`${first}/recurrentKernel`, unit, 0, [
        ...gatesOf(2, gates, 6),
        ...gatesOf(3, gates, 6),
      ]);
    }
    // Always 0.
    const column = candidate * 6 + 1;
    weights.column(`${second}/kernel`, column);
    weights.column(`${second}/recurrentKernel`, column, 0, [1]);
    weights.column(`${second}/bias`, column);
    try {
      weights.column(`${second}/recurrentBias`, column);
    } catch { /* this cell has none */ }
    // Dimensions: the same for all tokens, and not read.
    weights.column("embedding/table", 0, 0.7);
    weights.row(`${first}/kernel`, 1);
    weights.copyRow("embedding/table", 3, 5);
  };
}

const sizes = { embeddingSize: 5, hiddenSize: 6, layers: 2 };
const recurrentRemoved = (cell: string) => [
  { layer: `${cell}1`, kind: "units", removed: 2 },
  { layer: `${cell}0`, kind: "units", removed: 2 },
  { layer: "embedding", kind: "dimensions", removed: 2 },
];

const cases: {
  name: string;
  model: ModelSpecification | SequenceToSequenceSpecification;
  plant: (weights: Planted) => void;
  removed: { layer: string; kind: string; removed: number }[];
  rows: Record<string, number>;
}[] = [
  ...[true, false].map((resetAfter) => ({
    name: `GRU, reset ${resetAfter ? "after" : "before"}`,
    model: gruLanguageModel({ ...sizes, resetAfter }),
    plant: plantRecurrent("gru", 3, 2),
    removed: recurrentRemoved("gru"),
    rows: { "embedding/table": 1 },
  })),
  {
    name: "LSTM",
    model: lstmLanguageModel(sizes),
    plant: plantRecurrent("lstm", 4, 2),
    removed: recurrentRemoved("lstm"),
    rows: { "embedding/table": 1 },
  },
  ...(["tanh", "relu"] as const).map((activation) => ({
    name: `RNN with ${activation}, with a constant unit`,
    model: rnnLanguageModel({ ...sizes, activation }),
    plant(weights: Planted) {
      plantRecurrent("rnn", 1, 0)(weights);
      for (const layer of ["rnn0", "rnn1"]) {
        weights.column(`${layer}/kernel`, 4);
        weights.column(`${layer}/recurrentKernel`, 4);
        weights.row(`${layer}/recurrentKernel`, 4);
        weights.column(`${layer}/bias`, 4, 0.6);
      }
    },
    removed: [
      { layer: "rnn1", kind: "units", removed: 3 },
      { layer: "rnn0", kind: "units", removed: 3 },
      { layer: "embedding", kind: "dimensions", removed: 2 },
    ],
    rows: { "embedding/table": 1 },
  })),
  {
    name: "tied LSTM, whose top layer stays",
    model: lstmLanguageModel({ embeddingSize: 6, hiddenSize: 6, layers: 2, tiedWeights: true }),
    plant(weights: Planted) {
      weights.row("lstm1/kernel", 2);
      weights.row("lstm0/recurrentKernel", 2, 0, gatesOf(2, 4, 6));
      weights.column("embedding/table", 0);
      weights.copyRow("embedding/table", 3, 5);
    },
    removed: [{ layer: "lstm0", kind: "units", removed: 1 }],
    rows: {},
  },
  ...[true, false].map((bias) => ({
    name: `Transformer ${bias ? "with" : "without"} biases`,
    model: transformerLanguageModel({
      embeddingSize: 8,
      layers: 2,
      heads: 4,
      blockSize: 12,
      bias,
      tiedWeights: bias,
    }),
    plant(weights: Planted) {
      weights.row("block0/feedForwardOutput/kernel", 3);
      for (const unit of [5, 6]) weights.column("block1/feedForward/kernel", unit);
      // Head 1 of block 0 is not read; the values of head 2 of block 1 are the same everywhere.
      for (const place of [2, 3]) weights.row("block0/attentionOutput/kernel", place);
      for (const place of [20, 21]) weights.column("block1/attention/kernel", place);
      if (!bias) weights.copyRow("embedding/table", 3, 5);
    },
    removed: [
      { layer: "block0", kind: "heads", removed: 1 },
      { layer: "block0", kind: "hidden units", removed: 1 },
      { layer: "block1", kind: "heads", removed: 1 },
      { layer: "block1", kind: "hidden units", removed: 2 },
    ],
    rows: (bias ? {} : { "embedding/table": 1 }) as Record<string, number>,
  })),
  ...(["none", "dot"] as const).map((attention) => ({
    name: `encoder-decoder with attention ${attention}`,
    model: lstmSequenceToSequence({ ...sizes, attention }),
    plant(weights: Planted) {
      for (const side of ["encoder", "decoder"]) {
        // Never read on either side, in the lower layer; always 0 on both, in the upper one.
        weights.row(`${side}1/kernel`, 2);
        weights.row(`${side}0/recurrentKernel`, 2, 0, gatesOf(2, 4, 6));
        weights.column(`${side}1/kernel`, 13);
        weights.column(`${side}1/recurrentKernel`, 13, 0, [1]);
        weights.column(`${side}1/bias`, 13);
      }
      // Read by the decoder only: stays.
      weights.row("encoder1/kernel", 4);
      weights.row("encoder0/recurrentKernel", 4, 0, gatesOf(4, 4, 6));
      weights.column("sourceEmbedding/table", 0, -0.3);
      weights.row("decoder0/kernel", 3);
      weights.copyRow("targetEmbedding/table", 5, 6);
      if (attention === "dot") {
        weights.row("output/kernel", 0);
        for (const kernel of ["contextKernel", "stateKernel"]) {
          weights.column(`attention/${kernel}`, 3);
        }
      }
    },
    removed: [
      ...(attention === "dot" ? [{ layer: "attention", kind: "units", removed: 2 }] : []),
      { layer: "encoder1 and decoder1", kind: "units", removed: 1 },
      { layer: "encoder0 and decoder0", kind: "units", removed: 1 },
      { layer: "sourceEmbedding", kind: "dimensions", removed: 1 },
      { layer: "targetEmbedding", kind: "dimensions", removed: 1 },
    ],
    rows: { "targetEmbedding/table": 1 },
  })),
  {
    name: "encoder-decoder that reads the source twice",
    model: lstmSequenceToSequence({ ...sizes, decoderReads: "source" }),
    plant(weights) {
      weights.column("sourceEmbedding/table", 0, 0.5);
      for (const side of ["encoder", "decoder"]) weights.row(`${side}0/kernel`, 1);
      weights.row("encoder0/kernel", 2);
      weights.copyRow("sourceEmbedding/table", 5, 6);
      // The encoder's unit is read by nothing but the decoder's, through its state.
      weights.row("encoder1/recurrentKernel", 2, 0, gatesOf(2, 4, 6));
    },
    removed: [{ layer: "sourceEmbedding", kind: "dimensions", removed: 2 }],
    rows: { "sourceEmbedding/table": 1 },
  },
  {
    name: "encoder-decoder of one-hot vectors",
    model: lstmSequenceToSequence({ embeddingSize: 0, hiddenSize: 6 }),
    plant(weights) {
      weights.row("output/kernel", 0);
      for (const side of ["encoder", "decoder"]) {
        weights.row(`${side}0/recurrentKernel`, 0, 0, gatesOf(0, 4, 6));
      }
    },
    removed: [{ layer: "encoder0 and decoder0", kind: "units", removed: 1 }],
    rows: {},
  },
];

const lossOf = (model: TrainedModel) =>
  model.sourceVocabulary === undefined
    ? model.crossEntropy(text)
    : model.crossEntropy("abcfgha", "hgfedcba");

for (const { name, model, plant, removed, rows } of cases) {
  Deno.test(`simplify takes exactly the dead units out of a ${name} and leaves its loss`, async () => {
    for (const engine of ["wasm", "cpu"] as const) {
      const trained = await planted(model, plant, engine);
      const { model: simple, report } = await simplify(trained, { loss: lossOf });
      assert.deepEqual(report.removed, removed);
      assert.deepEqual(report.sharedRows, rows);
      const [before, after] = report.stages;
      assert.ok(Math.abs(after.loss! - before.loss!) < 3e-6, `${before.loss}, ${after.loss}`);
      assert.ok(after.parameters < before.parameters);
      assert.ok(after.bytes.smallest < before.bytes.smallest);
      const writing = { prompt: "abc", length: 30, seed: 1, temperature: 0 };
      assert.equal(simple.generate(writing), trained.generate(writing));
      // Nothing is left to take out, and a file in any format gives the same bits.
      const again = await simplify(simple);
      assert.deepEqual([again.report.removed, again.report.sharedRows], [[], {}]);
      for (const format of ["dense", "bitmap", "csr", "smallest"] as const) {
        const bytes = simple.file(format);
        assert.equal(bytes.length, after.bytes[format]);
        const read = await readTrainedModel(bytes, engine);
        assert.equal(lossOf(read), after.loss);
        read.dispose();
      }
      for (const each of [trained, simple, again.model]) each.dispose();
    }
  });
}

Deno.test("simplify leaves the loss of 72 models with random zeros as it is", async () => {
  let removed = 0;
  for (const { model } of cases) {
    for (let seed = 0; seed < 6; seed++) {
      const stream = randomStream(seed, "zeros");
      const trained = await planted(model, (weights) =>
        weights.each((name, values, columns) => {
          if (name.includes("Norm")) return;
          for (let i = 0; i < values.length; i++) if (stream.uniform() < 0.8) values[i] = 0;
          // Whole rows and columns too: those are what units die of.
          for (let column = 0; column < columns; column++) {
            const dead = stream.uniform() < 0.5;
            for (let i = column; dead && i < values.length; i += columns) values[i] = 0;
          }
        }));
      const { model: simple, report } = await simplify(trained, { loss: lossOf });
      const [before, after] = report.stages;
      assert.ok(Math.abs(after.loss! - before.loss!) < 3e-6, `${model.kind}, seed ${seed}`);
      removed += report.removed.reduce((sum, each) => sum + each.removed, 0);
      trained.dispose();
      simple.dispose();
    }
  }
  assert.ok(removed > 72 * 3, `${removed} units`);
});

Deno.test("simplify leaves alone what is nearly dead, and a model without zeros to its bits", async () => {
  const trained = await planted(gruLanguageModel(sizes), (weights) => {
    weights.row("output/kernel", 0, 0, [3]);
    weights.row("gru1/recurrentKernel", 0);
    weights.column("gru1/kernel", 13);
    weights.column("gru1/recurrentKernel", 13);
    weights.column("gru1/bias", 13);
    weights.column("gru1/recurrentBias", 13, 1e-6);
  });
  const { model, report } = await simplify(trained, { loss: lossOf });
  assert.deepEqual(report.removed, []);
  assert.equal(report.stages[1].loss, report.stages[0].loss);
  trained.dispose();
  model.dispose();
});

Deno.test("simplify keeps one unit of a layer that is dead altogether", async () => {
  const trained = await planted(
    lstmLanguageModel({ embeddingSize: 3, hiddenSize: 4 }),
    (weights) => {
      for (let unit = 0; unit < 4; unit++) weights.row("output/kernel", unit);
    },
  );
  const { model, report } = await simplify(trained, { loss: lossOf });
  assert.equal(model.weights().get("lstm0/recurrentKernel")!.shape.join(), "1,4");
  assert.ok(Math.abs(report.stages[1].loss! - report.stages[0].loss!) < 3e-6);
  trained.dispose();
  model.dispose();
});

/** A GRU that proximal penalties have made sparse. */
async function sparseModel(): Promise<TrainedModel> {
  const folder = await Deno.makeTempDir();
  try {
    const weightsPath = `${folder}/model.safetensors`;
    const specification = validateSpecification({
      corpus: inlineText(text.repeat(20)),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 6, hiddenSize: 24 }),
      penalties: [
        proximalL1({ strength: 3e-3 }),
        proximalGroupLasso({ strength: 2e-3, groups: "row", layers: ["output"] }),
      ],
      optimizer: adam({ learningRate: 0.02 }),
      training: { steps: 150, batchSize: 8, windowLength: 12 },
    });
    const record = await executeRun({
      id: "0".repeat(64),
      specification: JSON.parse(JSON.stringify(specification)),
      point: {},
      fold: {
        index: 0,
        training: [{ start: 0, end: 1400 }],
        heldOut: [{ start: 1450, end: 1800 }],
      },
      seed: 1,
      engine: "wasm",
      weightsPath,
    });
    assert.equal(record.status, "completed");
    return await readTrainedModel(await Deno.readFile(weightsPath));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a GRU trained under proximal penalties gets smaller at the same loss, and smaller still by pruning", async () => {
  const trained = await sparseModel();
  const { model, report } = await simplify(trained, { loss: lossOf });
  const [before, after] = report.stages;
  assert.ok(before.nonZero < 0.8 * before.parameters, `${before.nonZero} of ${before.parameters}`);
  assert.ok(Math.abs(after.loss! - before.loss!) < 3e-6);
  assert.ok(before.bytes.smallest < before.bytes.dense);
  assert.ok(after.bytes.smallest <= before.bytes.smallest);
  const records = await simplificationCurve(trained, { shares: [0, 0.9, 0.99], loss: lossOf });
  assert.deepEqual(JSON.parse(JSON.stringify(records)), records);
  assert.equal(records[0].loss, after.loss);
  assert.ok(records[2].nonZero < records[1].nonZero && records[1].nonZero <= records[0].nonZero);
  assert.ok(records[2].bytes.smallest < records[1].bytes.smallest);
  assert.ok(records[2].loss! > records[0].loss! + 0.01);
  const pruned = await simplify(trained, { loss: lossOf, share: 0.9 });
  assert.deepEqual(pruned.report.stages.map(({ stage }) => stage), [
    "trained",
    "pruned",
    "simplified",
  ]);
  const [, cut, smaller] = pruned.report.stages;
  assert.ok(Math.abs(cut.loss! - smaller.loss!) < 3e-6);
  for (const each of [trained, model, pruned.model]) each.dispose();
});

Deno.test("readWeights refuses sparse files whose parts do not fit", () => {
  const weights = new Map([["w", { shape: [3, 16], values: new Float32Array(48).fill(1, 5, 9) }]]);
  for (const format of ["bitmap", "csr"] as const) {
    const { tensors } = readWeights(writeWeights(weights, {}, format));
    assert.deepEqual(tensors, weights);
  }
  // What the header says of two parts is longer than twenty zeros.
  const short = new Map([["w", { shape: [20], values: new Float32Array(20) }]]);
  assert.deepEqual(writeWeights(short, {}, "smallest"), writeWeights(short, {}, "dense"));
  const lie = JSON.stringify({ w: { format: "bitmap", shape: [3, 16] } });
  assert.throws(
    () => readWeights(writeWeights(weights, { sparse: lie }, "dense")),
    /w\.values is missing/,
  );
  const bitmap = writeWeights(weights, {}, "bitmap");
  assert.throws(() => readWeights(bitmap.subarray(0, -1)), /should hold 6 bytes/);
});

const python = Deno.env.get("PARSIMONY_PYTHON") ?? "python3";
const hasSafetensors = await new Deno.Command(python, {
  args: ["-c", "import numpy, safetensors"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

Deno.test({
  name:
    "files of a model load in Python with safetensors, dense as they are and sparse by their parts" +
    (hasSafetensors
      ? ""
      : " (skipped: no Python with numpy and safetensors; PARSIMONY_PYTHON names one)"),
  ignore: !hasSafetensors && Deno.env.get("PARSIMONY_REQUIRE_ALL") !== "1",
  async fn() {
    const trained = await planted(gruLanguageModel(sizes), plantRecurrent("gru", 3, 2));
    const { model } = await simplify(trained, { share: 0.5 });
    const folder = await Deno.makeTempDir();
    try {
      for (const format of ["dense", "bitmap", "csr"] as const) {
        await Deno.writeFile(`${folder}/${format}`, model.file(format));
      }
      const script = `
import json, sys
import numpy
from safetensors import safe_open
from safetensors.numpy import load_file
folder = sys.argv[1]
dense = load_file(folder + "/dense")
for form in ["bitmap", "csr"]:
    parts = load_file(folder + "/" + form)
    with safe_open(folder + "/" + form, "numpy") as file:
        sparse = json.loads(file.metadata()["sparse"])
    assert sorted(sparse) == sorted(dense)
    for name, entry in sparse.items():
        full = numpy.zeros(entry["shape"], "float32")
        values = parts[name + ".values"]
        if form == "bitmap":
            bits = numpy.unpackbits(parts[name + ".bitmap"], bitorder="little")[: full.size]
            full.reshape(-1)[bits == 1] = values
        else:
            matrix = full.reshape(-1, full.shape[-1])
            rows, columns = parts[name + ".rows"], parts[name + ".columns"]
            for row in range(len(rows) - 1):
                matrix[row, columns[rows[row]:rows[row + 1]]] = values[rows[row]:rows[row + 1]]
        assert numpy.array_equal(full, dense[name]), (form, name)
print(json.dumps({name: [list(each.shape), float(each.astype("float64").sum())] for name, each in dense.items()}))
`;
      const { stdout, stderr, success } = await new Deno.Command(python, {
        args: ["-c", script, folder],
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      const found = JSON.parse(new TextDecoder().decode(stdout));
      const weights = model.weights();
      assert.deepEqual(Object.keys(found).sort(), [...weights.keys()].sort());
      for (const [name, { shape, values }] of weights) {
        assert.deepEqual(found[name][0], shape);
        assert.ok(Math.abs(found[name][1] - values.reduce((sum, value) => sum + value, 0)) < 1e-9);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
      trained.dispose();
      model.dispose();
    }
  },
});
