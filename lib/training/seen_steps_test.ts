import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { documentedFiles } from "../core/testing/documented.ts";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { adam } from "../optimizers/adam.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { muon } from "../optimizers/muon.ts";
import type { OptimizerSpecification } from "../optimizers/optimizer.ts";
import { rmsprop } from "../optimizers/rmsprop.ts";
import { sgd } from "../optimizers/sgd.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { type AnyOwnPenalty, definePenalty } from "../penalties/define_penalty.ts";
import { l2 } from "../penalties/l2.ts";
import { maxNorm } from "../penalties/max_norm.ts";
import { ownPenalty } from "../penalties/own_penalty.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { effectsByStep } from "../penalties/targets.ts";
import { ownPenalties } from "./own_parts.ts";
import cautiousDecay from "./testing/cautious_decay.ts";

const descriptions = [
  { name: "hidden/kernel", kind: "kernel", layer: "hidden", shape: [6, 5] },
  { name: "hidden/bias", kind: "bias", layer: "hidden", shape: [5] },
] as const;

function normals(name: string, shape: readonly number[]): tf.Tensor {
  const stream = randomStream(11, name);
  const size = tf.util.sizeFromShape([...shape]);
  return tf.tensor(Float32Array.from({ length: size }, () => stream.normal()), [...shape]);
}

const call = <Result>(_: string, call: () => Result) => call();
const strength = 0.3;

/** Weights after some steps with penalties, and an own one where there is a definition. */
function trained(
  optimizer: OptimizerSpecification,
  penalties: readonly PenaltySpecification[],
  definition: AnyOwnPenalty | null,
  { steps = 50, own = {} }: { steps?: number; own?: object } = {},
): Float32Array[] {
  const parameters = descriptions.map((description) => ({
    description,
    variable: tf.tidy(() => tf.variable(normals(description.name, description.shape))),
  }));
  const specification = ownPenalty({ module: "parts/x.ts", strength, ...own });
  const acting = ownPenalties(
    definition === null ? [] : [{ specification, definition, call }],
    parameters,
  ).actOn(
    createOptimizer(optimizer, parameters, effectsByStep(penalties, descriptions), { norm: 3 }),
  );
  for (let step = 1; step <= steps; step++) {
    const gradients = descriptions.map(({ name, shape }) => normals(`${name} ${step}`, shape));
    acting.step(gradients, optimizer.learningRate);
    tf.dispose(gradients);
  }
  const weights = parameters.map(({ variable }) =>
    Float32Array.from(variable.dataSync() as Float32Array)
  );
  acting.dispose();
  tf.dispose(parameters.map(({ variable }) => variable));
  return weights;
}

const optimizers = [
  sgd({ learningRate: 0.05 }),
  sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }),
  adam({ learningRate: 0.01 }),
  rmsprop({ learningRate: 0.01, momentum: 0.5 }),
  muon({ learningRate: 0.02, decay: 0 }),
];

for (const engine of ["cpu", "wasm"] as const) {
  Deno.test(`cautious decay written as an own penalty is the library's within 1e-6 after 50 steps, on ${engine}`, async () => {
    await useEngine(engine);
    for (const optimizer of optimizers) {
      const built = trained(
        optimizer,
        [decoupledWeightDecay({ strength, cautious: true })],
        null,
      );
      const plain = trained(optimizer, [decoupledWeightDecay({ strength })], null);
      const own = trained(optimizer, [], cautiousDecay);
      const words = JSON.stringify(optimizer);
      own.forEach((values, index) =>
        values.forEach((value, i) =>
          assert.ok(Math.abs(value - built[index][i]) <= 1e-6, `${words}: ${value}`)
        )
      );
      const different = plain[0].filter((value, i) => Math.abs(value - built[0][i]) > 1e-3);
      assert.ok(different.length > 10, `${words}: caution changes little`);
    }
  });

  Deno.test(`a map sees the weights before the step and the update before decay and bounds, on ${engine}`, async () => {
    await useEngine(engine);
    for (const optimizer of optimizers) {
      const seen: number[] = [];
      const map = definePenalty({
        name: "map",
        formula: "nothing",
        sees: ["update", "before"],
        afterStep(weights, { before, update, learningRate, parameter: { name } }) {
          assert.equal(name, "hidden/kernel");
          weights.forEach((weight, i) => {
            const decayed = before[i] - update[i] - learningRate * 0.2 * before[i];
            seen.push(Math.abs(weight - decayed));
          });
        },
      });
      const decay = decoupledWeightDecay({ strength: 0.2 });
      const penalties = [decay, l2({ strength: 0.1 })];
      const seeing = trained(optimizer, penalties, map, { steps: 5 });
      assert.equal(seen.length, 5 * 30);
      assert.ok(seen.every((error) => error < 5e-7), JSON.stringify(optimizer));
      assert.deepEqual(seeing, trained(optimizer, penalties, null, { steps: 5 }));
      seen.length = 0;
      trained(optimizer, [...penalties, maxNorm({ strength: 10, groups: "row" })], map, {
        steps: 1,
      });
      assert.ok(seen.every((error) => error > 1e-3));
    }
  });
}

Deno.test("a map gets only what it says that it sees, and a strength of 0 calls nothing", async () => {
  await useEngine("cpu");
  const contexts: object[] = [];
  const map = (sees?: readonly ("before" | "update")[]): AnyOwnPenalty => ({
    name: "map",
    formula: "nothing",
    ...(sees && { sees }),
    afterStep: (_, context) => void contexts.push(context),
  });
  const others = ["learningRate", "options", "parameter", "step", "strength"];
  for (const sees of [undefined, [], ["before"], ["update"], ["update", "before"]] as const) {
    contexts.length = 0;
    trained(sgd({ learningRate: 0.1 }), [], map(sees), { steps: 1 });
    assert.equal(contexts.length, 1);
    assert.deepEqual(Object.keys(contexts[0]).sort(), [...sees ?? [], ...others].sort());
  }
  contexts.length = 0;
  trained(sgd({ learningRate: 0.1 }), [], map(["before"]), { own: { strength: 0 } });
  assert.deepEqual(contexts, []);
});

Deno.test("definePenalty refuses to see what there is not, twice, or in a term", () => {
  const good = { name: "n", formula: "f", afterStep() {} };
  const wrong: [object, RegExp][] = [
    [{ ...good, sees: "before" }, /sees must be a list of before, update, found "before"/],
    [{ ...good, sees: ["after"] }, /sees must be one of "before", "update", found "after"/],
    [{ ...good, sees: ["before", "before"] }, /sees must name each once/],
    [
      { name: "n", formula: "f", term: () => tf.scalar(1), sees: ["before"] },
      /sees is for afterStep: a term sees the weights alone/,
    ],
  ];
  for (const [definition, message] of wrong) {
    assert.throws(() => definePenalty(definition as never), message);
  }
});

Deno.test("the page on own parts has the tested cautious decay, in ten lines at most", () => {
  const code = documentedFiles("docs/own-parts.md")["parts/cautious-decay.ts"];
  const tested = Deno.readTextFileSync(new URL("./testing/cautious_decay.ts", import.meta.url));
  const definition = (text: string) => text.slice(text.indexOf("export default"));
  assert.equal(definition(code), definition(tested));
  assert.ok(definition(code).trimEnd().split("\n").length <= 10);
});
