/** Training with other losses than the cross-entropy against PyTorch's: `_reference/losses.py`. */
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { createModel } from "../models/create.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import { validatePenalty } from "../penalties/targets.ts";
import reference from "./_reference/losses.json" with { type: "json" };
import { type Course, setStart, testReferenceRuns, trainBySgd } from "./testing/reference_runs.ts";

interface Run extends Course {
  readonly name: string;
  readonly dropout: object;
  readonly penalties: readonly object[];
  readonly sharpnessRadius?: number;
}

const { time, batch, rate: learningRate, keptSteps } = reference;
const batches = reference.batches.map(({ inputs, targets, mask }) => ({
  inputs: Int32Array.from(inputs),
  targets: Int32Array.from(targets),
  mask: Float32Array.from(mask),
  ...{ time, batch, tokens: mask.reduce((sum, counts) => sum + counts, 0) },
}));

/** Losses of the steps, and weights after those that are kept. */
function train(run: Run): Course {
  const model = createModel(rnnLanguageModel({ ...reference.sizes, ...run.dropout }), {
    vocabularySize: reference.vocabulary,
    seed: 1,
    fold: "reference",
  });
  setStart(model.parameters, reference.start);
  const penalties = run.penalties.map((penalty) => validatePenalty(penalty));
  const dropout = randomStream(1, "fold 0", "dropout");
  assert.equal(run.losses.length, 50);
  return trainBySgd(
    model,
    { learningRate, steps: run.losses.length, keptSteps },
    (step) => batches[(step - 1) % batches.length],
    (step) => ({
      ...{ dropout, terms: lossTermsOf(penalties, step) },
      sharpnessRadius: run.sharpnessRadius,
    }),
  );
}

await testReferenceRuns(
  reference.runs as unknown as Run[],
  keptSteps,
  ({ name }) => `50 steps with ${name} are PyTorch's to 1e-5 of the largest value`,
  train,
);
