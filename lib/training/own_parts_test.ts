import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { moduleCode } from "../core/own_module.ts";
import { stepSchedule } from "../core/schedule.ts";
import { useEngine } from "../engine/engine.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { asgd } from "../optimizers/asgd.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { sgd } from "../optimizers/sgd.ts";
import { type AnyOwnPenalty, definePenalty } from "../penalties/define_penalty.ts";
import { ownPenalty } from "../penalties/own_penalty.ts";
import { noEffect } from "../penalties/penalty.ts";
import { loadOwnParts, ownPenalties } from "./own_parts.ts";

const description = { name: "output/kernel", kind: "kernel", layer: "output", shape: [3] } as const;
const start = [2, -1, 0.5];

/** An optimizer of one parameter with a penalty of one's own, without a gradient of a loss. */
function acting(
  definition: AnyOwnPenalty,
  options: Partial<Parameters<typeof ownPenalty>[0]>,
  clipping: { norm: number } | null = null,
) {
  const variable = tf.tidy(() => tf.variable(tf.tensor1d(start)));
  const specification = ownPenalty({ module: "parts/x.ts", strength: 0.5, ...options });
  const parameters = [{ description, variable }];
  const call = <Result>(_: string, call: () => Result) => call();
  const own = ownPenalties([{ specification, definition, call }], parameters);
  const optimizer = own.actOn(
    createOptimizer(sgd({ learningRate: 0.1 }), parameters, [noEffect], clipping),
  );
  const gradient = tf.zeros([3]);
  return {
    own,
    optimizer,
    step: () => optimizer.step([gradient], 0.1),
    weights: () => [...variable.dataSync()],
    dispose() {
      optimizer.dispose();
      tf.dispose([variable, gradient]);
    },
  };
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, index) =>
    assert.ok(Math.abs(value - expected[index]) < 1e-6, `${actual}, expected ${expected}`)
  );
}

const square = definePenalty({
  name: "square",
  formula: "loss + λ Σ w²",
  term: (weights) => tf.sum(tf.square(weights)),
});

for (const engine of ["cpu", "wasm"] as const) {
  Deno.test(`${engine}: a term is differentiated, scheduled, clipped with the gradient and goes on from a state`, async () => {
    await useEngine(engine);
    const before = tf.memory().numTensors;
    const schedule = stepSchedule({ every: 1, factor: 0.5 });
    const one = acting(square, { schedule });
    // λ Σ w² at λ = 0.5 has the gradient w, halved by the schedule in every step.
    assert.ok(Math.abs(one.own.value(1) - 0.5 * 5.25) < 1e-6);
    assert.ok(Math.abs(one.own.value(2) - 0.25 * 5.25) < 1e-6);
    assert.ok(Math.abs(one.step().gradientNorm - Math.sqrt(5.25)) < 1e-6);
    assertClose(one.weights(), start.map((weight) => weight * 0.9));
    one.step();
    assertClose(one.weights(), start.map((weight) => weight * 0.9 * 0.95));
    one.optimizer.restore({ steps: 9, values: {} });
    one.step();
    assertClose(one.weights(), start.map((weight) => weight * 0.9 * 0.95 * (1 - 0.1 / 512)));
    one.dispose();
    const clipped = acting(square, {}, { norm: 1 });
    clipped.step();
    assertClose(clipped.weights(), start.map((weight) => weight - 0.1 * weight / Math.sqrt(5.25)));
    clipped.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  Deno.test(`${engine}: a map gets strength, rate and step, and is no term`, async () => {
    await useEngine(engine);
    const seen: unknown[] = [];
    const map = definePenalty({
      name: "map",
      formula: "w ← w − η λ",
      defaults: { size: 1 },
      afterStep(weights, { strength, learningRate, step, options, parameter }) {
        seen.push([strength, learningRate, step, options, parameter.name]);
        weights.forEach((weight, index) => weights[index] = weight - learningRate * strength);
      },
    });
    const one = acting(map, { options: { size: 3 } });
    one.step();
    one.step();
    assertClose(one.weights(), start.map((weight) => weight - 2 * 0.1 * 0.5));
    assert.deepEqual(seen, [1, 2].map((step) => [0.5, 0.1, step, { size: 3 }, "output/kernel"]));
    assert.equal(one.own.value(1), 0);
    one.dispose();
    const nothing = acting(map, { strength: 0 });
    nothing.step();
    assert.deepEqual(nothing.weights(), start);
    assert.equal(seen.length, 2);
    nothing.dispose();
  });
}

Deno.test("loadOwnParts refuses a map with asgd, other words than the module's, and a part without its code", async () => {
  const project = await Deno.makeTempDir();
  try {
    const source = "export default { name: 'm', formula: 'f', afterStep() {} };\n";
    await Deno.writeTextFile(join(project, "m.ts"), source);
    const code = moduleCode({ "m.ts": sha256(source) }, {});
    const model = gruLanguageModel({ embeddingSize: 2, hiddenSize: 2 });
    const trial = (
      penalty: Partial<Parameters<typeof ownPenalty>[0]>,
      optimizer = sgd({ learningRate: 1 }),
    ) => ({
      model,
      optimizer,
      penalties: [ownPenalty({ module: "m.ts", strength: 1, ...penalty })],
    });
    assert.equal((await loadOwnParts(trial({ code }), project)).penalties.length, 1);
    await assert.rejects(
      loadOwnParts({ ...trial({ code }), optimizer: asgd({ learningRate: 1 }) }, project),
      /Cannot combine asgd and the map "m"/,
    );
    await assert.rejects(
      loadOwnParts(trial({ code, formula: "g" }), project),
      /m\.ts, export "default": formula must be "g", found f/,
    );
    await assert.rejects(
      loadOwnParts(trial({}), project),
      /m\.ts: .* does not say what its code is/,
    );
    assert.throws(
      () => trial({ code: { ...code, sha256: "0".repeat(64) } }),
      /code\.sha256 must be the hash of its files/,
    );
    assert.throws(
      () => trial({ code: moduleCode({ "../m.ts": "0" }, {}) }),
      /must stay inside/,
    );
  } finally {
    await Deno.remove(project, { recursive: true });
  }
});
