/**
 * Trainings whose losses and weights a script in `_reference/` has computed in double precision.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Batch } from "../../data/batches.ts";
import { useEngine } from "../../engine/engine.ts";
import type { Model, ModelParameter } from "../../models/model.ts";
import { createOptimizer } from "../../optimizers/create.ts";
import { sgd } from "../../optimizers/sgd.ts";
import { effectsByStep } from "../../penalties/targets.ts";
import { trainingStep } from "../train.ts";

/** Weights by parameter. */
export type Weights = Readonly<Record<string, readonly number[]>>;

/** What a training comes to. */
export interface Course {
  /** Loss of each step's batch. */
  readonly losses: readonly number[];
  /** Weights after each of the steps that are kept. */
  readonly weights: readonly Weights[];
}

/** Puts a reference's weights in a model's parameters. */
export function setStart(parameters: readonly ModelParameter[], start: Weights): void {
  for (const { description: { name, shape }, variable } of parameters) {
    tf.tidy(() => variable.assign(tf.tensor([...start[name]], [...shape])));
  }
}

/**
 * Trains a model by plain SGD, and frees it.
 *
 * @param batchOf Batch of a step, from 1.
 * @param optionsOf What else a step takes.
 */
export function trainBySgd(
  model: Model,
  { learningRate, steps, keptSteps }: {
    readonly learningRate: number;
    readonly steps: number;
    readonly keptSteps: readonly number[];
  },
  batchOf: (step: number) => Batch,
  optionsOf: (step: number) => Omit<Parameters<typeof trainingStep>[3], "learningRate">,
): Course {
  const { parameters } = model;
  const optimizer = createOptimizer(
    sgd({ learningRate }),
    parameters,
    effectsByStep([], parameters.map(({ description }) => description)),
    null,
  );
  const losses: number[] = [];
  const weights: Weights[] = [];
  for (let step = 1; step <= steps; step++) {
    const options = { learningRate, ...optionsOf(step) };
    losses.push(trainingStep(model, optimizer, batchOf(step), options).batchLoss);
    if (!keptSteps.includes(step)) continue;
    weights.push(Object.fromEntries(
      parameters.map(({ description: { name }, variable }) => [name, [...variable.dataSync()]]),
    ));
  }
  optimizer.dispose();
  model.dispose();
  return { losses, weights };
}

const requireAll = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";

/**
 * Tests each run on cpu, wasm and native: within 1e-5 of the largest value of the reference.
 *
 * @param nameOf Title of the test of a run, without the engine.
 * @param train Trains as the run says.
 */
export async function testReferenceRuns<Run extends Course>(
  runs: readonly Run[],
  keptSteps: readonly number[],
  nameOf: (run: Run) => string,
  train: (run: Run) => Course,
): Promise<void> {
  const native = await useEngine("native");
  for (const engine of ["cpu", "wasm", "native"] as const) {
    const missing = engine === "native" && native.name !== "native";
    for (const run of runs) {
      Deno.test({
        name: `${nameOf(run)}, on ${engine}`,
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
