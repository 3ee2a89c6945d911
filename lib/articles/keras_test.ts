import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import { validateSpecification } from "../training/specification.ts";
import { articleOne } from "./article_one.ts";
import reference from "./_reference/article_one.json" with { type: "json" };

const { time, batch, vocabulary, embedding, hidden } = reference.sizes;
const given = {
  inputs: Int32Array.from(reference.inputs),
  targets: Int32Array.from(reference.targets),
  time,
  batch,
  tokens: time * batch,
};

for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
  Deno.test(`articleOne.asWritten has the loss, the term and the gradients of Keras ${reference.versions.keras}, on ${engine}`, async () => {
    await useEngine(engine);
    const { model: specification, penalties } = validateSpecification(articleOne.asWritten({
      corpus: inlineText("any"),
      trainingTokens: 3,
      embeddingSize: embedding,
      hiddenSize: hidden,
    }));
    assert.ok(specification.kind === "gruLanguageModel");
    const model = createModel(specification, { vocabularySize: vocabulary, seed: 1, fold: "test" });
    for (const { description: { name, shape }, variable } of model.parameters) {
      const values = reference.weights[name as keyof typeof reference.weights];
      tf.tidy(() => variable.assign(tf.tensor(values, [...shape])));
    }
    const lossWith = (terms: ReturnType<typeof lossTermsOf>) =>
      tf.tidy(() => model.loss(given, null, terms).dataSync()[0]);
    const terms = lossTermsOf(penalties);
    const close = (found: number, expected: number, largest: number, what: string) =>
      assert.ok(Math.abs(found - expected) <= 1e-5 * largest, `${what}: ${found}, ${expected}`);
    const total = reference.crossEntropy + reference.term;
    close(lossWith(null), reference.crossEntropy, total, "cross-entropy");
    close(lossWith(terms), total, total, "with the term");
    const variables = model.parameters.map(({ variable }) => variable);
    const { value, grads } = tf.variableGrads(() => model.loss(given, null, terms), variables);
    for (const { description: { name }, variable } of model.parameters) {
      const expected = reference.gradients[name as keyof typeof reference.gradients];
      const largest = Math.max(...expected.map(Math.abs));
      const found = grads[variable.name].dataSync();
      expected.forEach((one, at) => close(found[at], one, largest, `${name}[${at}]`));
    }
    tf.dispose([value, grads]);
    model.dispose();
  });
}
