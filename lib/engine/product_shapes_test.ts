import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "./engine.ts";
import { arenaPointer, cut, products, withScratch } from "./kernels.ts";
import {
  type CountedShape,
  countProducts,
  floorMilliseconds,
  timeProducts,
} from "./product_shapes.ts";
import { bestTime, flopOf } from "./product_timing.ts";

const plain = { transposeA: false, transposeB: false, accumulate: false, packed: false };

Deno.test("countProducts sees whole products, those of parts and packed ones, and changes no bit", async () => {
  await useEngine("wasm");
  tf.tidy(() => {
    const x = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
    const w = tf.tensor2d([[1, 0], [0, 1], [1, 1]]);
    const before = [...tf.tidy(() => tf.matMul(x, w)).dataSync()];
    const own = products();
    let after: number[] = [];
    const shapes = countProducts(() => {
      after = [...tf.matMul(x, w).dataSync()];
      tf.matMul(x, w);
      tf.matMul(w, x, true, true);
      products().withPrepared(false, 3, 2, arenaPointer(w), 2, (matrix) => {
        withScratch(
          4,
          "a test",
          (out) =>
            cut({ count: 2, unit: 1, nanoseconds: 1 }).run((first, count, calls) => {
              const at = [arenaPointer(x) + 12 * first, out + 8 * first];
              matrix.by(calls)(count, at[0], 3, true, at[1], 2);
              matrix.by(calls)(count, at[0], 3, true, at[1], 2);
            }),
        );
      });
    });
    assert.deepEqual(after, before);
    assert.deepEqual(shapes, [
      { ...plain, m: 2, n: 2, k: 3, count: 2 },
      { ...plain, transposeA: true, transposeB: true, m: 2, n: 2, k: 3, count: 1 },
      { ...plain, m: 2, n: 2, k: 3, accumulate: true, packed: true, count: 2 },
    ]);
    assert.equal(products(), own, "what was exchanged is back");
    assert.throws(() =>
      countProducts(() => {
        throw new Error("broken");
      }), /broken/);
    assert.equal(products(), own);
  });
});

Deno.test("countProducts of an engine without products to see is refused", async () => {
  await useEngine("cpu");
  assert.throws(() => countProducts(() => {}), /Cannot see the matrix products/);
  await useEngine("wasm", { threads: 2 });
  assert.throws(() => countProducts(() => {}), /several threads/);
  await useEngine("wasm");
});

Deno.test("timeProducts times every shape by the clock, and the floor is their sum by count", async () => {
  await useEngine("wasm");
  const shapes: CountedShape[] = [
    { ...plain, m: 4, n: 8, k: 2, count: 3 },
    { ...plain, m: 8, n: 4, k: 2, transposeA: true, transposeB: true, accumulate: true, count: 1 },
    { ...plain, m: 5, n: 16, k: 3, packed: true, count: 2 },
  ];
  // A clock by which whatever happens between two looks takes 1 ms.
  let clock = 0;
  const timed = timeProducts(shapes, { milliseconds: 0, now: () => clock++ });
  assert.deepEqual(timed.map(({ milliseconds }) => milliseconds), [1, 1, 1]);
  assert.equal(floorMilliseconds(timed), 6);
  const real = timeProducts(shapes, { milliseconds: 1 });
  for (const { milliseconds } of real) assert.ok(milliseconds > 0 && milliseconds < 100);
});

Deno.test("bestTime takes batches that a clock can see, and the best of them", () => {
  // A call takes 0.1 ms, and the first 100 twice as much.
  let [clock, calls] = [0, 0];
  const once = () => void (clock += calls++ < 100 ? 0.2 : 0.1);
  const time = bestTime(once, { milliseconds: 30, now: () => clock });
  assert.ok(Math.abs(time - 0.1) < 1e-9, String(time));
  assert.ok(clock >= 30);
});

Deno.test("flopOf is two for each of m n k", () => assert.equal(flopOf({ m: 2, n: 3, k: 5 }), 60));
