import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { arenaBytes } from "../engine/kernels.ts";
import { assertClose } from "./_testing/contract.ts";
import { linearCrossEntropy, logitRowsAtOnce } from "./linear_cross_entropy.ts";

Deno.test("logits of a large vocabulary are in memory for 64 MiB of rows at a time, which stay pairs", () => {
  assert.equal(logitRowsAtOnce(512, 49_152), 340);
  assert.equal(logitRowsAtOnce(100, 49_152), 100);
  assert.equal(logitRowsAtOnce(5000, 1 << 15), 2048);
  assert.equal(logitRowsAtOnce(5000, (1 << 15) + 1), 510);
  assert.equal(logitRowsAtOnce(5000, 1 << 25), 2);
});

Deno.test("a loss over several parts of a large vocabulary is that of all rows at once", async () => {
  await useEngine("wasm");
  const [rows, size, vocabulary] = [700, 2, 33_000];
  const stream = randomStream(1, "large vocabulary");
  const draw = (count: number) => Float32Array.from({ length: count }, () => stream.normal());
  const inputs = tf.tensor2d(draw(rows * size), [rows, size]);
  const kernel = tf.tensor2d(draw(vocabulary * size), [vocabulary, size]);
  const targets = Int32Array.from({ length: rows }, () => stream.integer(vocabulary));
  const lossOf = (first: number, end: number) =>
    tf.valueAndGrads((x, w) =>
      linearCrossEntropy({
        inputs: tf.slice2d(x as tf.Tensor2D, [first, 0], [end - first, size]),
        kernel: w as tf.Tensor2D,
        transposeKernel: true,
        targets: targets.subarray(first, end),
      })
    )([inputs, kernel]);
  const before = arenaBytes().peak;
  const whole = lossOf(0, rows);
  // 508 rows of logits, and the gradient of the kernel as it is computed and as it is given.
  assert.ok(arenaBytes().peak - before < 4 * (508 + 3 * size) * vocabulary + (1 << 20));
  const halves = [lossOf(0, 350), lossOf(350, 700)];
  const mean = (of: (each: typeof whole) => tf.Tensor) => {
    const [a, b] = halves.map((each) => of(each).dataSync());
    return Float32Array.from(a, (value, index) => (value + b[index]) / 2);
  };
  assertClose(whole.value.dataSync(), mean(({ value }) => value), 1e-6, "loss");
  for (const index of [0, 1]) {
    const found = whole.grads[index].dataSync();
    assertClose(found, mean(({ grads }) => grads[index]), 1e-6, `gradient ${index}`);
  }
});
