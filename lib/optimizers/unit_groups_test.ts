import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type EngineName, useEngine } from "../engine/engine.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { effectsOf, validatePenalty } from "../penalties/targets.ts";
import { assertClose } from "./_assert_close.ts";
import reference from "./_reference/unit_groups.json" with { type: "json" };
import { createOptimizer } from "./create.ts";
import { validateOptimizer } from "./optimizer.ts";

/** A layer of two units with three gates each, and one whose units have a column each. */
const descriptions = [
  { name: "gru0/kernel", kind: "kernel", layer: "gru0", shape: [3, 6] },
  { name: "gru0/recurrentKernel", kind: "recurrentKernel", layer: "gru0", shape: [2, 6] },
  { name: "gru0/bias", kind: "bias", layer: "gru0", shape: [6] },
  { name: "output/kernel", kind: "kernel", layer: "output", shape: [2, 2] },
] as const satisfies readonly ParameterDescription[];

for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
  Deno.test(`groupLasso and proximalGroupLasso by unit follow PyTorch's ${reference.versions.torch} trajectories within 1e-5, with their zeros, on ${engine}`, async () => {
    await useEngine(engine);
    const { start, targets, curvatures } = reference;
    for (const run of reference.runs) {
      const specification = validateOptimizer(run.optimizer);
      const parameters = descriptions.map((description) => ({
        description,
        variable: tf.tidy(() =>
          tf.variable(tf.tensor(start[description.name], [...description.shape]))
        ),
      }));
      const effects = effectsOf([validatePenalty(run.penalty)], descriptions);
      const optimizer = createOptimizer(specification, parameters, effects, null);
      for (let step = 1; step <= reference.steps.at(-1)!; step++) {
        const gradients = parameters.map(({ description: { name, shape }, variable }) => {
          const slope = [...variable.dataSync()].map((w, i) =>
            curvatures[name][i] * (w - targets[name][i])
          );
          return tf.tensor(slope, [...shape]);
        });
        optimizer.step(gradients, specification.learningRate);
        tf.dispose(gradients);
        const kept = reference.steps.indexOf(step);
        if (kept < 0) continue;
        for (const { description: { name }, variable } of parameters) {
          const what = `${run.optimizer.kind}, ${run.penalty.kind}, step ${step}, ${name}`;
          const [found, expected] = [variable.dataSync(), run.weights[kept][name]];
          assertClose(found, expected, 1e-5, what);
          const zeros = (weights: ArrayLike<number>) => Array.from(weights, (w) => w === 0);
          assert.deepEqual(zeros(found), zeros(expected), what);
        }
      }
      optimizer.dispose();
      parameters.forEach(({ variable }) => variable.dispose());
    }
  });
}

Deno.test("the reference of units has some that died beside some that live, all gates of each together", () => {
  for (const { penalty, weights } of reference.runs) {
    const last = weights.at(-1)!["gru0/kernel"];
    const zeros = [0, 1].map((unit) => last.filter((w, i) => i % 2 === unit && w === 0).length);
    assert.deepEqual(zeros, penalty.kind === "groupLasso" ? [0, 0] : [9, 0]);
  }
});
