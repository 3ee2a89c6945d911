import assert from "node:assert/strict";
import { useEngine } from "../engine/engine.ts";
import { createLinearRegression, linearRegression } from "../models/linear_regression.ts";
import { fanInUniform, uniform } from "../models/initializers.ts";
import { adam } from "../optimizers/adam.ts";
import { sgd } from "../optimizers/sgd.ts";
import type { OptimizerSpecification } from "../optimizers/optimizer.ts";
import { ownOptimizer } from "../optimizers/own_optimizer.ts";
import { coupledWeightDecay } from "../penalties/coupled_weight_decay.ts";
import { l2 } from "../penalties/l2.ts";
import { proximalElasticNet } from "../penalties/proximal_elastic_net.ts";
import { proximalGroupLasso } from "../penalties/proximal_group_lasso.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import reference from "./_reference/linear_regression.json" with { type: "json" };
import {
  fitLinearRegression,
  largestL1Strength,
  linearRegressionPath,
  type RegressionFit,
} from "./linear_regression.ts";

const { columns, strengths, alpha, largestStrength } = reference;
const data = {
  features: Float32Array.from(reference.features),
  labels: Float32Array.from(reference.labels),
};
const model = linearRegression({ inputs: columns, bias: false });

function assertPath(
  penalties: (strength: number) => PenaltySpecification[],
  expected: readonly (readonly number[])[],
  optimizer: OptimizerSpecification = sgd({ learningRate: 0.4 }),
) {
  assertKernels(
    linearRegressionPath({ ...data, model, optimizer, steps: 250, strengths, penalties }),
    expected,
    strengths,
  );
}

function assertKernels(
  path: readonly RegressionFit[],
  expected: readonly (readonly number[])[],
  strengths: readonly number[],
) {
  path.forEach(({ kernel }, index) => {
    const what = `λ ${strengths[index]}`;
    expected[index].forEach((weight, i) => {
      const error = Math.abs(kernel[i] - weight);
      assert.ok(error <= 1e-4, `${what}: weight ${i} is ${kernel[i]}, expected ${weight}`);
    });
    const zeros = (weights: ArrayLike<number>) => Array.from(weights, (weight) => weight === 0);
    assert.deepEqual(zeros(kernel), zeros(expected[index]), `${what}: exact zeros`);
  });
}

const version = reference.versions.scikitLearn;

Deno.test(`linearRegressionPath reaches scikit-learn's ${version} Lasso at 16 λ from λ_max down, with its zeros`, async () => {
  await useEngine("wasm");
  assert.equal(strengths.length, 16);
  assertPath((strength) => [proximalL1({ strength })], reference.lasso);
});

Deno.test(`linearRegressionPath reaches scikit-learn's ${version} ElasticNet at 16 λ from λ_max down, with its zeros`, async () => {
  await useEngine("wasm");
  assertPath(
    (l1Strength) => [proximalElasticNet({ l1Strength, l2Strength: alpha })],
    reference.elasticNet,
  );
  assertPath(
    (strength) => [proximalL1({ strength }), l2({ strength: alpha })],
    reference.elasticNet,
  );
});

Deno.test(`linearRegressionPath reaches scikit-learn's ${version} Ridge by l2 and by coupled decay`, async () => {
  await useEngine("wasm");
  assertPath((strength) => [l2({ strength })], reference.ridge, sgd({ learningRate: 0.25 }));
  assertPath(
    (strength) => [coupledWeightDecay({ strength })],
    reference.ridge,
    sgd({ learningRate: 0.25 }),
  );
});

Deno.test(`linearRegressionPath of several outputs reaches scikit-learn's ${version} MultiTaskLasso by the group lasso of rows, with its zeros`, async () => {
  await useEngine("wasm");
  const { outputs, labels, strengths, kernels } = reference.tasks;
  assert.equal(strengths.length, 16);
  const path = linearRegressionPath({
    features: data.features,
    labels: Float32Array.from(labels),
    model: linearRegression({ inputs: columns, outputs, bias: false }),
    // The mean goes over outputs, too: the gradient is that much smaller.
    optimizer: sgd({ learningRate: 0.4 * outputs }),
    steps: 250,
    strengths,
    penalties: (strength) => [proximalGroupLasso({ strength, groups: "row" })],
  });
  assertKernels(path, kernels, strengths);
  assert.ok(path[0].kernel.every((weight) => weight === 0));
  assert.ok(path[15].kernel.some((weight) => weight !== 0));
});

Deno.test("largestL1Strength is the smallest λ whose fit has no weight, by the formula", async () => {
  await useEngine("wasm");
  const found = largestL1Strength(model, data);
  assert.ok(Math.abs(found - largestStrength) <= 1e-8 * largestStrength, `${found}`);
  const nonzero = (share: number, change: { bias?: boolean; loss?: "meanSquaredError" }) => {
    const changed = linearRegression({ inputs: columns, bias: false, ...change });
    const strength = share * largestL1Strength(changed, data);
    const { kernel } = fitLinearRegression({
      ...data,
      model: changed,
      penalties: [proximalL1({ strength })],
      optimizer: sgd({ learningRate: 0.1 }),
      steps: 600,
    });
    return kernel.filter((weight) => weight !== 0).length;
  };
  for (const change of [{}, { bias: true }, { loss: "meanSquaredError" }] as const) {
    assert.equal(nonzero(1.0001, change), 0, JSON.stringify(change));
    assert.equal(nonzero(0.99, change), 1, JSON.stringify(change));
  }
});

Deno.test("fitLinearRegression finds the bias and several outputs, from any beginning and by any optimizer", async () => {
  const features = Float32Array.of(0, 1, 1, 0, 1, 1, 2, 1, 0, 0);
  // y₁ = 2 x₁ − x₂ + 3, y₂ = x₁ + ½.
  const labels = Float32Array.of(2, 0.5, 5, 1.5, 4, 1.5, 6, 2.5, 3, 0.5);
  for (const engine of ["cpu", "wasm"] as const) {
    await useEngine(engine);
    for (
      const optimizer of [sgd({ learningRate: 0.3, momentum: 0.8 }), adam({ learningRate: 0.02 })]
    ) {
      const { kernel, bias, loss, penalty } = fitLinearRegression({
        features,
        labels,
        model: linearRegression({
          inputs: 2,
          outputs: 2,
          loss: "meanSquaredError",
          kernelInitializer: uniform({ range: 0.7 }),
        }),
        optimizer,
        steps: 1500,
        seed: 5,
      });
      const close = (found: ArrayLike<number>, expected: number[]) =>
        expected.forEach((value, i) => assert.ok(Math.abs(found[i] - value) < 1e-3, `${found[i]}`));
      close(kernel, [2, 1, -1, 0]);
      close(bias!, [3, 0.5]);
      assert.ok(loss < 1e-6);
      assert.equal(penalty, 0);
    }
  }
});

Deno.test("linearRegression begins as PyTorch's nn.Linear by fanInUniform, kernel and bias", async () => {
  await useEngine("cpu");
  const specification = linearRegression({
    inputs: 16,
    outputs: 400,
    kernelInitializer: fanInUniform(),
    biasInitializer: fanInUniform(),
  });
  assert.ok(!("biasInitializer" in linearRegression({ inputs: 1 })));
  const model = createLinearRegression(specification, { seed: 1 });
  for (const { variable } of model.parameters) {
    const values = variable.dataSync() as Float32Array;
    const largest = values.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    assert.ok(largest <= 0.25 && largest > 0.24, `${largest}`);
    const variance = values.reduce((sum, w) => sum + w * w, 0) / values.length;
    // 1/48; four standard errors of a variance of 400 uniform draws are 18 %.
    assert.ok(Math.abs(48 * variance - 1) < 0.18, `${variance}`);
  }
  model.dispose();
  assert.throws(
    () => linearRegression({ inputs: 1, bias: false, biasInitializer: fanInUniform() }),
    /needs a bias/,
  );
});

Deno.test("fitLinearRegression refuses data that do not fit, paths that rise and rates that diverge", async () => {
  await useEngine("cpu");
  const options = { ...data, model, optimizer: sgd({ learningRate: 0.1 }), steps: 5 };
  const wrong = { ...options, features: data.features.with(23, -Infinity) };
  assert.throws(
    () => fitLinearRegression({ ...options, labels: data.labels.slice(1) }),
    /10 features and 1 labels a row.*found 600 features and 59 labels/,
  );
  // users.md 9: not "take a smaller learning rate".
  assert.throws(
    () => fitLinearRegression({ ...options, labels: data.labels.with(7, NaN) }),
    /labels must be finite numbers, found NaN in row 7, column 0, both counted from 0/,
  );
  for (const use of [() => fitLinearRegression(wrong), () => largestL1Strength(model, wrong)]) {
    assert.throws(use, /features must be finite numbers, found -Infinity in row 2, column 3/);
  }
  const from = { kernel: new Float32Array(10).fill(NaN), bias: null };
  assert.throws(() => fitLinearRegression({ ...options, from }), /10 finite numbers, found NaN am/);
  assert.throws(
    () => linearRegressionPath({ ...options, strengths: [1, 2], penalties: () => [] }),
    /strengths must descend, found \[1,2\]/,
  );
  assert.throws(
    () => fitLinearRegression({ ...options, optimizer: sgd({ learningRate: 1e6 }), steps: 50 }),
    /gradient became .*Take a smaller learning rate than 1000000/,
  );
  const optimizer = ownOptimizer({ module: "parts/adam.ts", learningRate: 0.1 });
  assert.throws(
    () => fitLinearRegression({ ...options, optimizer }),
    /Cannot fit the linear regression with ownOptimizer: it loads no modules/,
  );
});
