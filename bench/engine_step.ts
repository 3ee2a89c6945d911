// deno-lint-ignore-file no-console -- a command that prints what it measures
/**
 * Milliseconds of one training step (forward, backward, Adam) of a GRU language model, and of one
 * evaluation (forward only), on an engine:
 *
 *     deno run --allow-env --allow-ffi bench/engine_step.ts --engine wasm --vocabulary 65 \
 *       --embedding 64 --hidden 128 --batch 32 --time 64
 *
 * Prints the median and the quartiles of the steps, and the engine's memory.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { parseArgs } from "node:util";
import { randomStream } from "../lib/core/random.ts";
import { type EngineName, useEngine } from "../lib/engine/engine.ts";
import { arenaBytes } from "../lib/engine/kernels.ts";
import { createGruLanguageModel, gruLanguageModel } from "../lib/models/gru_language_model.ts";
import { adam } from "../lib/optimizers/adam.ts";
import { createOptimizer } from "../lib/optimizers/create.ts";
import { effectsOf } from "../lib/penalties/targets.ts";

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "auto" },
    vocabulary: { type: "string", default: "65" },
    embedding: { type: "string", default: "64" },
    hidden: { type: "string", default: "128" },
    batch: { type: "string", default: "32" },
    time: { type: "string", default: "64" },
    steps: { type: "string", default: "40" },
    "reset-before": { type: "boolean", default: false },
  },
});
const [vocabulary, embeddingSize, hiddenSize, batch, time, steps] = [
  values.vocabulary,
  values.embedding,
  values.hidden,
  values.batch,
  values.time,
  values.steps,
].map(Number);

const engine = await useEngine(values.engine as EngineName | "auto");
const model = createGruLanguageModel(
  gruLanguageModel({ embeddingSize, hiddenSize, resetAfter: !values["reset-before"] }),
  { vocabularySize: vocabulary, seed: 1, fold: 0 },
);
const parameters = [...model.parameters];
const variables = parameters.map(({ variable }) => variable);
const specification = adam({ learningRate: 2e-3 });
const effects = effectsOf([], parameters.map(({ description }) => description));
const optimizer = createOptimizer(specification, parameters, effects, null);
const stream = randomStream(1, "tokens");
const draw = () => Int32Array.from({ length: time * batch }, () => stream.integer(vocabulary));
const batches = Array.from({ length: 4 }, () => ({
  inputs: draw(),
  targets: draw(),
  time,
  batch,
  tokens: time * batch,
}));

function train(index: number): void {
  const { value, grads } = tf.variableGrads(
    () => model.loss(batches[index % batches.length], null),
    variables,
  );
  optimizer.step(variables.map(({ name }) => grads[name]), specification.learningRate);
  value.dataSync();
  tf.dispose([value, grads]);
}

function evaluate(index: number): void {
  tf.tidy(() => model.loss(batches[index % batches.length], null).dataSync());
}

function measure(name: string, run: (index: number) => void): void {
  for (let i = 0; i < Math.max(3, steps / 4); i++) run(i);
  const times = Array.from({ length: steps }, (_, i) => {
    const start = performance.now();
    run(i);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const [low, median, high] = [0.25, 0.5, 0.75].map((q) =>
    times[Math.floor(q * (steps - 1))].toFixed(2)
  );
  console.log(`${name.padEnd(10)} ${median} ms (quartiles ${low} to ${high}, ${steps} runs)`);
}

console.log(
  `engine ${engine.id} (${engine.reason}), vocabulary ${vocabulary}, embedding ${embeddingSize}, ` +
    `hidden ${hiddenSize}, batch ${batch}, time ${time}`,
);
measure("training", train);
measure("evaluation", evaluate);
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const { live, peak } = engine.name === "cpu" ? { live: 0, peak: 0 } : arenaBytes();
console.log(
  `memory     engine ${mebibytes(live)} live, ${mebibytes(peak)} at most; process ` +
    `${mebibytes(Deno.memoryUsage().rss)}; ${tf.memory().numTensors} tensors`,
);
