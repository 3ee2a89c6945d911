import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { effectsOf } from "../penalties/targets.ts";
import { descriptions, doSteps, makeParameters } from "./_test_steps.ts";
import { asgd } from "./asgd.ts";
import { createOptimizer } from "./create.ts";

Deno.test("asgd averages from its step on, measures the mean and trains on from the last weights", async () => {
  const description = { name: "a/kernel", kind: "kernel", layer: "a", shape: [1] } as const;
  for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
    await useEngine(engine);
    const variable = tf.variable(tf.tensor1d([0]));
    const weight = () => variable.dataSync()[0];
    const optimizer = createOptimizer(
      asgd({ learningRate: 1, averageFromStep: 2 }),
      [{ description, variable }],
      effectsOf([], [description]),
      null,
    );
    const measured = () => optimizer.withEvaluationWeights(weight);
    const seen = [-1, -2, -3, 4].map((gradient) => {
      optimizer.step([tf.tensor1d([gradient])], 1);
      return [weight(), measured(), weight()];
    });
    assert.deepEqual(seen, [[1, 1, 1], [3, 3, 3], [6, 4.5, 6], [2, Math.fround(11 / 3), 2]]);
    assert.throws(() =>
      optimizer.withEvaluationWeights(() => {
        throw new Error("in between");
      }), /in between/);
    assert.equal(weight(), 2);
    optimizer.keepEvaluationWeights();
    assert.equal(weight(), Math.fround(11 / 3));
  }
});

Deno.test("asgd begins to average after the first loss above the lowest of all but the last n before it", async () => {
  await useEngine("cpu");
  const parameters = makeParameters();
  const create = () =>
    createOptimizer(
      asgd({ learningRate: 1, nonMonotoneInterval: 2 }),
      parameters,
      effectsOf([], descriptions),
      null,
    );
  const begin = (losses: number[]) => {
    let optimizer = create();
    losses.forEach((loss, index) => {
      doSteps(optimizer, 0.1, index + 1, index + 1);
      optimizer.observe(loss);
      // A state in between changes nothing.
      const state = JSON.parse(JSON.stringify(optimizer.state().averaging));
      const { steps, values } = optimizer.state();
      optimizer.dispose();
      optimizer = create();
      optimizer.restore({ steps, values, averaging: state });
    });
    return optimizer.state().averaging?.fromStep ?? null;
  };
  assert.equal(begin([5, 4, 3, 2, 1]), null);
  assert.equal(begin([5, 6, 7]), null, "the last two do not count, and there are no others");
  assert.equal(begin([5, 6, 7, 5.5]), 5, "5.5 is above 5, the lowest but for the last two");
  assert.equal(begin([5, 6, 7, 5]), null, "5 is not above 5");
  assert.equal(begin([5, 3, 4, 4.5, 3.5]), 6, "4.5 is below 5, and 3.5 above 3");
  assert.equal(begin([5, 3, 4, 4.5, 2, 2.5, 2.1]), null);
});
