import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { cosineSchedule, warmUpSchedule } from "../core/schedule.ts";
import { coupledWeightDecay } from "../penalties/coupled_weight_decay.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { elasticNet } from "../penalties/elastic_net.ts";
import { groupLasso } from "../penalties/group_lasso.ts";
import { kerasL2 } from "../penalties/keras_l2.ts";
import { l1 } from "../penalties/l1.ts";
import { l2 } from "../penalties/l2.ts";
import { maxNorm } from "../penalties/max_norm.ts";
import { proximalElasticNet } from "../penalties/proximal_elastic_net.ts";
import { proximalGroupLasso } from "../penalties/proximal_group_lasso.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { unsquaredNorms } from "../penalties/unsquared_norms.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { effectsByStep, effectsOf } from "../penalties/targets.ts";
import { optimizers, partOf } from "./_test_optimizers.ts";
import { descriptions, doSteps, makeParameters } from "./_test_steps.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adam_w.ts";
import type { Clipping } from "./clipping.ts";
import { createOptimizer } from "./create.ts";
import { type OptimizerSpecification, penaltiesWith } from "./optimizer.ts";

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
  [decoupledWeightDecay({ strength: 1e-1, targets: ["bias"], cautious: true })],
  ...(["tensor", "row", "column", "unit"] as const).flatMap((groups) => [
    [groupLasso({ strength: 1e-2, groups })],
    [proximalGroupLasso({ strength: 1e-1, groups })],
    [maxNorm({ strength: 0.7, groups })],
  ]),
  [
    proximalGroupLasso({ strength: 0.3, groups: "column", weighting: "none" }),
    proximalElasticNet({ l1Strength: 1e-2, l2Strength: 0.1, layers: ["hidden"] }),
    maxNorm({ strength: 0.5, groups: "unit" }),
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

function run(
  specification: OptimizerSpecification,
  penalties: readonly PenaltySpecification[],
  options: { clipping?: Clipping; steps?: number } = {},
): { weights: Float32Array[]; norms: number[] } {
  const { clipping = null, steps = 20 } = options;
  const parameters = makeParameters();
  const effects = effectsByStep(penaltiesWith(specification, penalties), descriptions);
  const own = partOf(specification);
  const optimizer = createOptimizer(specification, parameters, effects, clipping, own);
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
      [decoupledWeightDecay({ strength: 0, cautious: true })],
      [elasticNet({ l1Strength: 0, l2Strength: 0 })],
      [proximalElasticNet({ l1Strength: 0, l2Strength: 0 })],
      [proximalL1({ strength: 0 }), decoupledWeightDecay({ strength: 0 })],
      [kerasL2({ strength: 0 })],
      [unsquaredNorms({ strength: 0 })],
      [groupLasso({ strength: 0, groups: "row" })],
      [maxNorm({ strength: 0, groups: "row" })],
      [proximalGroupLasso({ strength: 0, groups: "unit" })],
      [decoupledWeightDecay({ strength: 0, scaledBy: "schedule" })],
    ];
    for (const specification of optimizers.filter((each) => penaltiesWith(each, []).length === 0)) {
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
      const own = partOf(specification);
      const first = createOptimizer(specification, parameters, effects, null, own);
      doSteps(first, specification.learningRate, 1, 4);
      const state = first.state();
      first.dispose();
      assert.equal(state.steps, 4);
      const second = createOptimizer(specification, parameters, effects, null, own);
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
