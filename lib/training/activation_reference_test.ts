import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import type { LanguageModel } from "../models/model.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { type LossTerms, noTerms } from "../penalties/loss_terms.ts";
import reference from "./_reference/activation_penalties.json" with { type: "json" };

const { time, batch, vocabulary: vocabularySize } = reference;
const given = {
  inputs: Int32Array.from(reference.inputs),
  targets: Int32Array.from(reference.targets),
  time,
  batch,
  tokens: time * batch,
};
const context = { vocabularySize, seed: 1, fold: "test" };
const requireAll = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
const native = await useEngine("native");

for (const engine of ["cpu", "wasm", "native"] as const) {
  const missing = engine === "native" && native.name !== "native";
  Deno.test({
    name:
      `activation penalties on ${engine} give PyTorch's loss and gradients to 1e-5 of the largest`,
    ignore: missing && !requireAll,
    async fn() {
      assert.ok(!missing, native.reason ?? "");
      await useEngine(engine);
      const model = createModel(
        rnnLanguageModel({ embeddingSize: reference.embedding, hiddenSize: reference.hidden }),
        context,
      );
      for (const { description: { name, shape }, variable } of model.parameters) {
        const values = reference.weights[name as keyof typeof reference.weights];
        tf.tidy(() => variable.assign(tf.tensor(values, [...shape])));
      }
      const variables = model.parameters.map(({ variable }) => variable);
      for (const { terms, loss, gradients } of reference.cases) {
        const { sum = 0, mean = 0, ar = 0, tar = 0, smoothing = 0 } = terms;
        const own: LossTerms = {
          ...noTerms,
          logitsL1Sum: sum,
          logitsL1Mean: mean,
          outputSquares: ar,
          outputDifferences: tar,
          labelSmoothing: smoothing,
        };
        const { value, grads } = tf.variableGrads(() => model.loss(given, null, own), variables);
        const what = JSON.stringify(terms);
        assert.ok(Math.abs(value.dataSync()[0] - loss) <= 1e-5 * loss, `${what}: loss`);
        for (const { description: { name }, variable } of model.parameters) {
          const expected = gradients[name as keyof typeof gradients];
          const found = grads[variable.name].dataSync();
          const largest = Math.max(...expected.map(Math.abs));
          expected.forEach((value, at) =>
            assert.ok(Math.abs(found[at] - value) <= 1e-5 * largest, `${what}: ${name}[${at}]`)
          );
        }
        tf.dispose([value, grads]);
      }
      model.dispose();
    },
  });
}

/** What a term adds to the loss of a batch. */
function added(model: LanguageModel, terms: Partial<LossTerms>, dropout: boolean): number {
  const loss = (terms: LossTerms | null) =>
    tf.tidy(() =>
      model.loss(given, dropout ? randomStream(1, "masks") : null, terms).dataSync()[0]
    );
  return loss({ ...noTerms, ...terms }) - loss(null);
}

Deno.test("AR reads the outputs that dropout left, TAR those before it", async () => {
  await useEngine("wasm");
  const sizes = { embeddingSize: 8, hiddenSize: 64, outputDropout: 0.5 };
  for (
    const specification of [
      rnnLanguageModel(sizes),
      gruLanguageModel(sizes),
      lstmLanguageModel(sizes),
    ]
  ) {
    const model = createModel(specification, context);
    const tar = { outputDifferences: 1e5 };
    const difference = added(model, tar, true) / added(model, tar, false);
    assert.ok(Math.abs(difference - 1) < 1e-3, `${specification.kind}: ${difference}`);
    // What is left is doubled: half of the squares, four times as large.
    const ar = { outputSquares: 1e5 };
    const ratio = added(model, ar, true) / added(model, ar, false);
    assert.ok(ratio > 1.6 && ratio < 2.4, `${specification.kind}: ${ratio}`);
    model.dispose();
  }
});

Deno.test("a Transformer's AR and TAR compare positions of one window, as a sum by hand does", async () => {
  await useEngine("wasm");
  const model = createModel(
    transformerLanguageModel({
      embeddingSize: 4,
      layers: 1,
      heads: 2,
      blockSize: time,
      tiedWeights: false,
    }),
    context,
  );
  // An output kernel of the identity shows the outputs as logits.
  const kernel = model.parameters.find(({ description: { name } }) => name === "output/kernel");
  assert.ok(kernel);
  const identity = tf.tidy(() => tf.eye(4, vocabularySize) as tf.Tensor2D);
  kernel.variable.assign(identity);
  const logits = model.logits(given);
  const rows = logits.arraySync().map((row) => row.slice(0, 4));
  tf.dispose([identity, logits]);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = mean(rows.flat().map((value) => value ** 2));
  const differences = mean(
    rows.slice(batch).flatMap((row, at) => row.map((value, i) => (value - rows[at][i]) ** 2)),
  );
  const close = (found: number, expected: number) =>
    assert.ok(Math.abs(found - expected) < 1e-3 * expected, `${found}, ${expected}`);
  close(added(model, { outputSquares: 100 }, false) / 100, squares);
  close(added(model, { outputDifferences: 100 }, false) / 100, differences);
  model.dispose();
});
