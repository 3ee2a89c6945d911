import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { completionBatch } from "../data/completion_batches.ts";
import { pairBatch } from "../data/pair_batches.ts";
import { restorePairVocabulary } from "../data/pair_tokens.ts";
import { words } from "../data/tokenizers/words.ts";
import { useEngine } from "../engine/engine.ts";
import type { Batch } from "../data/batches.ts";
import { createModel } from "../models/create.ts";
import { createSequenceToSequence } from "../models/create.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { glorotUniform, uniform } from "../models/initializers.ts";
import type { AnyModelSpecification } from "../models/kinds.ts";
import { linearRegression } from "../models/linear_regression.ts";
import { llamaLanguageModel } from "../models/llama_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import type { Model } from "../models/model.ts";
import { defineModel } from "../models/define_model.ts";
import { ownModel } from "../models/own_model.ts";
import { promptedModel } from "../models/prompted_model.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import * as ops from "../ops/ops.ts";
import { adam } from "../optimizers/adam.ts";
import { adamW } from "../optimizers/adam_w.ts";
import { asgd } from "../optimizers/asgd.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { optimizerKinds } from "../optimizers/kinds.ts";
import { muon } from "../optimizers/muon.ts";
import { type OptimizerSpecification, penaltiesWith } from "../optimizers/optimizer.ts";
import { rmsprop } from "../optimizers/rmsprop.ts";
import { sgd } from "../optimizers/sgd.ts";
import { startingWeights } from "../optimizers/starting_weights.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { effectsByStep, penaltyValue } from "../penalties/targets.ts";
import { fitLinearRegression } from "./linear_regression.ts";
import { penalties, penaltyForms } from "./testing/penalties.ts";
import { trainingStep } from "./train.ts";

/** Steps in which the loss of the batch is to fall by 5 %. */
const steps = 12;

const optimizers: Readonly<Record<string, OptimizerSpecification>> = {
  sgd: sgd({ learningRate: 0.5 }),
  momentum: sgd({ learningRate: 0.1, momentum: 0.9 }),
  nesterov: sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  "rmsprop, PyTorch's": rmsprop({ learningRate: 5e-3 }),
  "rmsprop, Keras's": rmsprop({ learningRate: 5e-3, form: "keras" }),
  adam: adam({ learningRate: 2e-2 }),
  adamW: adamW({ learningRate: 2e-2, decay: 0.1, targets: ["embedding"] }),
  asgd: asgd({ learningRate: 0.5, averageFromStep: 8 }),
  muon: muon({ learningRate: 2e-2, decay: 0 }),
};

/** Of models whose only matrix is the output layer's. */
const onOutput = { muonLayers: ["output"], learningRate: 0.05 };

const own = defineModel({
  name: "bigram",
  defaults: {},
  parameters: ({ vocabularySize }) => ({
    "embedding/table": {
      kind: "embedding",
      shape: [vocabularySize, 6],
      initializer: uniform({ range: 0.5 }),
    },
    "output/kernel": {
      kind: "kernel",
      shape: [6, vocabularySize],
      initializer: glorotUniform(),
    },
  }),
  logits: ({ parameters, tokens }) =>
    ops.linear({
      inputs: ops.embedding({ table: parameters["embedding/table"], tokens }),
      kernel: parameters["output/kernel"],
    }),
});

const context = { vocabularySize: 7, seed: 1, fold: "matrix" };
const sizes = {
  embeddingSize: 6,
  hiddenSize: 8,
  embeddingInitializer: uniform({ range: 0.5 }),
};
const sides = {
  sourceVocabulary: restorePairVocabulary(words(), ["<unk>", "<padding>", "<end>", "a", "b", "c"]),
  targetVocabulary: restorePairVocabulary(words(), [
    ...["<unk>", "<padding>", "<begin>", "<end>", "A", "B", "C"],
  ]),
};
const pairs = pairBatch(
  [[[3, 4, 2], [4, 5, 3]], [[5, 2], [6, 3]], [[4, 4, 5, 2], [5, 5, 6, 3]]].map((
    [source, target],
  ) => ({ source: Int32Array.from(source), target: Int32Array.from(target) })),
  sides,
);
const prompts = completionBatch(
  ["A ABC", "B CAB", "C BCA", "A CBA", "BA CB", "C A"].map((pair) => {
    const [prompt, completion] = pair.split(" ");
    const { encode, beginId, endId } = sides.targetVocabulary;
    return {
      source: Int32Array.of(...encode([...prompt]), beginId),
      target: Int32Array.of(...encode([...completion]), endId),
    };
  }),
  sides.targetVocabulary,
);
const [time, batch] = [5, 4];
const stream = randomStream(1, "matrix");
const tokens = Int32Array.from({ length: (time + 1) * batch }, () => stream.integer(7));
const window: Batch = {
  inputs: tokens.slice(0, time * batch),
  targets: tokens.slice(batch),
  time,
  batch,
  tokens: time * batch,
};

type Case = readonly [create: () => Model, fixed: Batch];
const models: Readonly<Record<AnyModelSpecification["kind"] | `${string} on prompts`, Case>> = {
  rnnLanguageModel: [() => createModel(rnnLanguageModel(sizes), context), window],
  gruLanguageModel: [() => createModel(gruLanguageModel(sizes), context), window],
  lstmLanguageModel: [
    () => createModel(lstmLanguageModel(sizes), context),
    window,
  ],
  llamaLanguageModel: [
    () =>
      createModel(
        llamaLanguageModel({
          ...{ embeddingSize: 6, layers: 1, heads: 3, keyValueHeads: 1, blockSize: time },
          ...{ queryKeyValueBias: true, queryKeyNorm: true, tiedWeights: false },
          // Norms of short vectors make large gradients: these steps would not go down with them.
          ...{ initialization: "keras", embeddingInitializer: sizes.embeddingInitializer },
        }),
        context,
      ),
    window,
  ],
  transformerLanguageModel: [
    () =>
      createModel(
        transformerLanguageModel({
          ...{ embeddingSize: 6, layers: 1, heads: 2, blockSize: time },
          // As large as those of the other models, so that one bound of norms binds in all of them.
          initialization: "keras",
        }),
        context,
      ),
    window,
  ],
  "gruLanguageModel on prompts": [
    () => promptedModel(createModel(gruLanguageModel(sizes), context)),
    prompts,
  ],
  "lstmLanguageModel on prompts": [
    () => promptedModel(createModel(lstmLanguageModel(sizes), context)),
    prompts,
  ],
  lstmSequenceToSequence: [
    () =>
      createSequenceToSequence(
        lstmSequenceToSequence(sizes),
        { ...context, sourceVocabularySize: 6 },
      ),
    pairs,
  ],
  ownModel: [
    () =>
      createModel(ownModel({ module: "parts/bigram.ts" }), {
        ...context,
        own: { definition: own, call: (_, call) => call() },
      }),
    window,
  ],
};

/** What acts together, and what it is to make smaller: every penalty, its forms, combinations. */
const rows = [
  // R-Drop needs dropout, which these trainings have not: see r_drop_test.ts.
  ...penalties.filter(([{ kind }]) => kind !== "rDrop").map(([penalty, quantity]) => ({
    penalties: [penalty],
    quantities: [quantity],
  })),
  ...penaltyForms,
];

interface Trained {
  readonly losses: readonly [before: number, after: number];
  readonly weights: readonly Float32Array[];
  /** Value of a penalty at the weights, over its strength. */
  quantity(penalty: PenaltySpecification): number;
}

function trained(
  [create, batch]: readonly [() => Model, Batch],
  optimizerSpecification: OptimizerSpecification,
  penalties: readonly PenaltySpecification[],
  quantities: readonly PenaltySpecification[],
): Trained {
  const model = create();
  const descriptions = model.parameters.map(({ description }) => description);
  const all = penaltiesWith(optimizerSpecification, penalties);
  const startOf = startingWeights([...all, ...quantities], model.parameters);
  const optimizer = createOptimizer(
    ...[optimizerSpecification, model.parameters, effectsByStep(all, descriptions)] as const,
    ...[null, undefined, startOf] as const,
  );
  const terms = lossTermsOf(all);
  const lossOf = (penalty: PenaltySpecification | null) =>
    tf.tidy(() => model.loss(batch, null, penalty && lossTermsOf([penalty])).dataSync()[0]);
  const before = lossOf(null);
  const { learningRate } = optimizerSpecification;
  for (let step = 0; step < steps; step++) {
    trainingStep(model, optimizer, batch, { learningRate, dropout: null, terms });
  }
  optimizer.keepEvaluationWeights();
  const after = lossOf(null);
  const weights = model.parameters.map(({ variable }) =>
    Float32Array.from(variable.dataSync() as Float32Array)
  );
  const values = new Map(quantities.map((penalty) => [
    penalty,
    penaltyValue([penalty], descriptions, weights, 1, startOf) + lossOf(penalty) - after,
  ]));
  optimizer.dispose();
  model.dispose();
  return { losses: [before, after], weights, quantity: (penalty) => values.get(penalty)! };
}

for (const [name, model] of Object.entries(models)) {
  Deno.test(`${name} under every penalty, form and combination, and optimizer: ${steps} steps take the loss of a batch down by 5 %, to other weights than without, with less of what is penalized`, async () => {
    await useEngine("wasm");
    const readsOutputs = name !== "ownModel";
    const known = rows.filter(({ penalties }) =>
      readsOutputs ||
      !penalties.some(({ kind }) => /^(activation|temporalActivation)Regularization$/.test(kind))
    );
    for (const [optimizerName, given] of Object.entries(optimizers)) {
      const optimizer = name === "ownModel" && given.kind === "muon"
        ? { ...given, ...onOutput }
        : given;
      const without = trained(model, optimizer, [], known.flatMap(({ quantities }) => quantities));
      for (const { penalties, quantities } of known) {
        const result = trained(model, optimizer, penalties, quantities);
        const what = `${name}, ${optimizerName}, ${JSON.stringify(penalties)}`;
        const [before, after] = result.losses;
        assert.ok(after <= 0.95 * before, `${what}: loss ${before}, then ${after}`);
        assert.ok(
          result.weights.some((values, at) =>
            values.some((value, i) => value !== without.weights[at][i])
          ),
          `${what}: the weights are those of no penalty`,
        );
        for (const quantity of quantities) {
          const [less, more] = [result.quantity(quantity), without.quantity(quantity)];
          assert.ok(less < more, `${what}: ${quantity.kind} ${less}, without ${more}`);
        }
      }
    }
  });
}

Deno.test("every kind of optimizer is among those that train every model", () => {
  const kinds = new Set(Object.values(optimizers).map(({ kind }) => kind));
  // The user's own does what its module says.
  const known = Object.keys(optimizerKinds).filter((kind) => kind !== "ownOptimizer");
  assert.deepEqual([...kinds].sort(), known.sort());
});

Deno.test("linearRegression under every penalty on weights, form and combination, and every optimizer: the same in 25 steps", async () => {
  await useEngine("wasm");
  const stream = randomStream(2, "matrix");
  const features = Float32Array.from({ length: 20 * 3 }, () => stream.normal());
  const labels = Float32Array.from(
    { length: 20 },
    (_, row) => 2 * features[3 * row] - features[3 * row + 1] + 0.1 * stream.normal(),
  );
  const onWeights = rows.filter(({ penalties }) =>
    penalties.every((penalty) => "targets" in penalty)
  );
  for (const [optimizerName, given] of Object.entries(optimizers)) {
    const optimizer = given.kind === "adamW"
      ? { ...given, targets: ["bias" as const] }
      : given.kind === "muon"
      ? { ...given, ...onOutput }
      : { ...given, learningRate: Math.min(given.learningRate, 0.03) };
    const fit = (penalties: readonly PenaltySpecification[], steps = 25) =>
      fitLinearRegression({
        features,
        labels,
        model: linearRegression({ inputs: 3 }),
        optimizer,
        penalties,
        steps,
        from: { kernel: Float32Array.of(0.1, 0.1, 0.1), bias: null },
      });
    const { loss: before } = fit([], 1);
    // What the initializer gives; `from` changes where the fit begins, not what it is pulled to.
    const initial = new Float32Array(3);
    const without = fit([]);
    for (const { penalties, quantities } of onWeights) {
      // These weights are smaller, and so must be what bounds them.
      const found = fit(
        penalties.map((each) => each.kind === "maxNorm" ? { ...each, strength: 4 } : each),
      );
      const what = `linearRegression, ${optimizerName}, ${JSON.stringify(penalties)}`;
      assert.ok(found.loss <= 0.95 * before, `${what}: loss ${before}, then ${found.loss}`);
      assert.notDeepEqual(found.kernel, without.kernel, what);
      for (const quantity of quantities) {
        const value = ({ kernel }: { kernel: Float32Array }) =>
          penaltyValue(
            [quantity],
            [{ name: "output/kernel", kind: "kernel", layer: "output", shape: [3, 1] }],
            [kernel],
            1,
            () => initial,
          );
        assert.ok(value(found) < value(without), `${what}: ${value(found)}, ${value(without)}`);
      }
    }
  }
});
