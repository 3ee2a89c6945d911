import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { averages } from "./testing/averages.ts";
import { createAverages } from "./averages.ts";
import { ema } from "./ema.ts";
import type { AverageSpecification } from "./kinds.ts";
import { lastEvaluations } from "./last_evaluations.ts";
import { swa } from "./swa.ts";

const engines: readonly EngineName[] = ["cpu", "wasm", "relaxed"];

/** A scalar weight that is 1, 2, 4, 8, … after steps 1, 2, 3, 4, …, evaluated after every other step. */
async function follow(engine: EngineName, average: AverageSpecification, steps = 6) {
  await useEngine(engine);
  const variable = tf.variable(tf.scalar(0));
  const followed = createAverages([average], [{ description: { name: "w" }, variable }]);
  const found: (number | null)[] = [];
  followed.take({ step: 0, evaluated: true });
  for (let step = 1; step <= steps; step++) {
    variable.assign(tf.scalar(2 ** (step - 1)));
    followed.take({ step, evaluated: false });
    if (step % 2 === 0) followed.take({ step, evaluated: true });
    found.push(followed.exists(0) ? followed.during(0, () => variable.dataSync()[0]) : null);
    assert.equal(variable.dataSync()[0], 2 ** (step - 1), "the weights come back");
  }
  followed.dispose();
  variable.dispose();
  return found;
}

const thirds = Math.fround(5 + Math.fround(Math.fround(1 / 3) * Math.fround(32 - 5)));

/** Worked by hand for weights 1, 2, 4, 8, 16, 32 and evaluations at 2, 8, 32. */
const byHand: readonly (readonly [AverageSpecification, readonly (number | null)[]])[] = [
  [ema({ decay: 0.5 }), [1, 1.5, 2.75, 5.375, 10.6875, 21.34375]],
  [ema({ decay: 0 }), [1, 2, 4, 8, 16, 32]],
  [ema({ horizon: 4, start: 2, every: 2 }), [null, 2, 2, 5, 5, 18.5]],
  [swa({ start: 3, every: 1 }), [null, null, 4, 6, Math.fround(6 + 10 / 3), 15]],
  [swa({ start: 2, every: 4 }), [null, 2, 2, 2, 2, 17]],
  [lastEvaluations({ count: 2 }), [null, 2, 2, 5, 5, 20]],
  [lastEvaluations({ count: 3 }), [null, 2, 2, 5, 5, thirds]],
  [lastEvaluations({ count: 2, weighting: "linear" }), [null, 2, 2, 6, 6, 24]],
];

for (const engine of engines) {
  Deno.test(`averages worked by hand, on ${engine}`, async () => {
    for (const [average, expected] of byHand) {
      const found = await follow(engine, average);
      found.forEach((value, index) => {
        const at = `${JSON.stringify(average)}, step ${index + 1}: ${found}`;
        if (value === null) return assert.equal(null, expected[index], at);
        assert.ok(Math.abs(value - expected[index]!) <= 4e-6 * expected[index]!, at);
      });
    }
  });
}

Deno.test("averages have the same bits on every engine, and after state and restore", async () => {
  const size = 23;
  const drawn = Array.from(
    { length: 13 },
    (_, step) => {
      const stream = randomStream(step, "averages");
      return Array.from({ length: size }, () => stream.uniform() - 0.5);
    },
  );
  const bits = new Set<string>();
  for (const engine of engines) {
    for (const stop of [Infinity, 1, 6, 9]) {
      await useEngine(engine);
      const variable = tf.variable(tf.zeros([size]));
      const create = () => createAverages(averages, [{ description: { name: "w" }, variable }]);
      let followed = create();
      for (const [index, weights] of drawn.entries()) {
        tf.tidy(() => variable.assign(tf.tensor(weights)));
        followed.take({ step: index + 1, evaluated: false });
        if (index % 3 === 2) followed.take({ step: index + 1, evaluated: true });
        if (index !== stop) continue;
        const next = create();
        next.restore(followed.view());
        followed.dispose();
        followed = next;
      }
      const { taken, values } = followed.view();
      bits.add(
        JSON.stringify([taken, Object.entries(values).map(([name, each]) => [name, ...each])]),
      );
      followed.dispose();
      variable.dispose();
    }
  }
  assert.equal(bits.size, 1);
});

Deno.test("averages give back all that they took", async () => {
  await useEngine("wasm");
  const variable = tf.variable(tf.ones([5]));
  const before = tf.memory().numTensors;
  const followed = createAverages(averages, [{ description: { name: "w" }, variable }]);
  for (let step = 1; step <= 8; step++) {
    followed.take({ step, evaluated: false });
    followed.take({ step, evaluated: true });
  }
  averages.forEach((_, index) => followed.during(index, () => variable.dataSync()));
  followed.keep(0);
  followed.dispose();
  assert.equal(tf.memory().numTensors, before);
  variable.dispose();
});

Deno.test("averages refuse the state of others", () => {
  const variable = tf.variable(tf.ones([1]));
  const parameters = [{ description: { name: "w" }, variable }];
  const one = createAverages([ema({ decay: 0.5 })], parameters);
  const other = createAverages([lastEvaluations({ count: 2 })], parameters);
  assert.throws(() => one.restore(other.view()), /state must hold average0\/0\/w, found average0/);
  variable.dispose();
});
