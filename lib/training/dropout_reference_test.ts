/** Training under dropout against PyTorch's with the same masks: `_reference/dropouts.py`. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { validateModel } from "../models/kinds.ts";
import { scaleRates } from "../ops/dropout_stream.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { sgd } from "../optimizers/sgd.ts";
import { effectsByStep } from "../penalties/targets.ts";
import reference from "./_reference/dropouts.json" with { type: "json" };
import { withMaskedInputs } from "./masked_inputs.ts";
import { trainingStep } from "./train.ts";
import { validateTextTraining } from "./training_options.ts";
import { dropoutsOf } from "./weight_dropout.ts";

type Weights = Readonly<Record<string, readonly number[]>>;
type Run = {
  readonly name: string;
  readonly model: object;
  readonly training: object;
  readonly start: Weights;
  readonly losses: readonly number[];
  readonly weights: readonly Weights[];
};

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
function train({ model: json, training, start }: Run): Pick<Run, "losses" | "weights"> {
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
  for (const { description: { name, shape }, variable } of parameters) {
    tf.tidy(() => variable.assign(tf.tensor([...start[name]], [...shape])));
  }
  const descriptions = parameters.map(({ description }) => description);
  const optimizer = createOptimizer(
    sgd({ learningRate }),
    parameters,
    effectsByStep([], descriptions),
    null,
  );
  const { dropout, dropoutFactor, gradientOf } = dropoutsOf(
    { weightDropout, dropoutSchedule },
    parameters,
    randomStream(1, "fold 0", "dropout"),
  );
  const losses: number[] = [];
  const weights: Weights[] = [];
  for (let step = 1; step <= steps; step++) {
    const done = trainingStep(model, optimizer, batchOf(step), {
      ...{ learningRate, gradientOf },
      dropout: scaleRates(dropout, dropoutFactor(step)),
    });
    losses.push(done.batchLoss);
    if (!keptSteps.includes(step)) continue;
    weights.push(Object.fromEntries(
      parameters.map(({ description: { name }, variable }) => [name, [...variable.dataSync()]]),
    ));
  }
  optimizer.dispose();
  model.dispose();
  return { losses, weights };
}

function assertClose(found: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(found.length, expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, at) =>
    assert.ok(
      Math.abs(found[at] - value) <= 1e-5 * largest,
      `${what}[${at}]: ${found[at]}, not ${value}`,
    )
  );
}

const requireAll = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
const native = await useEngine("native");

for (const engine of ["cpu", "wasm", "native"] as const) {
  const missing = engine === "native" && native.name !== "native";
  for (const run of reference.runs as unknown as Run[]) {
    Deno.test({
      name: `${steps} steps under ${run.name} are PyTorch's with the same masks, on ${engine}`,
      ignore: missing && !requireAll,
      async fn() {
        assert.ok(!missing, native.reason ?? "");
        await useEngine(engine);
        const { losses, weights } = train(run);
        assertClose(losses, run.losses, "losses");
        run.weights.forEach((expected, at) => {
          for (const [name, values] of Object.entries(expected)) {
            assertClose(weights[at][name], values, `${name} after step ${keptSteps[at]}`);
          }
        });
      },
    });
  }
}
