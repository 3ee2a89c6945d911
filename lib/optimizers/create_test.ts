import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { cosineSchedule, warmUpSchedule } from "../core/schedule.ts";
import { coupledWeightDecay } from "../penalties/coupled_weight_decay.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { elasticNet } from "../penalties/elastic_net.ts";
import { groupLasso } from "../penalties/group_lasso.ts";
import { kerasL2 } from "../penalties/keras_l2.ts";
import { l1 } from "../penalties/l1.ts";
import { l2 } from "../penalties/l2.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { proximalElasticNet } from "../penalties/proximal_elastic_net.ts";
import { proximalGroupLasso } from "../penalties/proximal_group_lasso.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { unsquaredNorms } from "../penalties/unsquared_norms.ts";
import { effectsByStep, effectsOf, type PenaltySpecification } from "../penalties/targets.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adam_w.ts";
import { asgd } from "./asgd.ts";
import type { Clipping } from "./clipping.ts";
import { createOptimizer, type OptimizedParameter } from "./create.ts";
import { type Optimizer, type OptimizerSpecification, penaltiesWith } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

const descriptions: ParameterDescription[] = [
  { name: "hidden/kernel", kind: "kernel", layer: "hidden", shape: [7, 6] },
  { name: "hidden/recurrentKernel", kind: "recurrentKernel", layer: "hidden", shape: [2, 6] },
  { name: "hidden/bias", kind: "bias", layer: "hidden", shape: [17] },
  { name: "output/kernel", kind: "kernel", layer: "output", shape: [3, 1] },
];

const optimizers: OptimizerSpecification[] = [
  sgd({ learningRate: 0.1 }),
  sgd({ learningRate: 0.1, momentum: 0.9 }),
  sgd({ learningRate: 0.1, momentum: 0.8, nesterov: true }),
  adam({ learningRate: 1e-2 }),
  adam({ learningRate: 1e-1, beta1: 0, beta2: 0.5, epsilon: 1e-3 }),
  adamW({ learningRate: 1e-2, decay: 0.3 }),
  rmsprop({ learningRate: 1e-2 }),
  rmsprop({ learningRate: 1e-2, momentum: 0.5, centered: true }),
  rmsprop({ learningRate: 1e-2, form: "keras", momentum: 0.5, smoothing: 0.5 }),
  asgd({ learningRate: 0.1, averageFromStep: 7 }),
];

const penaltyLists: PenaltySpecification[][] = [
  [],
  [l1({ strength: 1e-2 })],
  [proximalL1({ strength: 1e-1 })],
  [proximalL1({ strength: 1e-1, threshold: "scalar", targets: ["kernel", "bias"] })],
  [l2({ strength: 1e-2 })],
  [coupledWeightDecay({ strength: 1e-2 })],
  [elasticNet({ l1Strength: 1e-2, l2Strength: 1e-1, targets: ["kernel"] })],
  [proximalElasticNet({ l1Strength: 1e-1, l2Strength: 1e-1 })],
  [kerasL2({ strength: 1e-2 })],
  [unsquaredNorms({ strength: 1e-2, targets: ["kernel", "bias"] })],
  [decoupledWeightDecay({ strength: 1e-2, scaledBy: "schedule", targets: ["bias"] })],
  ...(["tensor", "row", "column", "unit"] as const).flatMap((groups) => [
    [groupLasso({ strength: 1e-2, groups })],
    [proximalGroupLasso({ strength: 1e-1, groups })],
  ]),
  [
    proximalGroupLasso({ strength: 0.3, groups: "column", weighting: "none" }),
    proximalElasticNet({ l1Strength: 1e-2, l2Strength: 0.1, layers: ["hidden"] }),
  ],
  [
    l1({ strength: 1e-2, schedule: warmUpSchedule({ steps: 5 }) }),
    groupLasso({ strength: 1e-2, groups: "row", schedule: cosineSchedule({ steps: 10 }) }),
  ],
  [
    l1({ strength: 1e-3, targets: ["bias"] }),
    proximalL1({ strength: 1e-1 }),
    l2({ strength: 0.1 }),
  ],
];

function words(list: readonly { kind: string; groups?: string }[]): string {
  return list.map(({ kind, groups = "" }) => `${kind} ${groups}`).join(" + ") || "no penalty";
}

function normals(name: string, size: number): Float32Array {
  const stream = randomStream(7, name);
  return Float32Array.from({ length: size }, () => stream.normal());
}

function makeParameters(): OptimizedParameter[] {
  return descriptions.map((description) => {
    const values = normals(description.name, tf.util.sizeFromShape([...description.shape]));
    return {
      description,
      variable: tf.tidy(() => tf.variable(tf.tensor(values, [...description.shape]))),
    };
  });
}

function doSteps(optimizer: Optimizer, rate: number, first: number, last: number): number[] {
  const norms: number[] = [];
  for (let step = first; step <= last; step++) {
    const gradients = descriptions.map(({ name, shape }) =>
      tf.tensor(normals(`${name} ${step}`, tf.util.sizeFromShape([...shape])), [...shape])
    );
    norms.push(optimizer.step(gradients, rate).gradientNorm);
    tf.dispose(gradients);
  }
  return norms;
}

function run(
  specification: OptimizerSpecification,
  penalties: readonly PenaltySpecification[],
  options: { clipping?: Clipping; steps?: number } = {},
): { weights: Float32Array[]; norms: number[] } {
  const { clipping = null, steps = 20 } = options;
  const parameters = makeParameters();
  const effects = effectsByStep(penaltiesWith(specification, penalties), descriptions);
  const optimizer = createOptimizer(specification, parameters, effects, clipping);
  const norms = doSteps(optimizer, specification.learningRate, 1, steps);
  optimizer.keepEvaluationWeights();
  const weights = parameters.map(({ variable }) =>
    Float32Array.from(variable.dataSync() as Float32Array)
  );
  optimizer.dispose();
  parameters.forEach(({ variable }) => variable.dispose());
  return { weights, norms };
}

Deno.test("createOptimizer gives the same bits on the engines cpu and wasm, for every optimizer, penalty and clipping", async () => {
  const results: Record<string, unknown>[] = [];
  for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
    await useEngine(engine);
    const result: Record<string, unknown> = {};
    optimizers.forEach((specification, index) => {
      for (const penalties of penaltyLists) {
        for (const clipping of [undefined, { norm: 2 }, { value: 0.5 }]) {
          const name = `${specification.kind} ${index}, ${words(penalties)}, clipping ${
            JSON.stringify(clipping)
          }`;
          result[name] = run(specification, penalties, { clipping });
        }
      }
    });
    results.push(result);
  }
  const [cpu, wasm] = results;
  for (const name of Object.keys(cpu)) assert.deepEqual(wasm[name], cpu[name], name);
});

for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
  Deno.test(`createOptimizer with strengths of 0 gives the bits of no penalty, on ${engine}`, async () => {
    await useEngine(engine);
    const zero: PenaltySpecification[][] = [
      [l1({ strength: 0 })],
      [proximalL1({ strength: 0 })],
      [l2({ strength: 0 })],
      [coupledWeightDecay({ strength: 0 })],
      [decoupledWeightDecay({ strength: 0 })],
      [elasticNet({ l1Strength: 0, l2Strength: 0 })],
      [proximalElasticNet({ l1Strength: 0, l2Strength: 0 })],
      [proximalL1({ strength: 0 }), decoupledWeightDecay({ strength: 0 })],
      [kerasL2({ strength: 0 })],
      [unsquaredNorms({ strength: 0 })],
      [groupLasso({ strength: 0, groups: "row" })],
      [proximalGroupLasso({ strength: 0, groups: "unit" })],
      [decoupledWeightDecay({ strength: 0, scaledBy: "schedule" })],
    ];
    for (const specification of optimizers.filter(({ kind }) => kind !== "adamW")) {
      const plain = run(specification, [], { clipping: { norm: 5 } });
      for (const penalties of zero) {
        const penalized = run(specification, penalties, { clipping: { norm: 5 } });
        assert.deepEqual(penalized, plain, `${specification.kind}, ${words(penalties)}`);
      }
    }
    const { learningRate } = optimizers[5];
    assert.deepEqual(
      run(adamW({ learningRate, decay: 0 }), []),
      run(adam({ learningRate }), []),
    );
  });

  Deno.test(`createOptimizer goes on with the same bits after restore, on ${engine}`, async () => {
    await useEngine(engine);
    for (const specification of optimizers) {
      const effects = effectsOf(penaltiesWith(specification, []), descriptions);
      const whole = run(specification, [], { steps: 8 });
      const parameters = makeParameters();
      const first = createOptimizer(specification, parameters, effects, null);
      doSteps(first, specification.learningRate, 1, 4);
      const state = first.state();
      first.dispose();
      assert.equal(state.steps, 4);
      const second = createOptimizer(specification, parameters, effects, null);
      second.restore(state);
      const copy = structuredClone(state);
      doSteps(second, specification.learningRate, 5, 8);
      second.keepEvaluationWeights();
      assert.deepEqual(state, copy, "a state is a copy");
      parameters.forEach(({ variable }, index) =>
        assert.deepEqual(variable.dataSync(), whole.weights[index], specification.kind)
      );
      second.dispose();
      parameters.forEach(({ variable }) => variable.dispose());
    }
  });

  Deno.test(`createOptimizer keeps no tensor after a step and none after dispose, on ${engine}`, async () => {
    await useEngine(engine);
    const before = tf.memory().numTensors;
    const parameters = makeParameters();
    const effects = effectsOf([], descriptions);
    const optimizer = createOptimizer(optimizers[3], parameters, effects, null);
    const during = tf.memory().numTensors;
    tf.tidy(() => doSteps(optimizer, 0.1, 1, 5));
    assert.equal(tf.memory().numTensors, during);
    optimizer.dispose();
    parameters.forEach(({ variable }) => variable.dispose());
    assert.equal(tf.memory().numTensors, before);
  });

  Deno.test(`createOptimizer reports a gradient that is NaN or infinite, and no other, on ${engine}`, async () => {
    await useEngine(engine);
    const { norms } = run(optimizers[0], [], { steps: 1 });
    assert.ok(Number.isFinite(norms[0]) && norms[0] > 0);
    for (const bad of [NaN, Infinity, -Infinity]) {
      const parameters = makeParameters();
      const optimizer = createOptimizer(
        optimizers[3],
        parameters,
        effectsOf([proximalL1({ strength: 1 })], descriptions),
        { norm: 1 },
      );
      const gradients = descriptions.map(({ shape }) => tf.fill([...shape], bad));
      const { gradientNorm } = optimizer.step(gradients, 0.1);
      assert.ok(!Number.isFinite(gradientNorm));
      const weights = parameters[0].variable.dataSync();
      assert.ok(weights.every(Number.isNaN), "the proximal map must not turn NaN into 0");
      tf.dispose(gradients);
      optimizer.dispose();
      parameters.forEach(({ variable }) => variable.dispose());
    }
  });
}

Deno.test("createOptimizer clips by the global norm: the loss terms enter the norm, decays do not", async () => {
  await useEngine("wasm");
  const description = { name: "a/kernel", kind: "kernel", layer: "a", shape: [2] } as const;
  const step = (penalties: PenaltySpecification[]) => {
    const variable = tf.variable(tf.tensor1d([1, -1]));
    const optimizer = createOptimizer(
      sgd({ learningRate: 1 }),
      [{ description, variable }],
      effectsOf(penalties, [description]),
      { norm: 2.5 },
    );
    const { gradientNorm } = optimizer.step([tf.tensor1d([3, -4])], 1);
    return { gradientNorm, weights: [...variable.dataSync()] };
  };
  assert.deepEqual(step([]), { gradientNorm: 5, weights: [1 - 1.5, -1 + 2] });
  // g = (3, −4) + 2 · (1, −1) = (5, −6), norm √61.
  const { gradientNorm, weights } = step([l2({ strength: 2 })]);
  assert.ok(Math.abs(gradientNorm - Math.sqrt(61)) < 1e-12);
  assert.ok(Math.abs(weights[0] - (1 - 5 * 2.5 / Math.sqrt(61))) < 1e-6);
  assert.deepEqual(step([coupledWeightDecay({ strength: 2 })]), {
    gradientNorm: 5,
    weights: [1 - 1.5 - 2, -1 + 2 + 2],
  });
  assert.deepEqual(step([decoupledWeightDecay({ strength: 0.5 })]), {
    gradientNorm: 5,
    weights: [1 - 1.5 - 0.5, -1 + 2 + 0.5],
  });
});

Deno.test("createOptimizer clips by value: loss terms are clipped, decays are not, the norm is of before", async () => {
  await useEngine("wasm");
  const description = { name: "a/kernel", kind: "kernel", layer: "a", shape: [3] } as const;
  const step = (penalties: PenaltySpecification[]) => {
    const variable = tf.variable(tf.tensor1d([1, -1, 1]));
    const optimizer = createOptimizer(
      sgd({ learningRate: 1 }),
      [{ description, variable }],
      effectsOf(penalties, [description]),
      { value: 2.5 },
    );
    const { gradientNorm } = optimizer.step([tf.tensor1d([3, -4, 0])], 1);
    return { gradientNorm, weights: [...variable.dataSync()] };
  };
  assert.deepEqual(step([]), { gradientNorm: 5, weights: [-1.5, 1.5, 1] });
  // g = (3, −4, 0) + 2 · (1, −1, 1) = (5, −6, 2).
  const { gradientNorm, weights } = step([l2({ strength: 2 })]);
  assert.ok(Math.abs(gradientNorm - Math.sqrt(65)) < 1e-12);
  assert.deepEqual(weights, [-1.5, 1.5, -1]);
  assert.deepEqual(step([coupledWeightDecay({ strength: 2 })]).weights, [-3.5, 3.5, -1]);
});

Deno.test("createOptimizer shrinks by decay that the schedule alone scales, and does not by η", async () => {
  await useEngine("wasm");
  const description = { name: "a/kernel", kind: "kernel", layer: "a", shape: [1] } as const;
  const variable = tf.variable(tf.tensor1d([1]));
  const optimizer = createOptimizer(
    sgd({ learningRate: 0.25 }),
    [{ description, variable }],
    effectsOf([decoupledWeightDecay({ strength: 0.5, scaledBy: "schedule" })], [description]),
    null,
  );
  optimizer.step([tf.tensor1d([0])], 0.25);
  assert.deepEqual([...variable.dataSync()], [0.5]);
  // Half of the learning rate, so half of the decay.
  optimizer.step([tf.tensor1d([0])], 0.125);
  assert.deepEqual([...variable.dataSync()], [0.375]);
});

Deno.test("createOptimizer applies the proximal map last, after decoupled decay and step", async () => {
  await useEngine("wasm");
  const description = { name: "a/kernel", kind: "kernel", layer: "a", shape: [2] } as const;
  const variable = tf.variable(tf.tensor1d([1, 1]));
  const optimizer = createOptimizer(
    sgd({ learningRate: 0.5 }),
    [{ description, variable }],
    effectsOf(
      [
        proximalElasticNet({ l1Strength: 0.5, l2Strength: 2 }),
        decoupledWeightDecay({ strength: 0.5 }),
      ],
      [description],
    ),
    null,
  );
  optimizer.step([tf.tensor1d([0, 1])], 0.5);
  // 1 − ½·½·1 = ¾ and ¾ − ½ = ¼; soft threshold ¼; divided by 1 + ½·2.
  assert.deepEqual([...variable.dataSync()], [0.25, 0]);
});

Deno.test("createOptimizer refuses effects, gradients and states that do not fit", async () => {
  await useEngine("cpu");
  const parameters = makeParameters();
  const effects = effectsOf([], descriptions);
  assert.throws(
    () => createOptimizer(optimizers[0], parameters, [], null),
    /one a parameter \(4\)/,
  );
  assert.throws(
    () => createOptimizer(optimizers[5], parameters, effects, null),
    /must hold adamW's decay 0.3, found 0/,
  );
  assert.throws(
    () => createOptimizer(optimizers[0], parameters, effects, { norm: 0 }),
    /clipping.norm must be a finite number above 0, found 0/,
  );
  const optimizer = createOptimizer(optimizers[1], parameters, effects, null);
  const gradients = [tf.zeros([7, 6]), tf.zeros([2, 6]), tf.zeros([16])];
  assert.throws(
    () => optimizer.step(gradients, 0.1),
    /hidden\/bias must have shape \[17\], found \[16\]/,
  );
  assert.throws(() => optimizer.step(gradients.slice(0, 2), 0.1), /found none/);
  assert.throws(() => optimizer.step([], NaN), /learningRate/);
  const { values } = optimizer.state();
  assert.throws(() => optimizer.restore({ steps: 1.5, values }), /steps must be a whole number/);
  assert.throws(
    () => optimizer.restore({ steps: 1, values: {} }),
    /hidden\/kernel\/velocity differs/,
  );
  assert.throws(
    () =>
      optimizer.restore({
        steps: 1,
        values: { ...values, "hidden/bias/velocity": new Float32Array(1) },
      }),
    /must have 17 values, found 1/,
  );
  const averaging = { fromStep: null, heldOutLosses: [] };
  assert.throws(
    () => optimizer.restore({ steps: 1, values, averaging }),
    /must not hold averaging/,
  );
  assert.throws(
    () => createOptimizer(optimizers[0], parameters, effects, { norm: 1, value: 1 }),
    /by norm or by value, found both: 1 and 1/,
  );
});

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
