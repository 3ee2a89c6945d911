import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { warmUpSchedule } from "../core/schedule.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adam_w.ts";
import { coupledWeightDecay } from "../penalties/coupled_weight_decay.ts";
import { decoupledDecayTowardsStart } from "../penalties/decoupled_decay_towards_start.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { groupLasso } from "../penalties/group_lasso.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { l2 } from "../penalties/l2.ts";
import { l2TowardsStart } from "../penalties/l2_towards_start.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { proximalL1TowardsStart } from "../penalties/proximal_l1_towards_start.ts";
import { effectsByStep, penaltyValue, validatePenalty } from "../penalties/targets.ts";
import { assertClose } from "./_assert_close.ts";
import reference from "./_reference/towards_start.json" with { type: "json" };
import { optimizers, partOf } from "./_test_optimizers.ts";
import { descriptions, doSteps, makeParameters } from "./_test_steps.ts";
import { type Clipping, validateClipping } from "./clipping.ts";
import { createOptimizer, type OptimizedParameter } from "./create.ts";
import { learningRateOf, penaltiesWith, validateOptimizer } from "./optimizer.ts";
import type { OptimizerSpecification } from "./kinds.ts";
import { startingWeights } from "./starting_weights.ts";

const kernelAndBias: readonly ParameterDescription[] = [
  { name: "output/kernel", kind: "kernel", layer: "output", shape: [3, 2] },
  { name: "output/bias", kind: "bias", layer: "output", shape: [2] },
];
const curvatures: Readonly<Record<string, readonly number[]>> = reference.curvatures;

function variableOf(values: readonly number[], shape: readonly number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor([...values], [...shape])));
}

/** Weights and norms of the gradient after each step that the reference has. */
function trajectory(run: typeof reference.runs[number]) {
  const specification = validateOptimizer(run.optimizer);
  const penalties = penaltiesWith(specification, run.penalties.map(validatePenalty));
  const parameters = kernelAndBias.map((description, index) => ({
    description,
    first: 6 * index,
    variable: variableOf(
      index === 0 ? reference.start.slice(0, 6) : reference.start.slice(6),
      description.shape,
    ),
  }));
  const optimizer = createOptimizer(
    specification,
    parameters,
    effectsByStep(penalties, kernelAndBias),
    run.clipping && validateClipping("run", run.clipping as Clipping),
    undefined,
    startingWeights(penalties, parameters),
  );
  const weights: number[][] = [];
  const norms: number[] = [];
  for (let step = 1; step <= reference.steps.at(-1)!; step++) {
    const gradients = parameters.map(({ variable, first }) => {
      const values = variable.dataSync().map((w, i) => {
        const difference = w - reference.targets[first + i];
        const slope = run.problem === "log cosh" ? Math.tanh(difference) : difference;
        return curvatures[run.problem][first + i] * slope;
      });
      return tf.tensor(values, variable.shape);
    });
    const { gradientNorm } = optimizer.step(gradients, learningRateOf(specification, step));
    tf.dispose(gradients);
    if (!reference.steps.includes(step)) continue;
    weights.push(parameters.flatMap(({ variable }) => [...variable.dataSync()]));
    norms.push(gradientNorm);
  }
  optimizer.dispose();
  parameters.forEach(({ variable }) => variable.dispose());
  return { weights, norms };
}

for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
  Deno.test(`penalties towards the start follow PyTorch's ${reference.versions.torch} trajectories of 20 steps within 1e-5, with the same weights unchanged, on ${engine}`, async () => {
    await useEngine(engine);
    let unchanged = 0;
    for (const run of reference.runs) {
      const what = JSON.stringify([run.problem, run.optimizer, run.penalties, run.clipping]);
      const { weights, norms } = trajectory(run);
      reference.steps.forEach((step, index) =>
        assertClose(weights[index], run.weights[index], 1e-5, `${what}, step ${step}`)
      );
      assertClose(norms, run.gradientNorms, 1e-5, `${what}, gradient norms`);
      if (!run.penalties.some(({ kind }) => kind === "proximalL1TowardsStart")) continue;
      // The reference is printed with 9 digits, the start too.
      const same = (list: readonly number[], origin: readonly number[]) =>
        list.map((value, index) => value === origin[index]);
      const single = reference.start.map(Math.fround);
      weights.forEach((list, index) => {
        const expected = same(run.weights[index], reference.start);
        assert.deepEqual(same(list, single), expected, `${what}, unchanged`);
        unchanged += expected.filter(Boolean).length;
      });
    }
    assert.ok(unchanged > 100, `${unchanged} weights in all do not change`);
  });
}

const schedule = warmUpSchedule({ steps: 5 });
const targets = ["kernel", "recurrentKernel", "bias"] as const;
/** Penalties towards the start, beside what they are where the start is 0. */
const pairs: readonly (readonly PenaltySpecification[])[][] = [
  [[l2TowardsStart({ strength: 0.3 })], [l2({ strength: 0.3 })]],
  [[l2TowardsStart({ strength: 0.3, schedule })], [l2({ strength: 0.3, schedule })]],
  [[decoupledDecayTowardsStart({ strength: 0.4 })], [decoupledWeightDecay({ strength: 0.4 })]],
  [
    [decoupledDecayTowardsStart({ strength: 0.1, scaledBy: "schedule", cautious: true })],
    [decoupledWeightDecay({ strength: 0.1, scaledBy: "schedule", cautious: true })],
  ],
  [[proximalL1TowardsStart({ strength: 0.1, targets })], [proximalL1({ strength: 0.1, targets })]],
  [
    [proximalL1TowardsStart({ strength: 0.1, threshold: "scalar" })],
    [proximalL1({ strength: 0.1, threshold: "scalar" })],
  ],
  [
    [l2TowardsStart({ strength: 0.3 }), groupLasso({ strength: 0.1, groups: "row" })],
    [l2({ strength: 0.3 }), groupLasso({ strength: 0.1, groups: "row" })],
  ],
];

/** What is left of a specification without the decay of its own, which is refused beside one towards the start. */
function withoutDecay(specification: OptimizerSpecification): OptimizerSpecification {
  const { kind, learningRate } = specification;
  if (kind === "adamW") return adam({ learningRate });
  return kind === "muon" ? { ...specification, decay: 0 } : specification;
}

function trained(
  specification: OptimizerSpecification,
  penalties: readonly PenaltySpecification[],
  { clipping = null, start }: { clipping?: Clipping | null; start?: number } = {},
) {
  const parameters: OptimizedParameter[] = makeParameters();
  if (start !== undefined) {
    for (const { variable } of parameters) {
      tf.tidy(() => variable.assign(tf.fill(variable.shape, start)));
    }
  }
  const all = penaltiesWith(specification, penalties);
  const startOf = startingWeights(all, parameters);
  const optimizer = createOptimizer(
    specification,
    parameters,
    effectsByStep(all, descriptions),
    clipping,
    partOf(specification),
    startOf,
  );
  const before = tf.memory().numTensors;
  const norms = doSteps(optimizer, specification.learningRate, 1, 12);
  assert.equal(tf.memory().numTensors, before, "tensors left by a step");
  optimizer.keepEvaluationWeights();
  const weights = parameters.map(({ variable }) => [...variable.dataSync()]);
  optimizer.dispose();
  parameters.forEach(({ variable }) => variable.dispose());
  return { weights, norms };
}

Deno.test("towards a start of 0 every penalty has the bits of the one towards 0, under every optimizer and clipping", async () => {
  await useEngine("wasm");
  for (const each of optimizers.map(withoutDecay)) {
    for (const [towardsStart, towardsZero] of pairs) {
      for (const clipping of [null, { norm: 2 }, { value: 0.5 }]) {
        assert.deepEqual(
          trained(each, towardsStart, { clipping, start: 0 }),
          trained(each, towardsZero, { clipping, start: 0 }),
          JSON.stringify([each, towardsStart, clipping]),
        );
      }
    }
  }
});

Deno.test("penalties towards the start give the same bits on cpu and wasm, and at strength 0 those of none", async () => {
  const results: unknown[] = [];
  for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
    await useEngine(engine);
    results.push(
      optimizers.map(withoutDecay).map((each) => {
        const none = trained(each, []);
        const found = pairs.map(([penalties]) => {
          const result = trained(each, penalties);
          assert.notDeepEqual(result, none, JSON.stringify([each, penalties]));
          return result;
        });
        for (const create of [l2TowardsStart, decoupledDecayTowardsStart, proximalL1TowardsStart]) {
          assert.deepEqual(trained(each, [create({ strength: 0 })]), none);
        }
        return found;
      }),
    );
  }
  assert.deepEqual(results[1], results[0]);
});

Deno.test("under plain SGD without clipping decay towards the start is L2-SP, and a huge threshold keeps every bit of the start", async () => {
  await useEngine("wasm");
  const [sgd, byAdam] = [optimizers[0], optimizers[3]];
  const decayed = trained(sgd, [decoupledDecayTowardsStart({ strength: 0.3 })]).weights.flat();
  const pulled = trained(sgd, [l2TowardsStart({ strength: 0.3 })]).weights.flat();
  assertClose(decayed, pulled, 1e-6, "decay and L2-SP");
  const start = makeParameters();
  for (const each of [sgd, byAdam]) {
    const { weights } = trained(each, [proximalL1TowardsStart({ strength: 1e6, targets })]);
    start.forEach(({ variable }, index) =>
      assert.deepEqual(weights[index], [...variable.dataSync()])
    );
  }
  start.forEach(({ variable }) => variable.dispose());
});

Deno.test("the value of a penalty towards the start is worked by hand, and its gradient is the value's by finite differences", async () => {
  await useEngine("wasm");
  const kernel = kernelAndBias[0];
  const [start, weights] = [[1, 2, 3, 4, 5, 6], [1, 2.5, 3, 3, 5, 8]].map((list) =>
    Float32Array.from(list)
  );
  const value = (penalty: PenaltySpecification, at = weights) =>
    penaltyValue([penalty], [kernel], [at], 1, () => start);
  assert.equal(value(l2TowardsStart({ strength: 2 })), 0.25 + 1 + 4);
  assert.equal(value(proximalL1TowardsStart({ strength: 2 })), 2 * (0.5 + 1 + 2));
  assert.equal(value(decoupledDecayTowardsStart({ strength: 2 })), 0);
  assert.throws(
    () => penaltyValue([l2TowardsStart({ strength: 2 })], [kernel], [weights]),
    /needs the weights that the training began with/,
  );
  const penalty = l2TowardsStart({ strength: 0.7 });
  const specification = validateOptimizer({ kind: "sgd", learningRate: 1, momentum: 0.5 });
  const parameters = [{ description: kernel, variable: variableOf([...weights], kernel.shape) }];
  const optimizer = createOptimizer(
    ...[specification, parameters, effectsByStep([penalty], [kernel]), null, undefined] as const,
    () => start,
  );
  const zeros = tf.zeros([3, 2]);
  optimizer.step([zeros], 1);
  const gradient = optimizer.state().values["output/kernel/velocity"];
  const h = 2 ** -8;
  const differences = [...weights].map((_, i) => {
    const at = (change: number) => value(penalty, weights.map((w, j) => i === j ? w + change : w));
    return (at(h) - at(-h)) / (2 * h);
  });
  assertClose(gradient, differences, 1e-4, "finite differences");
  optimizer.dispose();
  tf.dispose([zeros, parameters[0].variable]);
});

Deno.test("an optimizer's own decay is refused beside decay towards the start, but not beside L2-SP or other targets", () => {
  const optimizer = adamW({ learningRate: 1e-3, decay: 0.1 });
  assert.throws(
    () => penaltiesWith(optimizer, [decoupledDecayTowardsStart({ strength: 1 })]),
    /Cannot combine adamW and decoupledDecayTowardsStart on kernel parameters: adamW decays kernel parameters itself\. Take/,
  );
  for (
    const allowed of [
      [l2TowardsStart({ strength: 1 })],
      [proximalL1TowardsStart({ strength: 1 })],
      [decoupledDecayTowardsStart({ strength: 1, targets: ["embedding"] })],
    ]
  ) assert.equal(penaltiesWith(optimizer, allowed).length, 2);
  assert.throws(
    () =>
      penaltiesWith(optimizers[0], [
        l2TowardsStart({ strength: 1 }),
        coupledWeightDecay({ strength: 1 }),
      ]),
    /both act by w²/,
  );
});
