import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type RandomStream, randomStream } from "../core/random.ts";
import { stepSchedule } from "../core/schedule.ts";
import type { Batch } from "../data/batches.ts";
import { inlineText } from "../data/corpora.ts";
import { pairBatch } from "../data/pair_batches.ts";
import { restorePairVocabulary } from "../data/pair_tokens.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { words } from "../data/tokenizers/words.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel, createSequenceToSequence } from "../models/create.ts";
import { defineModel } from "../models/define_model.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { uniform } from "../models/initializers.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import type { Model } from "../models/model.ts";
import { ownModel } from "../models/own_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import * as ops from "../ops/ops.ts";
import { sgd } from "../optimizers/sgd.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { checkRunnable } from "./check_runnable.ts";
import { type Specification, validateSpecification } from "./specification.ts";
import { execute } from "./testing/execute.ts";
import type { TrainingOptions } from "./training_options.ts";
import { weightDropout } from "./weight_dropout.ts";

const context = { vocabularySize: 7, seed: 1, fold: "test" };
const [time, batch] = [5, 4];
const stream = randomStream(1, "tokens");
const text = Int32Array.from({ length: (time + 1) * batch }, () => stream.integer(7));
const window: Batch = {
  inputs: text.slice(0, time * batch),
  targets: text.slice(batch),
  ...{ time, batch, tokens: time * batch },
};
const sides = {
  sourceVocabulary: restorePairVocabulary(words(), ["<unk>", "<padding>", "<end>", "a", "b", "c"]),
  targetVocabulary: restorePairVocabulary(words(), [
    ...["<unk>", "<padding>", "<begin>", "<end>", "A", "B", "C"],
  ]),
};
const pairs = pairBatch(
  [{ source: Int32Array.of(3, 4, 2), target: Int32Array.of(4, 5, 3) }],
  sides,
);
const bigram = defineModel({
  name: "bigram",
  defaults: {},
  parameters: ({ vocabularySize: size }) => ({
    "embedding/table": { kind: "embedding", shape: [size, 6], initializer: uniform({ range: 1 }) },
    "output/kernel": { kind: "kernel", shape: [6, size], initializer: uniform({ range: 1 }) },
  }),
  logits: ({ parameters, tokens }) =>
    ops.linear({
      inputs: ops.embedding({ table: parameters["embedding/table"], tokens }),
      kernel: parameters["output/kernel"],
    }),
});
const hidden = { embeddingSize: 6, hiddenSize: 16, outputDropout: 0.2 };

const models: Readonly<Record<string, readonly [create: () => Model, fixed: Batch]>> = {
  "a GRU": [() => createModel(gruLanguageModel(hidden), context), window],
  "a Transformer": [
    () =>
      createModel(
        transformerLanguageModel({ embeddingSize: 16, layers: 1, heads: 2, blockSize: time }),
        context,
      ),
    window,
  ],
  "an encoder-decoder": [
    () =>
      createSequenceToSequence(lstmSequenceToSequence({ ...hidden, attention: "dot" }), {
        ...context,
        sourceVocabularySize: 6,
      }),
    pairs,
  ],
  "a model of the user's own": [
    () =>
      createModel(ownModel({ module: "bigram.ts" }), {
        ...context,
        own: { definition: bigram, call: (_: string, use: () => unknown) => use() },
      } as never),
    window,
  ],
};

const valuesOf = (model: Model) =>
  model.parameters.map(({ variable }) => Float32Array.from(variable.dataSync() as Float32Array));

for (const engine of ["cpu", "wasm"] as const) {
  for (const [name, [create, fixed]] of Object.entries(models)) {
    Deno.test(`weight dropout of ${name} on ${engine}: the gradient is the mask times that of the masked weights, which are whole again`, async () => {
      await useEngine(engine);
      const model = create();
      const rate = 0.4;
      const gradientOf = weightDropout(
        { rate, targets: ["kernel", "recurrentKernel"] },
        model.parameters,
      );
      const variables = model.parameters.map(({ variable }) => variable);
      const whole = valuesOf(model);
      const tensors = tf.memory().numTensors;
      const inside: Float32Array[][] = [];
      const gradients: Float32Array[][] = [];
      const pass = (stream: RandomStream) =>
        gradientOf(() => {
          inside.push(valuesOf(model));
          const found = tf.variableGrads(() => model.loss(fixed, stream), variables);
          gradients.push(
            variables.map(({ name }) =>
              Float32Array.from(found.grads[name].dataSync() as Float32Array)
            ),
          );
          return found;
        }, stream);
      const masks = randomStream(1, "dropout");
      const { value, grads } = pass(masks);
      assert.deepEqual(valuesOf(model), whole);
      let [dropped, of] = [0, 0];
      model.parameters.forEach(({ description: { kind, name }, variable }, index) => {
        const outside = grads[variable.name].dataSync();
        const isTarget = kind === "kernel" || kind === "recurrentKernel";
        whole[index].forEach((weight, at) => {
          const masked = inside[0][index][at];
          const factor = !isTarget ? 1 : masked === 0 ? 0 : Math.fround(1 / (1 - rate));
          assert.equal(masked + 0, Math.fround(factor * weight) + 0, name);
          const expected = Math.fround(factor * gradients[0][index][at]);
          // Nothing here tells 0 from −0.
          assert.equal(outside[at] + 0, expected + 0, name);
          if (isTarget && weight !== 0) of++;
          if (isTarget && weight !== 0 && masked === 0) dropped++;
        });
      });
      // Four standard errors of a share.
      assert.ok(Math.abs(dropped / of - rate) < 4 * Math.sqrt(rate * (1 - rate) / of));
      tf.dispose([value, grads]);
      // The next step has other masks, also where the model has no dropout of its own.
      const next = pass(masks);
      assert.notDeepEqual(inside[1], inside[0]);
      tf.dispose([next.value, next.grads]);
      assert.equal(tf.memory().numTensors, tensors);
      assert.throws(() =>
        gradientOf(() => {
          throw new Error("no room");
        }, masks), /no room/);
      assert.deepEqual(valuesOf(model), whole);
      assert.equal(tf.memory().numTensors, tensors);
      model.dispose();
    });
  }
}

const corpus = "the sea was calm and the whale slept below; the mast leaned. ".repeat(6);
const fold: FoldRecord = {
  index: 0,
  training: [{ start: 0, end: 260 }],
  heldOut: [{ start: 260, end: 310 }],
};
const specificationOf = (training: Partial<TrainingOptions>) => ({
  corpus: inlineText(corpus),
  tokenizer: characters(),
  model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 8, outputDropout: 0.3 }),
  optimizer: sgd({ learningRate: 0.5 }),
  training: {
    ...{ steps: 12, batchSize: 4, windowLength: 8, evaluateEvery: 4, samples: { count: 0 } },
    ...training,
  },
});
const lossesOf = async (training: Partial<TrainingOptions>) =>
  (await execute(specificationOf(training), fold)).curve.map(({ heldOutLoss }) => heldOutLoss);

Deno.test("weight dropout changes a run, at rate 0 it does not, and neither does a constant schedule of dropouts", async () => {
  const none = await lossesOf({});
  assert.deepEqual(await lossesOf({ weightDropout: { rate: 0 } }), none);
  assert.deepEqual(await lossesOf({ dropoutSchedule: { kind: "constant" } }), none);
  assert.notDeepEqual(await lossesOf({ weightDropout: { rate: 0.1 } }), none);
});

Deno.test("a schedule of dropouts multiplies the model's rates and that of weight dropout", async () => {
  const dropouts = { weightDropout: { rate: 0.4 } };
  const off = stepSchedule({ every: 1, factor: 0, after: 4 });
  const full = await lossesOf(dropouts);
  const scheduled = await lossesOf({ ...dropouts, dropoutSchedule: off });
  // Five steps at the rates given, then none: the first evaluation after a step is that of 4.
  assert.deepEqual(scheduled.slice(0, 2), full.slice(0, 2));
  assert.notEqual(scheduled[2], full[2]);
});

Deno.test("weight dropout and schedules of dropouts are absent from JSON at their defaults, and refused with what is allowed", () => {
  const validated = (training: object) =>
    validateSpecification(specificationOf(training)) as Specification;
  const { training } = validated({ weightDropout: { rate: 0.2 } });
  assert.deepEqual(training.weightDropout, { rate: 0.2, targets: ["kernel", "recurrentKernel"] });
  assert.deepEqual(training.dropoutSchedule, { kind: "constant" });
  const refusals: [object, RegExp][] = [
    [{ weightDropout: { rate: 1 } }, /training.weightDropout.rate must be .* below 1, found 1/],
    [{ weightDropout: { rate: -0.1 } }, /from 0 below 1, found -0.1/],
    [{ weightDropout: {} }, /training.weightDropout.rate/],
    [{ weightDropout: 0.5 }, /training.weightDropout/],
    [{ weightDropout: { rate: 0.1, targets: ["weights"] } }, /targets/],
    [{ weightDropout: { rate: 0.1, layer: "gru0" } }, /unknown option "layer"/],
    [
      { dropoutSchedule: { kind: "step", every: 1, factor: 2 } },
      /training.dropoutSchedule must have no factor above 1, .* step schedule that reaches Infinity/,
    ],
    [
      { dropoutSchedule: { kind: "piecewiseLinear", steps: 2, points: [[0, 1], [1, 1.5]] } },
      /piecewiseLinear schedule that reaches 1.5/,
    ],
    [{ dropoutSchedule: { kind: "linear" } }, /training.dropoutSchedule: kind must be one of/],
  ];
  for (const [training, message] of refusals) assert.throws(() => validated(training), message);
  const runnable = (weightDropout: TrainingOptions["weightDropout"]) => () =>
    checkRunnable(validated({ weightDropout }), [fold]);
  runnable({ rate: 0.1, targets: ["embedding"] })();
  assert.throws(
    runnable({ rate: 0.1, targets: ["normalization"] }),
    /training.weightDropout acts on no parameter: its targets are normalization, the model has/,
  );
  assert.throws(
    runnable({ rate: 0.1, layers: ["lstm0"] }),
    /training.weightDropout acts on no parameter of layer "lstm0": the layers with .* gru0/,
  );
});

Deno.test("memory counts the weights that weight dropout puts aside", () => {
  // 2³² bytes hold 2²⁹ weights with their gradients, and 2³²/12 with a third copy.
  const large = (weightDropout: TrainingOptions["weightDropout"]) => () =>
    checkRunnable(
      validateSpecification({
        ...specificationOf({ weightDropout }),
        model: gruLanguageModel({
          embeddingSize: 8,
          hiddenSize: 12_000,
          initialization: "pytorch",
        }),
      }),
      [fold],
    );
  large(null)();
  assert.throws(
    large({ rate: 0.1 }),
    /at most \d+ weights fit .* with their gradients and what training.weightDropout puts aside/,
  );
});
