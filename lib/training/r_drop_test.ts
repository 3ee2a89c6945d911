import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { warmUpSchedule } from "../core/schedule.ts";
import { stepSchedule } from "../core/schedule.ts";
import type { Batch } from "../data/batches.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { defineModel } from "../models/define_model.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { glorotUniform, uniform } from "../models/initializers.ts";
import type { ModelSpecification } from "../models/kinds.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import type { LanguageModel } from "../models/model.ts";
import { ownModel } from "../models/own_model.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import * as ops from "../ops/ops.ts";
import { adam } from "../optimizers/adam.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import { noEffect } from "../penalties/penalty.ts";
import { rDrop } from "../penalties/r_drop.ts";
import { meanPasses, passesOf } from "./passes.ts";
import { validateSpecification } from "./specification.ts";
import { trainingStep } from "./train.ts";

const [time, batch, vocabularySize] = [5, 4, 7];
const stream = randomStream(1, "R-Drop");
const tokens = Int32Array.from({ length: (time + 1) * batch }, () => stream.integer(7));
const window: Batch = {
  inputs: tokens.slice(0, time * batch),
  targets: tokens.slice(batch),
  ...{ time, batch, tokens: time * batch },
};
const sizes = { embeddingSize: 6, hiddenSize: 8, embeddingInitializer: uniform({ range: 0.5 }) };
const blocks = { embeddingSize: 6, layers: 1, heads: 2, blockSize: time };

const models: Readonly<Record<string, ModelSpecification>> = {
  "an RNN": rnnLanguageModel({ ...sizes, inputDropout: 0.3 }),
  "a GRU with dropped weights": gruLanguageModel({ ...sizes, recurrentDropout: 0.5 }),
  "an LSTM with locked dropout": lstmLanguageModel({
    ...{ ...sizes, outputDropout: 0.3, lockedDropout: true },
  }),
  "a Transformer": transformerLanguageModel({ ...blocks, residualDropout: 0.3 }),
  "a Transformer with dropped attention": transformerLanguageModel({
    ...{ ...blocks, attentionDropout: 0.5, initialization: "keras" },
  }),
};

function built(specification: ModelSpecification): LanguageModel {
  return createModel(specification, { vocabularySize, seed: 1, fold: "R-Drop" });
}

/** ½ (KL(p ‖ q) + KL(q ‖ p)) of two passes, the mean over the positions of a window. */
function divergence(model: LanguageModel): number {
  const loss = (strength: number) =>
    tf.tidy(() => {
      const masks = randomStream(2, "masks");
      return model.loss(window, masks, lossTermsOf([rDrop({ strength })])).dataSync()[0];
    });
  return loss(2) - loss(1);
}

for (const [name, specification] of Object.entries(models)) {
  Deno.test(`R-Drop of ${name} makes predictions under different masks more alike`, async () => {
    await useEngine("wasm");
    const after = [0, 5].map((strength) => {
      const model = built(specification);
      const optimizer = createOptimizer(
        adam({ learningRate: 0.02 }),
        model.parameters,
        model.parameters.map(() => noEffect),
        null,
      );
      const dropout = randomStream(1, "dropout");
      const terms = lossTermsOf([rDrop({ strength })]);
      for (let step = 0; step < 25; step++) {
        trainingStep(model, optimizer, window, { learningRate: 0.02, dropout, terms });
      }
      const found = divergence(model);
      optimizer.dispose();
      model.dispose();
      return found;
    });
    assert.ok(after[1] > 0 && after[1] < 0.7 * after[0], `${after}`);
  });
}

Deno.test("R-Drop without masks is the plain loss, and both passes begin with one carried state and carry the first one's", async () => {
  await useEngine("wasm");
  const model = built(models["an RNN"]);
  const terms = lossTermsOf([rDrop({ strength: 1 })]);
  const evaluated = (terms: ReturnType<typeof lossTermsOf>) =>
    tf.tidy(() => model.loss(window, null, terms).dataSync()[0]);
  assert.equal(evaluated(terms), evaluated(null));
  const read = (terms: ReturnType<typeof lossTermsOf>) => {
    const kept: (readonly Float32Array[])[] = [];
    let asked = 0;
    const carried = {
      before: () => (asked++, [new Float32Array(batch * sizes.hiddenSize).fill(0.1)]),
      keep: (states: readonly Float32Array[]) => kept.push(states),
    };
    tf.tidy(() => model.loss({ ...window, carried }, randomStream(3, "masks"), terms));
    return { kept, asked };
  };
  const [once, twice] = [read(null), read(terms)];
  assert.equal(twice.asked, 2);
  assert.deepEqual(twice.kept, once.kept);
  model.dispose();
});

function specification(model: object, strength = 1) {
  return validateSpecification({
    corpus: inlineText("abcdefg"),
    tokenizer: characters(),
    model,
    penalties: [rDrop({ strength })],
    optimizer: adam({ learningRate: 1e-3 }),
    training: { steps: 1, batchSize: 1, windowLength: 1 },
  });
}

Deno.test("R-Drop is refused with its reason where a model has no dropout", () => {
  const refused: readonly object[] = [
    gruLanguageModel(sizes),
    lstmLanguageModel({ ...sizes, layers: 2, lockedDropout: true }),
    transformerLanguageModel({ ...blocks, residualDropout: 0, inputDropout: 0 }),
  ];
  for (const model of refused) {
    assert.throws(
      () => specification(model),
      /Cannot combine \w+ without dropout and rDrop: both passes of a step would be the same\. Give it one of .*Dropout.* above 0/,
    );
    assert.equal(specification(model, 0).penalties.length, 1);
  }
  assert.equal(
    specification(lstmLanguageModel({ ...sizes, layers: 2, hiddenDropout: 0.5 } as never)).penalties
      .length,
    1,
  );
});

Deno.test("R-Drop of a model of the user's own is refused where it draws no masks", async () => {
  await useEngine("wasm");
  const own = (drops: boolean) =>
    createModel(ownModel({ module: "parts/bigram.ts" }), {
      ...{ vocabularySize, seed: 1, fold: "R-Drop" },
      own: {
        definition: defineModel({
          name: "bigram",
          defaults: {},
          parameters: ({ vocabularySize }) => ({
            "output/kernel": {
              kind: "embedding",
              shape: [vocabularySize, vocabularySize],
              initializer: glorotUniform(),
            },
          }),
          logits: ({ parameters, tokens, dropout: stream }) => {
            const inputs = ops.embedding({ table: parameters["output/kernel"], tokens });
            return drops && stream ? ops.dropout({ inputs, rate: 0.5, stream }) : inputs;
          },
        }),
        call: (_, call) => call(),
      },
    });
  const dropping = own(true);
  assert.ok(divergence(dropping) > 0);
  const plain = own(false);
  assert.throws(
    () => divergence(plain),
    /Cannot combine parts\/bigram\.ts and rDrop: its logits draw nothing from the stream `dropout`/,
  );
  [dropping, plain].forEach((model) => model.dispose());
});

Deno.test("passes of a step double while R-Drop acts", () => {
  const penalties = [rDrop({
    strength: 1,
    schedule: warmUpSchedule({ steps: 2, then: stepSchedule({ every: 2, factor: 0 }) }),
  })];
  const passes = [1, 2, 3, 4, 5, 6].map((step) => passesOf({ penalties }, step).forward);
  assert.deepEqual(passes, [2, 2, 2, 2, 1, 1]);
  assert.deepEqual(meanPasses({ penalties }, 8), { forward: 1.5, backward: 1.5 });
  assert.deepEqual(meanPasses({ penalties: [rDrop({ strength: 0 })] }, 8), {
    ...{ forward: 1, backward: 1 },
  });
  const json = { strength: 1, kind: "rDrop" } as JsonObject;
  assert.deepEqual(rDrop({ strength: 1 }) as unknown as JsonObject, json);
});
