import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type RandomStream, randomStream } from "../../core/random.ts";
import type { Batch } from "../../data/batches.ts";
import { createModel } from "../create.ts";
import type { ModelSpecification } from "../kinds.ts";
import type { LanguageModel } from "../model.ts";

/** Tokens of the models that {@link build} makes. */
export const vocabularySize = 11;

/** Random tokens. */
export function batchOf(time: number, batch: number, mask?: Float32Array): Batch {
  const stream = randomStream(1, "tokens", time, batch);
  const text = Int32Array.from(
    { length: (time + 1) * batch },
    () => stream.integer(vocabularySize),
  );
  return {
    inputs: text.slice(0, time * batch),
    targets: text.slice(batch),
    time,
    batch,
    tokens: time * batch,
    ...mask && { mask },
  };
}

/** A model with weights of a seed. */
export function build(specification: ModelSpecification, seed = 1): LanguageModel {
  return createModel(specification, { vocabularySize, seed, fold: 0 });
}

/** One step of an optimizer: the loss before it. Every parameter has a gradient. */
export function step(
  model: LanguageModel,
  optimizer: tf.Optimizer,
  batch: Batch,
  stream: RandomStream | null = null,
): number {
  const variables = model.parameters.map(({ variable }) => variable);
  const { value, grads } = tf.variableGrads(() => model.loss(batch, stream), variables);
  assert.deepEqual(Object.keys(grads).sort(), variables.map(({ name }) => name).sort());
  optimizer.applyGradients(grads);
  const loss = value.dataSync()[0];
  tf.dispose([value, grads]);
  return loss;
}
