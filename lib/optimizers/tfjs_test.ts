import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type EngineName, useEngine } from "../engine/engine.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { effectsOf } from "../penalties/targets.ts";
import { assertClose } from "./_assert_close.ts";
import { createOptimizer } from "./create.ts";
import { learningRateOf } from "./optimizer.ts";
import { rmsprop, type RmspropSpecification } from "./rmsprop.ts";

const start = [2, -1.5, 1, -0.5];
const curvatures = [2, 1, 0.3, 0.1];
const description: ParameterDescription = {
  name: "output/kernel",
  kind: "kernel",
  layer: "output",
  shape: [4],
};

/** Weights after steps on ½ Σ c w². */
function descend(
  steps: number,
  from: readonly number[],
  step: (variable: tf.Variable, gradient: tf.Tensor, step: number) => void,
  variable = tf.tidy(() => tf.variable(tf.tensor1d([...from]))),
): number[] {
  for (let count = 1; count <= steps; count++) {
    const gradient = tf.tidy(() => variable.mul(curvatures.slice(0, from.length)));
    step(variable, gradient, count);
    gradient.dispose();
  }
  const weights = [...variable.dataSync()];
  variable.dispose();
  return weights;
}

function byOurs(specification: RmspropSpecification, steps: number, from = start): number[] {
  const variable = tf.tidy(() => tf.variable(tf.tensor1d(from)));
  const parameter = { description: { ...description, shape: [from.length] }, variable };
  const effects = effectsOf([], [parameter.description]);
  const optimizer = createOptimizer(specification, [parameter], effects, null);
  const weights = descend(
    steps,
    from,
    (_, gradient, step) => optimizer.step([gradient], learningRateOf(specification, step)),
    variable,
  );
  optimizer.dispose();
  return weights;
}

function byTfjs(specification: RmspropSpecification, steps: number, from = start): number[] {
  const { learningRate, smoothing, momentum, epsilon, centered } = specification;
  const optimizer = tf.train.rmsprop(learningRate, smoothing, momentum, epsilon, centered);
  const weights = descend(
    steps,
    from,
    (variable, gradient) => optimizer.applyGradients({ [variable.name]: gradient }),
  );
  optimizer.dispose();
  return weights;
}

for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
  Deno.test(`rmsprop in Keras's form has the steps of tf.train.rmsprop ${tf.version_core}, on ${engine}`, async () => {
    await useEngine(engine);
    for (const options of [{}, { momentum: 0.8 }, { smoothing: 0.5, epsilon: 1e-3 }]) {
      const specification = rmsprop({ learningRate: 0.02, form: "keras", ...options });
      for (const steps of [1, 2, 5, 20]) {
        const what = `${JSON.stringify(options)}, ${steps} steps`;
        assertClose(byOurs(specification, steps), byTfjs(specification, steps), 1e-5, what);
      }
    }
  });
}

Deno.test("tf.train.rmsprop takes ε off the variance when centered, where rmsprop and Keras add it: one is the other with −ε", async () => {
  await useEngine("cpu");
  const [g, learningRate, smoothing, epsilon] = [2, 0.02, 0.9, 1e-3];
  const centered = rmsprop({
    ...{ learningRate, smoothing, epsilon },
    form: "keras",
    centered: true,
  });
  // After one step v − m² is γ (1 − γ) g².
  const expected = (sign: number) =>
    1 - learningRate * g / Math.sqrt(smoothing * (1 - smoothing) * g * g + sign * epsilon);
  assertClose(byOurs(centered, 1, [1]), [expected(1)], 1e-6, "ours");
  assertClose(byTfjs(centered, 1, [1]), [expected(-1)], 1e-6, "tfjs's");
  // Where the variance is below ε tfjs's root is of a negative number.
  const small = 0.05;
  assert.ok(Number.isNaN(byTfjs(centered, 1, [small])[0]));
  assert.ok(byOurs(centered, 1, [small])[0] < small);
  // With ε far below the variance the two are the same.
  const tiny = { ...centered, epsilon: 1e-12 };
  assertClose(byOurs(tiny, 3), byTfjs(tiny, 3), 1e-5, "tiny ε");
});
