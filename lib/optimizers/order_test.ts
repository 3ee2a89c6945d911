import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "../engine/engine.ts";
import { coupledWeightDecay } from "../penalties/coupled_weight_decay.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { l2 } from "../penalties/l2.ts";
import { maxNorm } from "../penalties/max_norm.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { proximalElasticNet } from "../penalties/proximal_elastic_net.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { effectsOf } from "../penalties/targets.ts";
import { createOptimizer } from "./create.ts";
import { sgd } from "./sgd.ts";

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

Deno.test("createOptimizer decays cautiously only what the step does not move away from 0", async () => {
  const description = { name: "a/kernel", kind: "kernel", layer: "a", shape: [6] } as const;
  for (const engine of ["cpu", "wasm"] as const) {
    await useEngine(engine);
    const variable = tf.variable(tf.tensor1d([1, 1, 1, -1, -1, -1]));
    const optimizer = createOptimizer(
      sgd({ learningRate: 0.5 }),
      [{ description, variable }],
      effectsOf([decoupledWeightDecay({ strength: 0.5, cautious: true })], [description]),
      null,
    );
    optimizer.step([tf.tensor1d([1, 0, -1, 1, 0, -1])], 0.5);
    // ½ of the gradient, and ½ · ½ of the weight where u w ≥ 0.
    assert.deepEqual([...variable.dataSync()], [0.25, 0.75, 1.5, -1.5, -0.75, -0.25]);
  }
});

Deno.test("createOptimizer bounds the norms of groups after the proximal map, and leaves smaller ones alone", async () => {
  const description = { name: "a/kernel", kind: "kernel", layer: "a", shape: [2, 2] } as const;
  for (const engine of ["cpu", "wasm"] as const) {
    await useEngine(engine);
    const variable = tf.variable(tf.tensor2d([[6.5, 3], [8.5, -2]]));
    const optimizer = createOptimizer(
      sgd({ learningRate: 0.5 }),
      [{ description, variable }],
      effectsOf(
        [maxNorm({ strength: 0.2, groups: "column" }), proximalL1({ strength: 1 })],
        [description],
      ),
      null,
    );
    optimizer.step([tf.zeros([2, 2])], 0.5);
    // The soft threshold of ½ leaves columns (6, 8) and (2.5, −1.5); the bound is 5.
    assert.deepEqual([...variable.dataSync()], [3, 2.5, 4, -1.5]);
  }
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
