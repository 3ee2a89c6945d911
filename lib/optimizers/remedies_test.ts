import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type EngineName, useEngine } from "../engine/engine.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { effectsOf, validatePenalty } from "../penalties/targets.ts";
import { assertClose } from "./_assert_close.ts";
import reference from "./_reference/remedies.json" with { type: "json" };
import { createOptimizer } from "./create.ts";
import { penaltiesWith, validateOptimizer } from "./optimizer.ts";

const descriptions = reference.parameters as readonly ParameterDescription[];
const curvatures: Readonly<Record<string, readonly number[]>> = reference.curvatures;

/** The weights of all parameters, one after the other, after each step that the reference has. */
function trajectory({ optimizer: json, penalties: given, problem }: typeof reference.runs[number]) {
  const specification = validateOptimizer(json);
  const penalties = penaltiesWith(specification, given.map(validatePenalty));
  let start = 0;
  const parameters = descriptions.map((description) => {
    const first = start;
    start += tf.util.sizeFromShape([...description.shape]);
    const values = reference.start.slice(first, start);
    const variable = tf.tidy(() => tf.variable(tf.tensor(values, [...description.shape])));
    return { description, variable, first };
  });
  const effects = effectsOf(penalties, descriptions);
  const optimizer = createOptimizer(specification, parameters, effects, null);
  const weights: number[][] = [];
  for (let step = 1; step <= reference.steps.at(-1)!; step++) {
    const gradients = parameters.map(({ variable, first }) => {
      const values = variable.dataSync().map((w, i) => {
        const difference = w - reference.targets[first + i];
        const slope = problem === "log cosh" ? Math.tanh(difference) : difference;
        return curvatures[problem][first + i] * slope;
      });
      return tf.tensor(values, variable.shape);
    });
    optimizer.step(gradients, specification.learningRate);
    tf.dispose(gradients);
    if (reference.steps.includes(step)) {
      weights.push(parameters.flatMap(({ variable }) => [...variable.dataSync()]));
    }
  }
  optimizer.dispose();
  parameters.forEach(({ variable }) => variable.dispose());
  return weights;
}

for (const name of ["cpu", "wasm", "relaxed", "native"] satisfies EngineName[]) {
  Deno.test({
    name:
      `Muon, cautious decay and maxNorm follow PyTorch's ${reference.versions.torch} trajectories of 50 steps in double precision within 1e-5, on ${name}`,
    async fn(test) {
      const engine = await useEngine(name);
      for (const problem of Object.keys(curvatures)) {
        await test.step(`${problem} problem, on ${engine.id}`, () => {
          const runs = reference.runs.filter((run) => run.problem === problem);
          assert.ok(runs.length >= 18);
          for (const run of runs) {
            const what = JSON.stringify([run.optimizer, run.penalties]);
            trajectory(run).forEach((weights, index) =>
              assertClose(weights, run.weights[index], 1e-5, `${what}, ${reference.steps[index]}`)
            );
          }
        });
      }
    },
  });
}

Deno.test("the reference of Muon is further from PyTorch's own bfloat16 than we are from it", () => {
  const differences = reference.runs.flatMap(({ bfloat16 }) => bfloat16 ?? []);
  assert.ok(differences.length >= 15);
  for (const difference of differences) assert.ok(difference > 1e-2 && difference < 0.2);
});
