import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "./create.ts";
import { llamaLanguageModel } from "./llama_language_model.ts";
import { batchOf, build } from "./testing/small_models.ts";
import { transformerLanguageModel } from "./transformer_language_model.ts";

const attentive = { embeddingSize: 16, layers: 2, heads: 2, blockSize: 8 };
const kinds = { llamaLanguageModel, transformerLanguageModel };

for (const [kind, specify] of Object.entries(kinds)) {
  Deno.test(`${kind} with attention dropout and stochastic depth, or without, has the same other masks`, async () => {
    await useEngine("wasm");
    const after = (options: object) => {
      const model = build(specify({ ...attentive, ...options }));
      const stream = randomStream(1, "dropout");
      tf.tidy(() => model.loss(batchOf(8, 4), stream));
      model.dispose();
      return stream.state();
    };
    const ours = { attentionDropout: 0.2, stochasticDepth: 0.3 };
    for (const others of [{ residualDropout: 0.2 }, { inputDropout: 0.1, residualDropout: 0.2 }]) {
      assert.deepEqual(after({ ...others, ...ours }), after(others));
    }
  });

  Deno.test(`${kind} under every dropout has the gradient of finite differences`, async () => {
    await useEngine("wasm");
    const every = { inputDropout: 0.2, residualDropout: 0.2, attentionDropout: 0.3 };
    const model = build(specify({ ...attentive, ...every, stochasticDepth: 0.5 }));
    const batch = batchOf(8, 4);
    const loss = () => model.loss(batch, randomStream(1, "dropout"));
    const variables = model.parameters.map(({ variable }) => variable);
    const { grads } = tf.variableGrads(loss, variables);
    const lossAt = (variable: tf.Variable, change: tf.Tensor, share: number) =>
      tf.tidy(() => {
        const before = tf.clone(variable);
        variable.assign(tf.add(variable, tf.mul(change, share)));
        const value = loss().dataSync()[0];
        variable.assign(before);
        return value;
      });
    for (const { variable, description: { name } } of model.parameters) {
      const gradient = grads[variable.name];
      const norm = Math.sqrt(
        (gradient.dataSync() as Float32Array).reduce((sum, g) => sum + g * g, 0),
      );
      // Along the gradient the slope is its norm. A change of 0.02 is far above single precision's noise.
      const along = tf.tidy(() => tf.div(gradient, norm));
      const slope = (lossAt(variable, along, 1e-2) - lossAt(variable, along, -1e-2)) / 2e-2;
      assert.ok(Math.abs(slope - norm) < 0.02 * norm + 1e-4, `${name}: ${slope}, not ${norm}`);
      along.dispose();
    }
    tf.dispose(grads);
    model.dispose();
  });

  Deno.test(`${kind} forgets what is more than blockSize tokens ago`, async () => {
    await useEngine("wasm");
    const model = build(specify({ ...attentive, blockSize: 4 }));
    const logitsAfter = (tokens: readonly number[]) => {
      const decoder = model.decoder(1);
      let logits = new Float32Array();
      for (const token of tokens) logits = decoder.next(Int32Array.of(token)) as typeof logits;
      decoder.dispose();
      return logits;
    };
    assert.deepEqual(logitsAfter([9, 8, 7, 1, 2, 3, 4]), logitsAfter([1, 2, 3, 4]));
    assert.notDeepEqual(logitsAfter([7, 1, 2, 3]), logitsAfter([1, 2, 3]));
    assert.throws(
      () => model.loss(batchOf(5, 1), null),
      /at most blockSize 4 tokens long, found 5/,
    );
    model.dispose();
  });
}

Deno.test("transformerLanguageModel draws GPT-2's initial weights", async () => {
  await useEngine("wasm");
  const model = createModel(
    transformerLanguageModel({ embeddingSize: 64, layers: 8, heads: 4, blockSize: 64 }),
    { vocabularySize: 65, seed: 1, fold: 0 },
  );
  const deviations = new Map(model.parameters.map(({ description: { name }, variable }) => {
    const values = variable.dataSync() as Float32Array;
    return [name, Math.sqrt(values.reduce((sum, w) => sum + w * w, 0) / values.length)];
  }));
  // 4,096 draws and more: five standard errors of a standard deviation are at most 5.6 %.
  const near = (name: string, expected: number) =>
    assert.ok(Math.abs(deviations.get(name)! / expected - 1) < 0.056, name);
  for (const name of ["embedding/table", "positions/table", "block0/attention/kernel"]) {
    near(name, 0.02);
  }
  near("block3/attentionOutput/kernel", 0.005);
  near("block7/feedForwardOutput/kernel", 0.005);
  assert.equal(deviations.get("block0/attention/bias"), 0);
  assert.equal(deviations.get("finalNorm/gain"), 1);
  model.dispose();
});
