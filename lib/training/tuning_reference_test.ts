/** Fine-tuning against PyTorch's: `_reference/tuning.py`. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { createModel } from "../models/create.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { penaltiesWith, validateOptimizer } from "../optimizers/optimizer.ts";
import { startingWeights } from "../optimizers/starting_weights.ts";
import { effectsByStep, validatePenalty } from "../penalties/targets.ts";
import { checkOptions } from "../core/options.ts";
import reference from "./_reference/tuning.json" with { type: "json" };
import {
  type Course,
  setStart,
  testReferenceRuns,
  type Weights,
} from "./testing/reference_runs.ts";
import { trainingStep } from "./train.ts";
import { createTuning, withAdapters } from "./tuning.ts";
import { tuningOptions } from "./tuning_options.ts";

interface Run extends Course {
  readonly name: string;
  readonly optimizer: object;
  readonly training: object;
  readonly penalties: readonly object[];
  readonly frozenNames: readonly string[];
}

const { time, batch, keptSteps } = reference;
const batches = reference.batches.map(({ inputs, targets }) => ({
  inputs: Int32Array.from(inputs),
  targets: Int32Array.from(targets),
  ...{ time, batch, tokens: targets.length },
}));

function train(run: Run): Course {
  const context = { vocabularySize: reference.vocabulary, seed: 1, fold: "reference" };
  const model = createModel(rnnLanguageModel(reference.sizes), context);
  setStart(model.parameters, reference.start);
  const options = checkOptions("training", run.training, tuningOptions, ".");
  const tuning = createTuning(options, model, { seed: 1, purpose: "reference" });
  const { parameters } = tuning.trained;
  const drawn: Weights = reference.adapters;
  for (const { description: { name, shape }, variable } of tuning.adapters) {
    const kernel = name.replace(/\/adapter[AB]$/, "");
    if (name.endsWith("B")) assert.ok(variable.dataSync().every((value) => value === 0));
    else tf.tidy(() => variable.assign(tf.tensor([...drawn[kernel]], [...shape])));
  }
  const specification = validateOptimizer(run.optimizer);
  const penalties = penaltiesWith(specification, run.penalties.map(validatePenalty));
  const optimizer = tuning.follow(createOptimizer(
    ...[specification, parameters] as const,
    effectsByStep(penalties, parameters.map(({ description }) => description)),
    ...[null, undefined, startingWeights(penalties, parameters)] as const,
  ));
  const { learningRate } = specification;
  const losses: number[] = [];
  const weights: Weights[] = [];
  const tensors = tf.memory().numTensors;
  for (let step = 1; step <= run.losses.length; step++) {
    const { batchLoss } = trainingStep(tuning.trained, optimizer, batches[(step - 1) % 3], {
      ...{ learningRate, dropout: null, differentiated: tuning.differentiated },
      gradientOf: tuning.gradientOf((gradient) => gradient()),
    });
    losses.push(batchLoss);
    if (!keptSteps.includes(step)) continue;
    weights.push(Object.fromEntries(
      withAdapters(model, tuning).parameters.map((
        { description: { name }, variable },
      ) => [name, [...variable.dataSync()]]),
    ));
  }
  assert.equal(tf.memory().numTensors, tensors, "tensors left by the steps");
  // A frozen parameter has no state, and every bit of its start.
  const remembered = Object.keys(optimizer.state().values);
  for (const name of run.frozenNames) {
    assert.deepEqual(weights.at(-1)![name], (reference.start as Weights)[name].map(Math.fround));
    assert.ok(!remembered.some((slot) => slot.startsWith(`${name}/`)), name);
  }
  optimizer.dispose();
  tuning.dispose();
  model.dispose();
  return { losses, weights };
}

await testReferenceRuns(
  reference.runs as unknown as Run[],
  keptSteps,
  ({ name }) => `20 steps with ${name} are PyTorch's to 1e-5 of the largest value`,
  train,
);
