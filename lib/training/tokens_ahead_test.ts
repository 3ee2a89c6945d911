import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { piecewiseLinearSchedule } from "../core/piecewise_linear_schedule.ts";
import type { Batch } from "../data/batches.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import type { LanguageModel } from "../models/model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import { tokensAhead } from "../penalties/tokens_ahead.ts";
import { validateSpecification } from "./specification.ts";

const [time, batch, vocabularySize] = [4, 2, 5];
// Two sequences side by side: 0 1 2 3 4 and 4 3 2 1 0.
const tokens = Int32Array.of(0, 4, 1, 3, 2, 2, 3, 1, 4, 0);
const window: Batch = {
  inputs: tokens.slice(0, time * batch),
  targets: tokens.slice(batch),
  ...{ time, batch, tokens: time * batch },
};

/** Mean −ln p of the k-th token ahead over positions that have one that counts, from the logits. */
function byHand(model: LanguageModel, k: number, mask?: Float32Array): number {
  const logits = tf.tidy(() => model.logits(window).arraySync());
  let sum = 0, count = 0;
  for (let t = 0; t + k <= time; t++) {
    for (let b = 0; b < batch; b++) {
      const [from, to] = [t * batch + b, (t + k - 1) * batch + b];
      if (mask && !(mask[from] && mask[to])) continue;
      const row = logits[from];
      const total = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
      sum += total - row[window.targets[to]];
      count++;
    }
  }
  return sum / count;
}

const models = [
  gruLanguageModel({ embeddingSize: 3, hiddenSize: 6 }),
  // Its rows are in another order.
  transformerLanguageModel({ embeddingSize: 4, layers: 1, heads: 2, blockSize: time }),
];

Deno.test("the loss of tokens ahead is the sum by hand, padding and ends of windows left out", async () => {
  await useEngine("wasm");
  for (const specification of models) {
    const model = createModel(specification, { vocabularySize, seed: 1, fold: "ahead" });
    // The second sequence ends after two tokens.
    const masks = [undefined, Float32Array.of(1, 1, 1, 1, 1, 0, 1, 0)];
    for (const mask of masks) {
      const loss = (penalties: Parameters<typeof lossTermsOf>[0]) =>
        tf.tidy(() => model.loss({ ...window, mask }, null, lossTermsOf(penalties)).dataSync()[0]);
      const found = loss([tokensAhead({ strength: 2, weights: [0.5, 0, 3] })]) - loss([]);
      const expected = byHand(model, 2, mask) + 6 * byHand(model, 4, mask);
      assert.ok(Math.abs(found - expected) < 1e-5, `${found}, ${expected}`);
      // No position has a fifth token ahead.
      assert.equal(loss([tokensAhead({ strength: 1, weights: [0, 0, 0, 1] })]), loss([]));
    }
    model.dispose();
  }
});

Deno.test("weights of tokens ahead follow the schedule to 0, and then there is no term", () => {
  const penalty = tokensAhead({
    strength: 2,
    weights: [1, 0.5],
    schedule: piecewiseLinearSchedule({ steps: 8, points: [[0, 1], [0.5, 0]] }),
  });
  const weights = [1, 2, 3, 4].map((step) => lossTermsOf([penalty], step)?.tokensAhead);
  assert.deepEqual(weights, [[2, 1], [1.5, 0.75], [1, 0.5], [0.5, 0.25]]);
  assert.equal(lossTermsOf([penalty], 5), null);
  assert.deepEqual(tokensAhead({ strength: 1 }).weights, [1]);
});

Deno.test("tokens ahead that no window has, and lists that are none, are refused", () => {
  const specification = (weights: readonly number[]) =>
    validateSpecification({
      corpus: inlineText("abcdefg"),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 2 }),
      penalties: [tokensAhead({ strength: 1, weights })],
      optimizer: adam({ learningRate: 1e-3 }),
      training: { steps: 1, batchSize: 1, windowLength: 3 },
    });
  assert.equal(specification([1, 1]).penalties.length, 1);
  assert.throws(
    () => specification([1, 1, 1]),
    /tokensAhead: weights must be fewer than windowLength, 3, .* found 3/,
  );
  for (const weights of [[], 1, new Array(65).fill(0)]) {
    assert.throws(
      () => specification(weights as never),
      /weights must be a list of 1 to 64 numbers/,
    );
  }
  for (const weights of [[-1], [NaN], ["1"]]) {
    assert.throws(() => specification(weights as never), /weights\[0\] must be /);
  }
});
