import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import type { LanguageModel } from "../models/model.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { sgd } from "../optimizers/sgd.ts";
import { noEffect } from "../penalties/penalty.ts";
import reference from "./_reference/distillation.json" with { type: "json" };
import { teacherProbabilities } from "./teacher.ts";
import { trainingStep } from "./train.ts";

const { time, batch, vocabulary: vocabularySize } = reference;
const batches = reference.batches.map(({ inputs, targets, mask }) => ({
  inputs: Int32Array.from(inputs),
  targets: Int32Array.from(targets),
  mask: Float32Array.from(mask),
  time,
  batch,
  tokens: mask.reduce((sum, counts) => sum + counts, 0),
}));

interface StoredModel {
  readonly embedding: number;
  readonly hidden: number;
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

function modelOf({ embedding, hidden, weights }: StoredModel): LanguageModel {
  const model = createModel(
    rnnLanguageModel({ embeddingSize: embedding, hiddenSize: hidden }),
    { vocabularySize, seed: 1, fold: "test" },
  );
  for (const { description: { name, shape }, variable } of model.parameters) {
    tf.tidy(() => variable.assign(tf.tensor([...weights[name]], [...shape])));
  }
  return model;
}

function assertClose(
  found: ArrayLike<number>,
  expected: readonly number[],
  what: string,
): void {
  assert.equal(found.length, expected.length, what);
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, at) =>
    assert.ok(
      Math.abs(found[at] - value) <= 1e-5 * largest,
      `${what}[${at}]: ${found[at]}, expected ${value}`,
    )
  );
}

function fiftySteps(): void {
  for (const given of reference.cases) {
    const { share, temperature } = given;
    const mean = given.mean as "probabilities" | "logits";
    const model = modelOf(reference.student);
    const teachers = reference.teachers.slice(0, given.teachers).map(modelOf);
    const taught = (at: number) => ({
      ...batches[at],
      softTargets: {
        probabilities: teacherProbabilities(teachers, batches[at], { temperature, mean }),
        share,
        temperature,
      },
    });
    const variables = model.parameters.map(({ variable }) => variable);
    const { value, grads } = tf.variableGrads(() => model.loss(taught(0), null), variables);
    for (const { description: { name }, variable } of model.parameters) {
      const expected = given.gradients[name as keyof typeof given.gradients];
      assertClose(grads[variable.name].dataSync(), expected, `gradient of ${name}`);
    }
    tf.dispose([value, grads]);
    const optimizer = createOptimizer(
      sgd({ learningRate: reference.rate }),
      model.parameters,
      model.parameters.map(() => noEffect),
      null,
    );
    const losses: number[] = [];
    for (let step = 1; step <= given.losses.length; step++) {
      const options = { learningRate: reference.rate, dropout: null };
      const batch = taught((step - 1) % batches.length);
      losses.push(trainingStep(model, optimizer, batch, options).batchLoss);
      const stored = reference.checkpoints.indexOf(step);
      if (stored === -1) continue;
      const weights = given.weights[stored];
      for (const { description: { name }, variable } of model.parameters) {
        const expected = weights[name as keyof typeof weights];
        assertClose(variable.dataSync(), expected, `${name} after ${step} steps`);
      }
    }
    assertClose(losses, given.losses, "losses");
    optimizer.dispose();
    [model, ...teachers].forEach((each) => each.dispose());
  }
}

const requireAll = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
const native = await useEngine("native");

for (const engine of ["cpu", "wasm", "native"] as const) {
  const missing = engine === "native" && native.name !== "native";
  Deno.test({
    name: `50 steps with fixed teachers on ${engine} are PyTorch's to 1e-5 of the largest`,
    ignore: missing && !requireAll,
    async fn() {
      assert.ok(!missing, native.reason ?? "");
      await useEngine(engine);
      fiftySteps();
    },
  });
}
