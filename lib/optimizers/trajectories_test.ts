import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { scheduleFactor, validateSchedule } from "../core/schedule.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { effectsByStep, validatePenalty } from "../penalties/targets.ts";
import { assertClose } from "./_assert_close.ts";
import reference from "./_reference/trajectories.json" with { type: "json" };
import { validateClipping } from "./clipping.ts";
import { createOptimizer } from "./create.ts";
import { learningRateOf, penaltiesWith, validateOptimizer } from "./optimizer.ts";

const kernelSize = 6;
const descriptions: ParameterDescription[] = [
  { name: "output/kernel", kind: "kernel", layer: "output", shape: [3, 2] },
  { name: "output/bias", kind: "bias", layer: "output", shape: [2] },
];

/** Gradient of a problem at weights θ (kernel [3, 2], then bias [2]), by hand. */
const gradientOf: Record<string, (weights: Float64Array) => Float64Array> = {
  quadratic: (weights) => quadraticGradient(reference.problems.quadratic, weights),
  "badly scaled": (weights) => quadraticGradient(reference.problems["badly scaled"], weights),
  logistic: logisticGradient,
};

/** Of ½ Σ c (θ − target)². */
function quadraticGradient(
  { curvatures, targets }: { curvatures: number[]; targets: number[] },
  weights: Float64Array,
): Float64Array {
  return weights.map((w, i) => curvatures[i] * (w - targets[i]));
}

/** Of binary cross-entropy, mean over 12 rows of 3 features, sum over 2 outputs. */
function logisticGradient(weights: Float64Array): Float64Array {
  const { features, labels } = reference.problems.logistic;
  const gradient = new Float64Array(weights.length);
  const rows = labels.length / 2;
  for (let row = 0; row < rows; row++) {
    for (let output = 0; output < 2; output++) {
      let logit = weights[kernelSize + output];
      for (let i = 0; i < 3; i++) logit += features[3 * row + i] * weights[2 * i + output];
      const residual = (1 / (1 + Math.exp(-logit)) - labels[2 * row + output]) / rows;
      for (let i = 0; i < 3; i++) gradient[2 * i + output] += residual * features[3 * row + i];
      gradient[kernelSize + output] += residual;
    }
  }
  return gradient;
}

function trajectory(run: typeof reference.runs[number]) {
  const optimizerSpecification = validateOptimizer(run.optimizer);
  const penalties = penaltiesWith(optimizerSpecification, run.penalties.map(validatePenalty));
  const parameters = descriptions.map((description, index) => ({
    description,
    variable: tf.tidy(() =>
      tf.variable(
        tf.tensor(
          index === 0 ? reference.start.slice(0, kernelSize) : reference.start.slice(kernelSize),
          [...description.shape],
        ),
      )
    ),
  }));
  const optimizer = createOptimizer(
    optimizerSpecification,
    parameters,
    effectsByStep(penalties, descriptions),
    run.clipping && validateClipping("run", run.clipping),
  );
  const weightsNow = () =>
    Float64Array.from(parameters.flatMap(({ variable }) => [...variable.dataSync()]));
  const weights: Float64Array[] = [];
  const norms: number[] = [];
  for (let step = 1; step <= reference.steps.at(-1)!; step++) {
    const gradient = gradientOf[run.problem](weightsNow());
    const gradients = [
      tf.tensor([...gradient.subarray(0, kernelSize)], [3, 2]),
      tf.tensor([...gradient.subarray(kernelSize)], [2]),
    ];
    const { gradientNorm } = optimizer.step(
      gradients,
      learningRateOf(optimizerSpecification, step),
    );
    tf.dispose(gradients);
    if (reference.steps.includes(step)) {
      weights.push(optimizer.withEvaluationWeights(weightsNow));
      norms.push(gradientNorm);
    }
  }
  optimizer.dispose();
  parameters.forEach(({ variable }) => variable.dispose());
  return { weights, norms };
}

for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
  for (const problem of Object.keys(gradientOf)) {
    Deno.test(`createOptimizer follows PyTorch's ${reference.versions.torch} trajectories within 1e-5 on a ${problem} problem, on ${engine}`, async () => {
      await useEngine(engine);
      const runs = reference.runs.filter((run) => run.problem === problem);
      assert.ok(runs.length > 120);
      for (const run of runs) {
        const { weights, norms } = trajectory(run);
        const what = JSON.stringify([run.optimizer, run.penalties, run.clipping]);
        reference.steps.forEach((step, index) =>
          assertClose(weights[index], run.weights[index], 1e-5, `${what}, step ${step}`)
        );
        assertClose(norms, run.gradientNorms, 1e-5, `${what}, gradient norms`);
        if (run.penalties.some(({ kind }) => kind.startsWith("proximal"))) {
          const zeros = (list: ArrayLike<number>) => Array.from(list, (value) => value === 0);
          assert.deepEqual(weights.map(zeros), run.weights.map(zeros), `${what}, exact zeros`);
        }
      }
    });
  }
}

Deno.test("the reference trajectories contain clipped steps and exact zeros, so that they test both", () => {
  const clipped = reference.runs.filter(({ clipping, gradientNorms }) =>
    clipping !== null && "norm" in clipping && gradientNorms[0] > clipping.norm!
  );
  assert.ok(clipped.length >= 12);
  const sparse = reference.runs.filter(({ weights }) => weights.at(-1)!.includes(0));
  assert.ok(sparse.length >= 8, `${sparse.length}`);
});

Deno.test(`scheduleFactor has the factors of PyTorch's ${reference.versions.torch} schedulers`, () => {
  for (const { schedule, factors } of reference.schedules) {
    const found = factors.map((_, index) =>
      scheduleFactor(validateSchedule("schedule", schedule), index + 1)
    );
    assertClose(found, factors, 1e-8, JSON.stringify(schedule));
  }
});
