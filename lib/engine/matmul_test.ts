import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { useEngine } from "./engine.ts";
import { arenaPointer, cut, products } from "./kernels.ts";

const native = (await useEngine("native")).name === "native";
const requireAll = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";

function draw(shape: number[], purpose: string): Float32Array {
  const stream = randomStream(1, purpose, ...shape);
  return Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => stream.normal());
}

/** Sums in double precision. */
function expectedProduct(
  [m, n, k]: number[],
  at: (i: number, q: number) => number,
  bt: (q: number, j: number) => number,
): Float64Array {
  return Float64Array.from({ length: m * n }, (_, index) => {
    let sum = 0;
    for (let q = 0; q < k; q++) sum += at(Math.floor(index / n), q) * bt(q, index % n);
    return sum;
  });
}

for (const engine of ["wasm", "relaxed", "native"] as const) {
  const missing = engine === "native" && !native;
  const ignore = missing && !requireAll;
  const skipped = missing ? " (skipped: no BLAS)" : "";

  Deno.test({
    name: `${engine}: products of odd sizes, all transposes, strides and accumulation${skipped}`,
    ignore,
    fn: async () => {
      assert.equal((await useEngine(engine)).name, engine);
      const sizes = [[1, 1, 1], [3, 17, 33], [4, 8, 256], [5, 9, 257], [33, 1, 7], [13, 1031, 3]];
      for (const [m, n, k] of sizes) {
        for (const [transposeA, transposeB] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
          for (const [accumulate, prepared] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
            if (prepared && transposeA) continue;
            const lda = (transposeA ? m : k) + 2, ldb = (transposeB ? k : n) + 3, ldc = n + 1;
            const a = draw([transposeA ? k : m, lda], "a"),
              b = draw([transposeB ? n : k, ldb], "b");
            const c = draw([m, ldc], "c");
            const expected = expectedProduct(
              [m, n, k],
              (i, q) => transposeA ? a[q * lda + i] : a[i * lda + q],
              (q, j) => transposeB ? b[j * ldb + q] : b[q * ldb + j],
            );
            const found = tf.tidy(() => {
              const [pa, pb] = [tf.tensor1d(a), tf.tensor1d(b)].map(arenaPointer);
              const result = tf.tensor1d(c.slice());
              const pc = arenaPointer(result);
              if (prepared) {
                products().withPrepared(transposeB === 1, k, n, pb, ldb, (matrix) => {
                  cut({ count: m, unit: 1, nanoseconds: 0 }).run((_, rows, calls) => {
                    matrix.by(calls)(rows, pa, lda, accumulate === 1, pc, ldc);
                  });
                });
              } else {
                // deno-fmt-ignore
                products().multiply(
                  transposeA === 1, transposeB === 1, m, n, k, pa, lda, pb, ldb,
                  accumulate === 1, pc, ldc,
                );
              }
              return result.dataSync();
            });
            for (let i = 0; i < m; i++) {
              assert.equal(found[i * ldc + n], c[i * ldc + n], "beyond the row");
              for (let j = 0; j < n; j++) {
                const value = expected[i * n + j] + (accumulate ? c[i * ldc + j] : 0);
                const error = Math.abs(found[i * ldc + j] - value);
                assert.ok(
                  error <= 1e-6 * Math.sqrt(k) * 4,
                  `${[m, n, k, transposeA, transposeB, accumulate, prepared, i, j]}: ${error}`,
                );
              }
            }
          }
        }
      }
    },
  });

  Deno.test({
    name: `${engine}: tf.matMul and tf.fused.matMul with broadcast batches are the cpu's${skipped}`,
    ignore,
    fn: async () => {
      const run = (): Float32Array[] =>
        tf.tidy(() => {
          const make = (shape: number[]) => tf.tensor(draw(shape, "matrix"), shape);
          const a = make([2, 3, 5, 7]), b = make([7, 4]), c = make([2, 3, 4, 7]);
          const bias = make([4]), alpha = make([1, 4]);
          const matrix = make([6, 7]) as tf.Tensor2D, weights = b as tf.Tensor2D;
          const fused = (activation: tf.fused.Activation, more = {}) =>
            tf.fused.matMul({ a: matrix, b: weights, bias, activation, ...more });
          return [
            tf.matMul(a, b),
            tf.matMul(a, c, false, true),
            tf.matMul(make([3, 7, 2]), make([3, 7, 5]), true, false),
            tf.matMul(make([2, 1, 3, 4]), make([1, 2, 4, 3])),
            fused("linear"),
            fused("relu"),
            fused("sigmoid"),
            fused("elu"),
            fused("relu6"),
            fused("leakyrelu", { leakyreluAlpha: 0.3 }),
            fused("prelu", { preluActivationWeights: alpha }),
          ].map((tensor) => tensor.dataSync() as Float32Array);
        });
      await useEngine("cpu");
      const expected = run();
      assert.equal((await useEngine(engine)).name, engine);
      const { numTensors } = tf.memory();
      const found = run();
      assert.equal(tf.memory().numTensors, numTensors);
      expected.forEach((values, index) => {
        assert.equal(found[index].length, values.length);
        values.forEach((value, i) => {
          assert.ok(Math.abs(found[index][i] - value) <= 1e-5, `result ${index}[${i}]`);
        });
      });
      tf.tidy(() => {
        assert.throws(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])), /inner shapes/);
      });
    },
  });
}
