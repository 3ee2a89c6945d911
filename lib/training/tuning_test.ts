import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { checkOptions } from "../core/options.ts";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { createAnyModel } from "../models/create.ts";
import { allModels, type AnyModelSpecification } from "../models/kinds.ts";
import { llamaLanguageModel } from "../models/llama_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import type { Model } from "../models/model.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { describeParameters } from "../models/describe_parameters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { normal } from "../models/initializers.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { readSafetensors } from "../models/safetensors.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { adamW } from "../optimizers/adam_w.ts";
import { muon } from "../optimizers/muon.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { l1 } from "../penalties/l1.ts";
import { proximalL1TowardsStart } from "../penalties/proximal_l1_towards_start.ts";
import { checkRunnable, checkSameParameters } from "./check_runnable.ts";
import { executeRun } from "./run.ts";
import type { SpecificationOptions } from "./specification.ts";
import { validateSpecification } from "./specification.ts";
import { requestOf } from "./testing/execute.ts";
import { readTrainedModel } from "./trained_model.ts";
import { createTuning, trainedDescriptions } from "./tuning.ts";
import { rateFactorsOf, tuningOptions, wholeModel } from "./tuning_options.ts";

const text = "the sea was calm and the whale slept below; the mast leaned. ".repeat(5);
const { folds: [fold] } = makeFolds(blockedFolds({ count: 3 }), text.length, 6);
const lengths = { steps: 6, batchSize: 3, windowLength: 6, evaluateEvery: 3 };

function specificationOf(training: object, others: object = {}): SpecificationOptions {
  return {
    corpus: inlineText(text),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 5 }),
    optimizer: adam({ learningRate: 0.02 }),
    training: { ...lengths, samples: { count: 0 }, ...training },
    ...others,
  } as SpecificationOptions;
}

const whole = (training: object, others: object = {}) =>
  checkRunnable(validateSpecification(specificationOf(training, others)), [fold]);

Deno.test("options of fine-tuning are refused with what was found and what there is", () => {
  const refused: readonly (readonly [object, RegExp, object?])[] = [
    [{ frozen: {} }, /training.frozen must be a list of selections .*found \{\}/],
    [{ frozen: [{}] }, /training.frozen\[0\] must name kinds, layers or names, found none/],
    [{ frozen: [{ layer: "gru0" }] }, /unknown option "layer"; allowed are kinds, layers, names/],
    [{ frozen: [{ kinds: ["adapter"] }] }, /kinds must be one of .*found "adapter"/],
    [{ frozen: [{ layers: ["gru1"] }] }, /layers must be among .*gru0.*found "gru1"/],
    [{ frozen: [{ names: ["gru*"] }] }, /names must be among .*found "gru\*"/],
    [
      { frozen: [{ layers: ["gru0"], kinds: ["embedding"] }] },
      /frozen\[0\] must name a parameter, found none of all its lists/,
    ],
    [
      { frozen: [{ layers: ["*"] }] },
      /must leave something to be trained, found selections of all \d+/,
    ],
    [{ adapters: { rank: 0 } }, /adapters.rank must be a finite number from 1, found 0/],
    [
      { adapters: { rank: 5 } },
      /rank must be below both extents of gru0\/kernel, \[4, 15\], found 5/,
    ],
    [{ adapters: { kinds: ["bias"] } }, /parameters of two extents, found gru0\/bias of shape/],
    [{ adapters: { alpha: 0 } }, /adapters.alpha must be a finite number above 0/],
    [
      { adapters: { rank: 1 }, frozen: [{ kinds: ["bias"] }] },
      /Cannot combine training.frozen and training.adapters: beside adapters everything else/,
    ],
    [
      {
        adapters: { rank: 1, others: "trained" },
        frozen: [{ kinds: ["kernel", "recurrentKernel"] }],
      },
      /adapters must name a parameter that is not frozen/,
    ],
    [{ learningRateFactors: {} }, /must have perBlock or layers, found neither/],
    [
      { learningRateFactors: { perBlock: 2 } },
      /perBlock must be a finite number above 0 to 1, found 2/,
    ],
    [{ learningRateFactors: { layers: { gru7: 1 } } }, /layers must be among .*found "gru7"/],
    [
      { frozen: [{ kinds: ["kernel", "recurrentKernel"] }] },
      /l1 acts on no parameter: its targets are kernel, recurrentKernel/,
      { penalties: [l1({ strength: 1 })] },
    ],
    [
      { adapters: { rank: 1 } },
      /decoupledWeightDecay acts on no parameter: .*the model has adapter\. .*targets \["adapter"\]/,
      { optimizer: adamW({ learningRate: 1, decay: 0.1 }) },
    ],
    [
      { adapters: { rank: 1 } },
      /muon acts on no matrix/,
      { optimizer: muon({ learningRate: 1, decay: 0 }) },
    ],
  ];
  for (const [training, reason, others] of refused) {
    assert.throws(() => whole(training, others), reason, JSON.stringify(training));
  }
  whole({ frozen: [{ layers: ["emb*"] }, { names: ["gru0/bias", "output/*"] }] });
  whole({ adapters: { rank: 1 } }, {
    penalties: [decoupledWeightDecay({ strength: 1, targets: ["adapter"] })],
  });
});

Deno.test("rates by block fall from the output layer to the embeddings, in every kind of model", () => {
  const factorsOf = (model: Parameters<typeof describeParameters>[0], factors: object) => {
    const parameters = describeParameters(model, { vocabularySize: 7, sourceVocabularySize: 9 });
    const found = rateFactorsOf(factors, parameters);
    return Object.fromEntries(parameters.map(({ layer }, index) => [layer, found[index]]));
  };
  const transformer = transformerLanguageModel({
    ...{ embeddingSize: 4, heads: 1, layers: 2, blockSize: 6 },
  });
  assert.deepEqual(factorsOf(transformer, { perBlock: 0.5 }), {
    embedding: 0.125,
    positions: 0.125,
    block0: 0.25,
    block1: 0.5,
    finalNorm: 1,
  });
  const named = { perBlock: 0.5, layers: { block1: 3 } };
  assert.equal(factorsOf(transformer, named).block1, 3);
  assert.equal(factorsOf(transformer, { layers: { block1: 3 } }).block0, 1);
  const pairs = lstmSequenceToSequence({
    ...{ embeddingSize: 4, hiddenSize: 4, layers: 2, attention: "dot" },
  });
  assert.deepEqual(factorsOf(pairs, { perBlock: 0.1 }), {
    sourceEmbedding: 0.1 ** 3,
    encoder0: 0.1 ** 2,
    encoder1: 0.1,
    targetEmbedding: 0.1 ** 3,
    decoder0: 0.1 ** 2,
    decoder1: 0.1,
    attention: 1,
    output: 1,
  });
});

Deno.test("adapters of every model have their matrices beside its parameters", () => {
  const model = transformerLanguageModel({
    ...{ embeddingSize: 4, heads: 1, layers: 1, blockSize: 6 },
  });
  const parameters = describeParameters(model, { vocabularySize: 7 });
  const { adapters } = validateSpecification(
    specificationOf({ adapters: { rank: 2, names: ["block*/attention/kernel"] } }),
  ).training;
  const trained = trainedDescriptions({ ...wholeModel, adapters }, parameters);
  assert.deepEqual(trained.map(({ name, kind, layer, shape }) => [name, kind, layer, shape]), [
    ["block0/attention/kernel/adapterA", "adapter", "block0", [4, 2]],
    ["block0/attention/kernel/adapterB", "adapter", "block0", [2, 12]],
  ]);
});

const sizes = { embeddingSize: 4, hiddenSize: 5 };
const blocks = { embeddingSize: 4, heads: 2, layers: 2, blockSize: 6 };
const models: readonly Exclude<AnyModelSpecification, { kind: "ownModel" | "linearRegression" }>[] =
  [
    rnnLanguageModel(sizes),
    gruLanguageModel({ ...sizes, layers: 2 }),
    lstmLanguageModel(sizes),
    transformerLanguageModel({ ...blocks, tiedWeights: false }),
    llamaLanguageModel({ ...blocks, feedForwardSize: 6 }),
    lstmSequenceToSequence({ ...sizes, attention: "dot" }),
  ];

Deno.test("adapters of every kernel of every built-in model have the gradient of the loss, by differences", async () => {
  await useEngine("wasm");
  const kinds = Object.keys(allModels).filter((kind) =>
    !/^(ownModel|linearRegression)$/.test(kind)
  );
  assert.deepEqual(models.map(({ kind }) => kind).sort(), kinds.sort());
  const draw = randomStream(3, "adapters");
  const tokens = (count: number) => Int32Array.from({ length: count }, () => draw.integer(7));
  const batch = {
    ...{ inputs: tokens(10), targets: tokens(10), time: 5, batch: 2, tokens: 10 },
    source: { tokens: tokens(6), time: 3, batch: 2 },
  };
  const adapters = { rank: 1, initializer: normal({ standardDeviation: 0.5 }) };
  const options = checkOptions("training", { adapters }, tuningOptions, ".");
  for (const specification of models) {
    const model = createAnyModel(specification, {
      ...{ vocabularySize: 7, sourceVocabularySize: 7, seed: 1, fold: "adapters" },
    }) as Model;
    const kernels = model.parameters.filter(({ description: { kind } }) => /ernel/.test(kind));
    const tuning = createTuning(options, model, { seed: 1, purpose: "adapters" });
    assert.equal(tuning.adapters.length, 2 * kernels.length, specification.kind);
    const lossNow = () => {
      tuning.merge();
      return tf.tidy(() => model.loss(batch, null).dataSync()[0]);
    };
    const before = lossNow();
    // B is no longer 0, so that A has a gradient.
    for (const { variable } of tuning.adapters) {
      const values = Float32Array.from(variable.dataSync(), (value) => value + 0.3 * draw.normal());
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    }
    assert.notEqual(lossNow(), before, specification.kind);
    const found = tuning.gradientOf((gradient) => gradient())(
      () => tf.variableGrads(() => model.loss(batch, null), [...tuning.differentiated]),
      null,
    );
    for (const { description: { name }, variable } of tuning.adapters) {
      const gradient = found.grads[variable.name].dataSync() as Float32Array;
      const start = Float32Array.from(variable.dataSync() as Float32Array);
      // Along the gradient itself: its squared norm per unit.
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      const at = (step: number) => {
        const values = start.map((w, i) => w + step * gradient[i] / norm);
        tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
        return lossNow();
      };
      // Embeddings are small and layer norms make them large: the third derivative is taken out.
      const [coarse, fine] = [2 ** -8, 2 ** -9].map((h) => (at(h) - at(-h)) / (2 * h));
      const slope = (4 * fine - coarse) / 3;
      tf.tidy(() => variable.assign(tf.tensor(start, variable.shape)));
      const what = `${specification.kind}, ${name}: ${slope}, not ${norm}`;
      assert.ok(Math.abs(slope - norm) < 3e-3 * norm + 1e-4, what);
    }
    tf.dispose([found.value, found.grads]);
    tuning.dispose();
    model.dispose();
  }
});

Deno.test("a warm start between other adapters is refused where the path is defined", () => {
  const of = (rank: number) => validateSpecification(specificationOf({ adapters: { rank } }));
  checkSameParameters(of(1), of(1));
  assert.throws(
    () => checkSameParameters(of(1), of(2)),
    /training.adapters must be the same in both, .*"rank":1.*in the weaker one/,
  );
});

async function trained(specification: SpecificationOptions) {
  const folder = await Deno.makeTempDir({ prefix: "tuning" });
  try {
    const weightsPath = `${folder}/weights.safetensors`;
    const path = `${folder}/checkpoint`;
    const request = requestOf(specification, fold, { weightsPath });
    await executeRun({ ...request, stopAt: 3, checkpoint: { path, seconds: null, steps: null } });
    // 64 digits of a checksum come first.
    const checkpoint = readSafetensors((await Deno.readFile(path)).slice(64)).tensors;
    const record = await executeRun(request);
    const file = await Deno.readFile(weightsPath);
    return { record, file, tensors: readSafetensors(file).tensors, names: [...checkpoint.keys()] };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a run with frozen parameters keeps their bits, and neither record nor checkpoint has them trained", async () => {
  const frozen = [{ layers: ["embedding"] }, { kinds: ["bias"] }];
  const towards = { penalties: [proximalL1TowardsStart({ strength: 1e9 })] };
  const start = await trained(specificationOf({}, {
    penalties: [proximalL1TowardsStart({
      strength: 1e9,
      targets: ["kernel", "recurrentKernel", "embedding", "bias"],
    })],
  }));
  const { record, tensors, names } = await trained(specificationOf({ frozen }, towards));
  const isFrozen = (name: string) => name.startsWith("embedding") || name.endsWith("ias");
  for (const [name, { values }] of tensors) {
    assert.deepEqual(values, start.tensors.get(name)!.values, `${name} at an infinite threshold`);
  }
  assert.ok(names.length > 0 && !names.some((name) => /embedding|[bB]ias/.test(name)), `${names}`);
  for (const { name, shape, frozen, unchangedWeights, penalties } of record.parameters) {
    const count = shape.reduce((product, extent) => product * extent, 1);
    assert.equal(frozen, isFrozen(name) ? true : undefined, name);
    assert.equal(unchangedWeights, isFrozen(name) ? undefined : count, name);
    assert.deepEqual(penalties, isFrozen(name) ? [] : ["proximalL1TowardsStart"]);
  }
  const { unchangedWeights, comparedWeights } = record.final!;
  assert.equal(unchangedWeights, comparedWeights);
  assert.equal(comparedWeights, record.final!.countedWeights);
  assert.equal(record.cost!.flops, null);
  const plain = await trained(specificationOf({ frozen }));
  assert.equal(plain.record.final!.unchangedWeights, undefined);
  for (const [name, { values }] of plain.tensors) {
    const same = values.every((value, index) => value === start.tensors.get(name)!.values[index]);
    assert.equal(same, isFrozen(name), name);
  }
});

Deno.test("what a run with adapters keeps is W₀ + (α/r) A B, a model that can be read, and both matrices", async () => {
  const start = await trained(specificationOf({}, {
    penalties: [proximalL1TowardsStart({ strength: 1e9 })],
  }));
  const adapters = { rank: 2, alpha: 3, initializer: normal({ standardDeviation: 0.5 }) };
  const { record, file, tensors, names } = await trained(specificationOf({ adapters }));
  for (const name of ["gru0/kernel", "gru0/recurrentKernel", "output/kernel"]) {
    const [a, b, merged] = [`${name}/adapterA`, `${name}/adapterB`, name]
      .map((each) => tensors.get(each)!);
    const [, columns] = merged.shape;
    const first = start.tensors.get(name)!.values;
    merged.values.forEach((value, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      const product = a.values[2 * row] * b.values[column] +
        a.values[2 * row + 1] * b.values[columns + column];
      assert.ok(Math.abs(value - (first[index] + 1.5 * product)) < 1e-6, `${name} ${index}`);
    });
    assert.ok(b.values.every((value) => value !== 0));
  }
  assert.deepEqual(
    names.filter((name) => name.startsWith("weights/")).length,
    6,
    "a checkpoint has the matrices alone",
  );
  assert.equal(record.adapters!.length, 6);
  assert.ok(record.parameters.every(({ frozen }) => frozen));
  assert.equal(
    record.cost!.weights,
    record.parameters.reduce(
      (sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1),
      0,
    ),
  );
  const model = await readTrainedModel(file);
  assert.deepEqual(
    model.weights().get("output/kernel")!.values,
    tensors.get("output/kernel")!.values,
  );
  model.dispose();
});

const program = new URL("./testing/peak_of_training.ts", import.meta.url).pathname;

/** The most that the engine held in two steps, MiB. */
async function peakOf(training: object): Promise<number> {
  const json = {
    corpus: inlineText("abcdefg"),
    tokenizer: bytes(),
    model: transformerLanguageModel({ embeddingSize: 256, layers: 4, heads: 4, blockSize: 16 }),
    optimizer: adam({ learningRate: 0.01 }),
    training: { steps: 2, batchSize: 2, windowLength: 16, ...training },
  };
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--allow-read", "--allow-env", "--allow-sys", program],
      JSON.stringify({ json, vocabularySize: 257 }),
    ],
  }).output();
  assert.ok(success);
  return Number(new TextDecoder().decode(stdout)) / 2 ** 20;
}

Deno.test("frozen parameters have no gradient and no memory of the optimizer: the peak says so", async () => {
  const model = transformerLanguageModel({
    embeddingSize: 256,
    layers: 4,
    heads: 4,
    blockSize: 16,
  });
  const bytesOf = (keep: (layer: string) => boolean) =>
    4 / 2 ** 20 * describeParameters(model, { vocabularySize: 257 })
      .filter(({ layer }) => keep(layer))
      .reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0);
  const frozenBytes = bytesOf((layer) => layer !== "block3" && layer !== "finalNorm");
  const layers = ["embedding", "positions", "block0", "block1", "block2"];
  const all = await peakOf({});
  const frozen = await peakOf({ frozen: [{ layers }] });
  // Of each weight a gradient and both of Adam's moments are spared.
  const spared = (all - frozen) / frozenBytes;
  const adapted = await peakOf({ adapters: { rank: 4 } });
  const said =
    `all trained ${all.toFixed(1)} MiB; ${frozenBytes.toFixed(1)} MiB of weights frozen ` +
    `${frozen.toFixed(1)} MiB, which spares ${
      spared.toFixed(2)
    } of each; adapters of all kernels ` +
    `${adapted.toFixed(1)} MiB`;
  // deno-lint-ignore no-console -- the peak is to be seen
  console.log(said);
  assert.ok(spared > 2.9 && spared < 3.5, said);
  // The gradients of adapted kernels are there, their moments are not.
  assert.ok(adapted < all - 1.5 * bytesOf((layer) => layer.startsWith("block")), said);
});
