import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { useEngine } from "../engine/engine.ts";
import { arenaBytes } from "../engine/kernels.ts";
import { createModel } from "../models/create.ts";
import { describeParameters } from "../models/describe_parameters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { llamaLanguageModel } from "../models/llama_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { sgd } from "../optimizers/sgd.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import { rDrop } from "../penalties/r_drop.ts";
import { trainingCost } from "./cost.ts";
import { validateSpecification } from "./specification.ts";
import { execute, numbersOf } from "./testing/execute.ts";

const [time, batch, vocabularySize] = [16, 4, 11];
const stream = randomStream(1, "recomputed");
const tokens = () => Int32Array.from({ length: time * batch }, () => stream.integer(11));
const window: Batch = {
  ...{ inputs: tokens(), targets: tokens(), time, batch, tokens: time * batch },
};

/** Loss and gradients of a batch that is read twice, with dropout. */
function gradientOf(
  options: object,
  recomputeBlocks: boolean,
  create: typeof transformerLanguageModel | typeof llamaLanguageModel = transformerLanguageModel,
) {
  const before = [arenaBytes().live, tf.memory().numTensors];
  const model = createModel(
    create({
      ...{ embeddingSize: 16, layers: 3, heads: 2, blockSize: time },
      ...options,
    } as never),
    { vocabularySize, seed: 1, fold: "recomputed", recomputeBlocks },
  );
  const variables = model.parameters.map(({ variable }) => variable);
  const terms = lossTermsOf([rDrop({ strength: 0.5 })], 1);
  const dropout = randomStream(1, "dropout");
  const { value, grads } = tf.variableGrads(() => model.loss(window, dropout, terms), variables);
  const found = {
    loss: value.dataSync(),
    gradients: variables.map(({ name }) => grads[name].dataSync()),
    stream: dropout.state(),
  };
  tf.dispose([value, grads]);
  model.dispose();
  assert.deepEqual([arenaBytes().live, tf.memory().numTensors], before, "nothing is left behind");
  return found;
}

const dropouts = [
  {},
  { inputDropout: 0.1, residualDropout: 0.2 },
  { attentionDropout: 0.3, stochasticDepth: 0.4 },
  { inputDropout: 0.1, residualDropout: 0.2, attentionDropout: 0.3, stochasticDepth: 0.4 },
];

// First: the peak is the highest of the whole process.
Deno.test("at 12 blocks the engine's memory has at most half of its peak when they are computed again", async () => {
  await useEngine("wasm");
  const options = { embeddingSize: 64, layers: 12, heads: 4 };
  const start = arenaBytes().live;
  gradientOf(options, true);
  const again = arenaBytes().peak - start;
  gradientOf(options, false);
  const kept = arenaBytes().peak - start;
  const weights = 4 * 12 * 12 * 64 * 64;
  // Weights and gradients are there either way: what is compared is all of it.
  assert.ok(again > 2 * weights && again <= kept / 2, `${again} of ${kept}`);
});

for (const engine of ["wasm", "relaxed", "cpu"] as const) {
  Deno.test(`blocks that are computed again give the same bits on ${engine}, whatever is dropped`, async () => {
    await useEngine(engine);
    // The plain engine takes seconds for each; what it draws is the same.
    for (const options of engine === "cpu" ? dropouts.slice(-1) : dropouts) {
      assert.deepEqual(gradientOf(options, true), gradientOf(options, false));
      const grouped = { ...options, keyValueHeads: 1, feedForwardSize: 24 };
      assert.deepEqual(
        gradientOf(grouped, true, llamaLanguageModel),
        gradientOf(grouped, false, llamaLanguageModel),
      );
    }
  });
}

const specification = {
  corpus: inlineText("abcabcabd".repeat(20), { name: "letters" }),
  tokenizer: characters(),
  model: transformerLanguageModel({ embeddingSize: 8, layers: 2, heads: 2, blockSize: 4 }),
  optimizer: sgd({ learningRate: 0.1 }),
  training: { steps: 4, batchSize: 2, windowLength: 4, recomputeBlocks: true },
};

Deno.test("a model without blocks is refused, with those that have some", () => {
  const model = gruLanguageModel({ embeddingSize: 4, hiddenSize: 4 });
  assert.throws(
    () => validateSpecification({ ...specification, model }),
    /recomputeBlocks must be false for gruLanguageModel, .* can be true for .*transformerLanguageModel/,
  );
});

Deno.test("a cost counts what is computed again: all of a forward pass but the output layer", () => {
  const given = validateSpecification(specification);
  const parameters = describeParameters(specification.model, { vocabularySize: 5 });
  const cost = (recomputeBlocks: boolean) =>
    trainingCost(
      { ...given, training: { ...given.training, recomputeBlocks } } as typeof given,
      parameters,
      { steps: 4, tokens: 32 },
    ).flops!;
  // In each of 2 blocks 12 · 8² weights, and 4 · window · width for the scores.
  assert.equal(cost(true) - cost(false), 32 * 2 * (2 * 12 * 64 + 4 * 4 * 8));
});

Deno.test("a run whose blocks are computed again has the record of one whose are not, but for its cost", async () => {
  const fold = {
    index: 0,
    training: [{ start: 0, end: 120 }],
    heldOut: [{ start: 130, end: 180 }],
  };
  const [again, kept] = await Promise.all(
    [true, false].map((recomputeBlocks) =>
      execute({ ...specification, training: { ...specification.training, recomputeBlocks } }, fold)
    ),
  );
  assert.equal(numbersOf({ ...again, cost: kept.cost }), numbersOf(kept));
  assert.ok(again.cost!.flops! > kept.cost!.flops!);
});
