/** Training under dropout against PyTorch's with the same masks: `_reference/dropouts.py`. */
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { createModel } from "../models/create.ts";
import { validateModel } from "../models/kinds.ts";
import { scaleRates } from "../ops/dropout_stream.ts";
import reference from "./_reference/dropouts.json" with { type: "json" };
import { withMaskedInputs } from "./masked_inputs.ts";
import {
  type Course,
  setStart,
  testReferenceRuns,
  trainBySgd,
  type Weights,
} from "./testing/reference_runs.ts";
import { validateTextTraining } from "./training_options.ts";
import { dropoutsOf } from "./weight_dropout.ts";

interface Run extends Course {
  readonly name: string;
  readonly model: object;
  readonly training: object;
  readonly start: Weights;
}

const { time, batch, rate: learningRate, steps, keptSteps } = reference;

function batchOf(step: number): Batch {
  const text = reference.batches[(step - 1) % reference.batches.length];
  const tokens = time * batch;
  return {
    inputs: Int32Array.from(text.slice(0, tokens)),
    targets: Int32Array.from(text.slice(batch)),
    ...{ time, batch, tokens },
  };
}

/** Losses of the steps, and weights after those that are kept. */
function train({ model: json, training, start }: Run): Course {
  const { weightDropout, dropoutSchedule, maskedInputs } = validateTextTraining({
    ...{ steps, batchSize: batch, windowLength: time },
    ...training,
  });
  const context = { vocabularySize: reference.vocabulary, seed: 1, fold: 0 };
  const model = withMaskedInputs(createModel(validateModel(json), context), maskedInputs, {
    unknownId: 0,
  });
  const { parameters } = model;
  assert.deepEqual(
    parameters.map(({ description: { name } }) => name).sort(),
    Object.keys(start).sort(),
  );
  setStart(parameters, start);
  const { dropout, dropoutFactor, gradientOf } = dropoutsOf(
    { weightDropout, dropoutSchedule },
    parameters,
    randomStream(1, "fold 0", "dropout"),
  );
  return trainBySgd(
    model,
    { learningRate, steps, keptSteps },
    batchOf,
    (step) => ({ gradientOf, dropout: scaleRates(dropout, dropoutFactor(step)) }),
  );
}

await testReferenceRuns(
  reference.runs as unknown as Run[],
  keptSteps,
  ({ name }) => `${steps} steps under ${name} are PyTorch's with the same masks`,
  train,
);
