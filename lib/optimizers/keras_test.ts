import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { kerasL2 } from "../penalties/keras_l2.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { effectsOf, penaltyValue } from "../penalties/targets.ts";
import { assertClose } from "./_assert_close.ts";
import reference from "./_reference/keras_rmsprop.json" with { type: "json" };
import { createOptimizer } from "./create.ts";
import { learningRateOf, validateOptimizer } from "./optimizer.ts";

const description: ParameterDescription = {
  name: "output/kernel",
  kind: "kernel",
  layer: "output",
  shape: [6],
};
const { curvatures, targets, start, versions, l2 } = reference;

/** Gradient of a problem at weights, by hand. */
function gradientOf(problem: string, weights: ArrayLike<number>): Float32Array {
  if (problem !== "logistic") {
    const curvature = curvatures[problem as keyof typeof curvatures];
    return Float32Array.from(curvature, (c, i) => c * (weights[i] - targets[i]));
  }
  const { features, labels } = reference;
  const gradient = new Float64Array(weights.length);
  labels.forEach((label, row) => {
    const inputs = features.slice(6 * row, 6 * row + 6);
    const logit = inputs.reduce((sum, x, i) => sum + x * weights[i], 0);
    const residual = (1 / (1 + Math.exp(-logit)) - label) / labels.length;
    inputs.forEach((x, i) => gradient[i] += residual * x);
  });
  return Float32Array.from(gradient);
}

for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
  Deno.test(`rmsprop in Keras's form follows Keras's ${versions.keras} trajectories within 1e-5, on ${engine}`, async () => {
    await useEngine(engine);
    for (const run of reference.runs) {
      const specification = validateOptimizer(run.optimizer);
      const variable = tf.tidy(() => tf.variable(tf.tensor1d(start)));
      const effects = effectsOf([], [description]);
      const optimizer = createOptimizer(specification, [{ description, variable }], effects, null);
      run.weights.forEach((expected, index) => {
        const gradient = tf.tensor1d(gradientOf(run.problem, variable.dataSync()));
        optimizer.step([gradient], learningRateOf(specification, index + 1));
        gradient.dispose();
        const what = `${run.problem}, ${JSON.stringify(run.optimizer)}, step ${index + 1}`;
        assertClose(variable.dataSync(), expected, 1e-5, what);
      });
      optimizer.dispose();
      variable.dispose();
    }
  });
}

Deno.test("kerasL2 has the value of Keras's own L2", () => {
  const found = penaltyValue([kerasL2({ strength: l2.strength })], [description], [
    Float32Array.from(start),
  ]);
  assert.ok(Math.abs(found - l2.value) <= 1e-7 * l2.value, `${found}, ${l2.value}`);
});
