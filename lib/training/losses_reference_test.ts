/** Training with other losses than the cross-entropy against PyTorch's: `_reference/losses.py`. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { sgd } from "../optimizers/sgd.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import { effectsByStep, validatePenalty } from "../penalties/targets.ts";
import reference from "./_reference/losses.json" with { type: "json" };
import { trainingStep } from "./train.ts";

type Weights = Readonly<Record<string, readonly number[]>>;
interface Run {
  readonly name: string;
  readonly dropout: object;
  readonly penalties: readonly object[];
  readonly sharpnessRadius?: number;
  readonly losses: readonly number[];
  readonly weights: readonly Weights[];
}

const { time, batch, rate: learningRate, keptSteps } = reference;
const batches = reference.batches.map(({ inputs, targets, mask }) => ({
  inputs: Int32Array.from(inputs),
  targets: Int32Array.from(targets),
  mask: Float32Array.from(mask),
  ...{ time, batch, tokens: mask.reduce((sum, counts) => sum + counts, 0) },
}));

/** Losses of the steps, and weights after those that are kept. */
function train(run: Run): Pick<Run, "losses" | "weights"> {
  const model = createModel(rnnLanguageModel({ ...reference.sizes, ...run.dropout }), {
    vocabularySize: reference.vocabulary,
    seed: 1,
    fold: "reference",
  });
  const { parameters } = model;
  const start: Weights = reference.start;
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
  const penalties = run.penalties.map((penalty) => validatePenalty(penalty));
  const dropout = randomStream(1, "fold 0", "dropout");
  const losses: number[] = [];
  const weights: Weights[] = [];
  for (let step = 1; step <= run.losses.length; step++) {
    const done = trainingStep(model, optimizer, batches[(step - 1) % batches.length], {
      ...{ learningRate, dropout, terms: lossTermsOf(penalties, step) },
      sharpnessRadius: run.sharpnessRadius,
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
      name: `50 steps with ${run.name} are PyTorch's to 1e-5 of the largest value, on ${engine}`,
      ignore: missing && !requireAll,
      async fn() {
        assert.ok(!missing, native.reason ?? "");
        await useEngine(engine);
        const { losses, weights } = train(run);
        assert.equal(losses.length, 50);
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
