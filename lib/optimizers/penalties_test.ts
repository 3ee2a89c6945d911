import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { elasticNet } from "../penalties/elastic_net.ts";
import { l1 } from "../penalties/l1.ts";
import { l2 } from "../penalties/l2.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { proximalElasticNet } from "../penalties/proximal_elastic_net.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { effectsOf, penaltyValue } from "../penalties/targets.ts";
import { countZeros } from "../penalties/zeros.ts";
import { assertClose } from "./_assert_close.ts";
import reference from "./_reference/penalties.json" with { type: "json" };
import { adam } from "./adam.ts";
import { createOptimizer } from "./create.ts";
import { type OptimizerSpecification, type OptimizerState, penaltiesWith } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

/** Trains one kernel for some steps and returns its weights and the optimizer's state. */
function train(
  specification: OptimizerSpecification,
  penalties: readonly PenaltySpecification[],
  options: {
    start: readonly number[];
    steps: number;
    gradient: (weights: Float64Array) => ArrayLike<number>;
    learningRate?: (step: number) => number;
  },
): { weights: Float32Array; state: OptimizerState } {
  const { start, steps, gradient } = options;
  const description = descriptionOf(start.length);
  const variable = tf.tidy(() => tf.variable(tf.tensor1d([...start])));
  const effects = effectsOf(penaltiesWith(specification, penalties), [description]);
  const optimizer = createOptimizer(specification, [{ description, variable }], effects, null);
  for (let step = 1; step <= steps; step++) {
    const g = tf.tensor1d(Float32Array.from(gradient(Float64Array.from(variable.dataSync()))));
    optimizer.step([g], options.learningRate?.(step) ?? specification.learningRate);
    g.dispose();
  }
  const weights = Float32Array.from(variable.dataSync());
  const state = optimizer.state();
  optimizer.dispose();
  variable.dispose();
  return { weights, state };
}

function descriptionOf(size: number): ParameterDescription {
  return { name: "output/kernel", kind: "kernel", layer: "output", shape: [size] };
}

function isZero(values: ArrayLike<number>): boolean[] {
  return Array.from(values, (value) => value === 0);
}

const noGradient = (weights: Float64Array) => new Float64Array(weights.length);

/** Gradient that a penalty adds: what enters the velocity of SGD when the loss is constant. */
function penaltyGradient(penalties: readonly PenaltySpecification[], start: readonly number[]) {
  const specification = sgd({ learningRate: 1e-3, momentum: 0.5 });
  const { state } = train(specification, penalties, { start, steps: 1, gradient: noGradient });
  return state.values["output/kernel/velocity"];
}

for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
  Deno.test(`l1, l2 and elasticNet have the value and gradient of PyTorch's autograd, on ${engine}`, async () => {
    await useEngine(engine);
    const start = reference.weights;
    const weights = [Float32Array.from(start)];
    for (const { l1Strength, l2Strength, value, gradient } of reference.terms) {
      const same: PenaltySpecification[][] = [[elasticNet({ l1Strength, l2Strength })]];
      if (l2Strength === 0) same.push([l1({ strength: l1Strength })]);
      if (l1Strength === 0) same.push([l2({ strength: l2Strength })]);
      same.push([l1({ strength: l1Strength }), l2({ strength: l2Strength })]);
      for (const penalties of same) {
        const what = JSON.stringify(penalties);
        const found = penaltyValue(penalties, [descriptionOf(start.length)], weights);
        assertClose([found], [value], 1e-6, what);
        assertClose(penaltyGradient(penalties, start), gradient, 1e-6, what);
      }
    }
  });

  Deno.test(`proximalL1 under SGD is PyTorch's softshrink, with exact zeros, on ${engine}`, async () => {
    await useEngine(engine);
    const start = reference.weights;
    for (const { threshold, weights: expected } of reference.softThresholds) {
      const specification = sgd({ learningRate: 0.125 });
      const penalties = [proximalL1({ strength: threshold / 0.125 })];
      const { weights } = train(specification, penalties, {
        start,
        steps: 1,
        gradient: noGradient,
      });
      assertClose(weights, expected, 1e-6, `threshold ${threshold}`);
      // At 1e-7 the rounding of the threshold to single precision decides about ±1e-7.
      if (threshold !== 1e-7) assert.deepEqual(isZero(weights), isZero(expected));
    }
  });
}

Deno.test("l1, l2 and elasticNet have the gradient of their value by finite differences", async () => {
  await useEngine("wasm");
  const stream = randomStream(3, "finite differences");
  const start = Array.from({ length: 11 }, () => Math.fround(stream.normal()));
  const description = descriptionOf(start.length);
  for (
    const penalty of [
      l1({ strength: 0.3 }),
      l2({ strength: 0.7 }),
      elasticNet({ l1Strength: 0.2, l2Strength: 1.5 }),
    ]
  ) {
    // Large beside the rounding of weights to single precision, small beside the weights.
    const h = 2 ** -10;
    const valueAt = (index: number, change: number) =>
      penaltyValue([penalty], [description], [
        Float32Array.from(start, (w, i) => i === index ? w + change : w),
      ]);
    const differences = start.map((_, i) => (valueAt(i, h) - valueAt(i, -h)) / (2 * h));
    assertClose(penaltyGradient([penalty], start), differences, 1e-3, penalty.kind);
  }
});

/** argmin over x of ½ d (x − u)² + λ|x| + ½ α x², by golden-section search in double precision. */
function proximalPoint(u: number, d: number, lambda: number, alpha: number): number {
  const objective = (x: number) =>
    0.5 * d * (x - u) ** 2 + lambda * Math.abs(x) + 0.5 * alpha * x * x;
  // The minimum lies between 0 and u.
  let low = Math.min(0, u);
  let high = Math.max(0, u);
  const share = (Math.sqrt(5) - 1) / 2;
  for (let i = 0; i < 100; i++) {
    const left = high - share * (high - low);
    const right = low + share * (high - low);
    if (objective(left) <= objective(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

Deno.test("proximal maps under Adam and SGD minimise their objective in the metric of the step", async () => {
  await useEngine("wasm");
  const stream = randomStream(4, "proximal maps");
  const start = Array.from({ length: 40 }, () => Math.fround(stream.normal() * 0.1));
  const gradients = Array.from({ length: 3 }, () => start.map(() => stream.normal()));
  const after = (specification: OptimizerSpecification, penalties: PenaltySpecification[]) => {
    let step = 0;
    return train(specification, penalties, { start, steps: 1, gradient: () => gradients[step++] });
  };
  const learningRate = 0.05;
  for (const [lambda, alpha] of [[0.8, 0], [0.5, 3], [0, 2]]) {
    const elastic = proximalElasticNet({ l1Strength: lambda, l2Strength: alpha });
    const beta2 = 0.9;
    const epsilon = 1e-3;
    const specification = adam({ learningRate, beta2, epsilon });
    const plain = after(specification, []);
    const secondMoment = plain.state.values["output/kernel/secondMoment"];
    const found = after(specification, [elastic]).weights;
    const expected = start.map((_, i) => {
      const d = (Math.sqrt(secondMoment[i] / (1 - beta2)) + epsilon) / learningRate;
      return proximalPoint(plain.weights[i], d, lambda, alpha);
    });
    assertClose(found, expected, 1e-5, `adam ${lambda} ${alpha}`);

    for (
      const [specification, d] of [
        [sgd({ learningRate }), 1 / learningRate],
        [sgd({ learningRate, momentum: 0.75 }), 0.25 / learningRate],
      ] as const
    ) {
      const plain = after(specification, []).weights;
      const found = after(specification, [elastic]).weights;
      const expected = start.map((_, i) => proximalPoint(plain[i], d, lambda, alpha));
      assertClose(found, expected, 1e-5, `${specification.momentum} ${lambda} ${alpha}`);
      if (lambda > 0) assert.ok(found.includes(0) && found.some((w) => w !== 0));
    }
  }
});

const { rows, columns, features, labels, fits } = reference.leastSquares;

/** Of ½ mean (y − Xw)². */
function leastSquaresGradient(weights: Float64Array): Float64Array {
  const gradient = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    let residual = -labels[row];
    for (let i = 0; i < columns; i++) residual += features[row * columns + i] * weights[i];
    for (let i = 0; i < columns; i++) {
      gradient[i] += residual * features[row * columns + i] / rows;
    }
  }
  return gradient;
}

const solvers: Record<string, OptimizerSpecification> = {
  "sgd": sgd({ learningRate: 0.1 }),
  "sgd with momentum": sgd({ learningRate: 0.05, momentum: 0.8 }),
  "sgd with Nesterov momentum": sgd({ learningRate: 0.05, momentum: 0.8, nesterov: true }),
  "adam": adam({ learningRate: 0.02 }),
  "adam with other constants": adam({ learningRate: 0.02, beta1: 0.5, beta2: 0.95, epsilon: 1e-3 }),
};

function solve(
  specification: OptimizerSpecification,
  penalties: readonly PenaltySpecification[],
): Float32Array {
  const steps = 4000;
  return train(specification, penalties, {
    start: new Array(columns).fill(0.5),
    steps,
    gradient: leastSquaresGradient,
    learningRate: (step) => specification.learningRate * Math.min(1, 2 * (1 - step / (steps + 1))),
  }).weights;
}

for (const [name, specification] of Object.entries(solvers)) {
  Deno.test(`proximal penalties under ${name} reach scikit-learn's ${reference.versions.scikitLearn} Lasso, ElasticNet and Ridge with the same zeros`, async () => {
    await useEngine("wasm");
    for (const { l1Strength, l2Strength, weights: expected } of fits) {
      const what = `λ ${l1Strength}, α ${l2Strength}`;
      const penalties: PenaltySpecification[][] = [
        [proximalElasticNet({ l1Strength, l2Strength })],
        [proximalL1({ strength: l1Strength }), l2({ strength: l2Strength })],
      ];
      for (const penalty of penalties) {
        const weights = solve(specification, penalty);
        for (let i = 0; i < columns; i++) {
          assert.ok(
            Math.abs(weights[i] - expected[i]) <= 1e-4,
            `${what}: weight ${i} is ${weights[i]}, scikit-learn's ${expected[i]}`,
          );
        }
        assert.deepEqual(isZero(weights), isZero(expected), what);
      }
    }
  });
}

Deno.test("the l1 sub-gradient leaves no exact zeros where proximalL1 leaves those of the lasso", async () => {
  await useEngine("wasm");
  const { l1Strength, weights: lasso } = fits[2];
  const description = [descriptionOf(columns)];
  for (const specification of Object.values(solvers)) {
    const subgradient = solve(specification, [l1({ strength: l1Strength })]);
    const proximal = solve(specification, [proximalL1({ strength: l1Strength })]);
    const zeros = (weights: Float32Array) => countZeros([], description, [weights]).exactZeros;
    assert.equal(zeros(subgradient), 0);
    assert.equal(zeros(proximal), lasso.filter((w) => w === 0).length);
    assertClose(subgradient, lasso, 0.05, "the sub-gradient comes near the lasso all the same");
  }
});

Deno.test("the scalar threshold under adam and under momentum misses the lasso, which the docstrings say", async () => {
  await useEngine("wasm");
  const { l1Strength: strength, weights: lasso } = fits[2];
  for (const name of ["sgd with momentum", "adam"]) {
    const weights = solve(solvers[name], [proximalL1({ strength, threshold: "scalar" })]);
    const error = Math.max(...lasso.map((w, i) => Math.abs(w - weights[i])));
    assert.ok(error > 0.01, `${name}: error ${error}`);
  }
  const weights = solve(solvers.sgd, [proximalL1({ strength, threshold: "scalar" })]);
  assertClose(weights, lasso, 1e-4, "under plain sgd both are the same");
});

Deno.test("decoupledWeightDecay reaches ridge under sgd and not under adam, which l2 does under both", async () => {
  await useEngine("wasm");
  const { l2Strength: strength, weights: ridge } = fits[6];
  const error = (specification: OptimizerSpecification, penalty: PenaltySpecification) => {
    const weights = solve(specification, [penalty]);
    return Math.max(...ridge.map((w, i) => Math.abs(w - weights[i])));
  };
  assert.ok(error(solvers.sgd, l2({ strength })) < 1e-4);
  assert.ok(error(solvers.adam, l2({ strength })) < 1e-4);
  assert.ok(error(solvers.sgd, decoupledWeightDecay({ strength })) < 1e-4);
  assert.ok(error(solvers.adam, decoupledWeightDecay({ strength })) > 0.01);
});
