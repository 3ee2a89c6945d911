/** Averages, and the steps below them, against PyTorch's: `_reference/averages.py`. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import reference from "./_reference/averages.json" with { type: "json" };
import { validateAverages } from "./kinds.ts";
import { useEngine } from "../engine/engine.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { learningRateOf, penaltiesWith, validateOptimizer } from "../optimizers/optimizer.ts";
import { effectsByStep } from "../penalties/targets.ts";
import { createAverages } from "./averages.ts";

const size = reference.start.length;
const description = {
  name: "output/kernel",
  kind: "kernel",
  layer: "output",
  shape: [size],
} as const;

/** Weights of each average at the steps that are kept, by the way that a run takes. */
function trajectories(json: object): { averages: (number[] | null)[][]; trained: number[] } {
  const specification = validateOptimizer(json);
  const variable = tf.variable(tf.tensor1d(reference.start));
  const parameters = [{ description, variable }];
  const effects = effectsByStep(penaltiesWith(specification, []), [description]);
  const optimizer = createOptimizer(specification, parameters, effects, null);
  const specifications = validateAverages("test", reference.averages);
  const averages = createAverages(specifications, parameters);
  const found: (number[] | null)[][] = specifications.map(() => []);
  const weights = () => [...variable.dataSync()];
  for (let step = 1; step <= reference.steps; step++) {
    const gradient = tf.tensor1d(
      weights().map((w, i) => reference.curvatures[i] * (w - reference.targets[step - 1][i])),
    );
    optimizer.step([gradient], learningRateOf(specification, step));
    gradient.dispose();
    averages.take({ step, evaluated: false });
    if (step % reference.evaluateEvery === 0) averages.take({ step, evaluated: true });
    if (!reference.keptSteps.includes(step)) continue;
    found.forEach((values, index) =>
      values.push(averages.exists(index) ? averages.during(index, weights) : null)
    );
  }
  const trained = weights();
  averages.dispose();
  optimizer.dispose();
  variable.dispose();
  return { averages: found, trained };
}

for (const engine of ["cpu", "wasm", "native"] as const) {
  Deno.test(`averages of 50 steps are PyTorch's, on ${engine}`, async () => {
    await useEngine(engine);
    for (const { optimizer, averages, trained } of reference.runs) {
      const found = trajectories(optimizer);
      assertClose(found.trained, trained, JSON.stringify(optimizer));
      averages.forEach((expected, index) => {
        const words = `${JSON.stringify([optimizer, reference.averages[index]])}, step `;
        expected.forEach((values, at) => {
          const where = words + reference.keptSteps[at];
          const own = found.averages[index][at];
          if (values === null) assert.equal(own, null, where);
          else assertClose(own!, values, where);
        });
      });
    }
  });
}

/** The largest difference is at most 1e-5 of the largest value. */
function assertClose(found: readonly number[], expected: readonly number[], where: string): void {
  assert.equal(found.length, expected.length, where);
  const largest = Math.max(...expected.map(Math.abs));
  const error = Math.max(...expected.map((value, i) => Math.abs(found[i] - value)));
  assert.ok(error <= 1e-5 * largest, `${where}: error ${error}, largest value ${largest}`);
}
