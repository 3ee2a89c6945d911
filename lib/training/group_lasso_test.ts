import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { cosineSchedule } from "../core/schedule.ts";
import { useEngine } from "../engine/engine.ts";
import { adam } from "../optimizers/adam.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { learningRateOf, type OptimizerSpecification } from "../optimizers/optimizer.ts";
import { rmsprop } from "../optimizers/rmsprop.ts";
import { sgd } from "../optimizers/sgd.ts";
import { groupLasso } from "../penalties/group_lasso.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { proximalGroupLasso } from "../penalties/proximal_group_lasso.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { effectsOf } from "../penalties/targets.ts";
import reference from "./_reference/linear_regression.json" with { type: "json" };

const { rows, columns, features, labels, groupStrengths } = reference;

/** Ten weights as five rows of two: the groups of the reference. */
const description: ParameterDescription = {
  name: "output/kernel",
  kind: "kernel",
  layer: "output",
  shape: [5, 2],
};

/** Of ½ mean (y − Xw)². */
function leastSquaresGradient(weights: ArrayLike<number>): Float32Array {
  const gradient = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    let residual = -labels[row];
    for (let i = 0; i < columns; i++) residual += features[row * columns + i] * weights[i];
    for (let i = 0; i < columns; i++) {
      gradient[i] += residual * features[row * columns + i] / rows;
    }
  }
  return Float32Array.from(gradient);
}

function solve(
  specification: OptimizerSpecification,
  penalty: PenaltySpecification,
  steps: number,
): number[] {
  const variable = tf.tidy(() => tf.variable(tf.fill([5, 2], 0.5)));
  const effects = effectsOf([penalty], [description]);
  const optimizer = createOptimizer(specification, [{ description, variable }], effects, null);
  for (let step = 1; step <= steps; step++) {
    const gradient = tf.tensor2d(leastSquaresGradient(variable.dataSync()), [5, 2]);
    optimizer.step([gradient], learningRateOf(specification, step));
    gradient.dispose();
  }
  const weights = [...variable.dataSync()];
  optimizer.dispose();
  variable.dispose();
  return weights;
}

const steps = 2500;
const schedule = cosineSchedule({ steps, finalShare: 0.01 });
const solvers: Record<string, OptimizerSpecification> = {
  "sgd": sgd({ learningRate: 0.4 }),
  "sgd with momentum": sgd({ learningRate: 0.05, momentum: 0.8, schedule }),
  "adam": adam({ learningRate: 0.02, schedule }),
  "rmsprop": rmsprop({ learningRate: 0.01, schedule }),
  "rmsprop in Keras's form with momentum": rmsprop({
    learningRate: 0.01,
    form: "keras",
    momentum: 0.5,
    // Large, so that the small gradients of small weights do not take large steps; and no schedule,
    // because the momentum would hold steps of an earlier, larger rate.
    epsilon: 0.01,
  }),
};

for (const [name, specification] of Object.entries(solvers)) {
  Deno.test(`proximalGroupLasso under ${name} reaches the solution of an independent solver, with its groups of zeros`, async () => {
    await useEngine("wasm");
    groupStrengths.forEach((strength, index) => {
      const expected = reference.groupLasso[index];
      const weights = solve(specification, proximalGroupLasso({ strength, groups: "row" }), steps);
      expected.forEach((weight, i) =>
        assert.ok(
          Math.abs(weights[i] - weight) <= 1e-4,
          `λ ${strength}: weight ${i} is ${weights[i]}, expected ${weight}`,
        )
      );
      const zeros = (list: readonly number[]) => list.map((weight) => weight === 0);
      assert.deepEqual(zeros(weights), zeros(expected), `λ ${strength}`);
    });
  });
}

Deno.test("the groupLasso term comes near the same solution and leaves no exact zeros", async () => {
  await useEngine("wasm");
  const [strength, expected] = [groupStrengths[2], reference.groupLasso[2]];
  const weights = solve(
    sgd({ learningRate: 0.1, schedule: cosineSchedule({ steps, finalShare: 0.001 }) }),
    groupLasso({ strength, groups: "row" }),
    steps,
  );
  assert.ok(expected.includes(0) && !weights.includes(0));
  expected.forEach((weight, i) => assert.ok(Math.abs(weights[i] - weight) < 0.01, `${weights[i]}`));
});
