import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import {
  fanInUniform,
  glorotUniform,
  initialWeights,
  normal,
  orthogonal,
  triangular,
  uniform,
  validateInitializer,
  zeros,
} from "./initializers.ts";

const stream = () => randomStream(1, "initial weights");

Deno.test("initialWeights draws glorotUniform inside ±√(6/(rows + columns)) with its variance", () => {
  const weights = initialWeights(glorotUniform(), [60, 90], stream());
  const range = Math.sqrt(6 / 150);
  assert.ok(weights.every((w) => Math.abs(w) <= Math.fround(range)));
  const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
  // The variance of a uniform on ±r is r²/3; 5,400 draws give it within 5 % (4 standard errors).
  assert.ok(Math.abs(variance / (range * range / 3) - 1) < 0.05, `variance ${variance}`);
});

for (const [rows, columns] of [[5, 15], [15, 5], [7, 7], [1, 3]]) {
  Deno.test(`initialWeights draws orthogonal [${rows}, ${columns}] with orthonormal rows or columns`, () => {
    const w = initialWeights(orthogonal(), [rows, columns], stream());
    const count = Math.min(rows, columns);
    const at = (vector: number, position: number) =>
      rows <= columns ? w[vector * columns + position] : w[position * columns + vector];
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        let dot = 0;
        for (let k = 0; k < Math.max(rows, columns); k++) dot += at(i, k) * at(j, k);
        assert.ok(Math.abs(dot - (i === j ? 1 : 0)) < 1e-6, `rows ${i}, ${j}: ${dot}`);
      }
    }
  });
}

Deno.test("initialWeights draws normal with its standard deviation and uniform inside its range", () => {
  const drawn = initialWeights(normal({ standardDeviation: 0.02 }), [10000], stream());
  const deviation = Math.sqrt(drawn.reduce((sum, w) => sum + w * w, 0) / drawn.length);
  assert.ok(Math.abs(deviation / 0.02 - 1) < 0.03, `standard deviation ${deviation}`);
  const flat = initialWeights(uniform({ range: 0.05 }), [1000], stream());
  assert.ok(flat.every((w) => Math.abs(w) <= Math.fround(0.05)));
  assert.ok(Math.max(...flat) > 0.045 && Math.min(...flat) < -0.045);
  assert.deepEqual(initialWeights(zeros(), [3], stream()), new Float32Array(3));
});

Deno.test("initialWeights draws triangular as a sum of two uniforms and fanInUniform inside ±1/√inputs", () => {
  const sums = initialWeights(triangular({ range: 0.5 }), [10000], stream());
  assert.ok(sums.every((w) => Math.abs(w) <= 0.5));
  const variance = sums.reduce((sum, w) => sum + w * w, 0) / sums.length;
  // r²/6; the standard error of a variance of 10,000 draws is below 1.2 % of it here.
  assert.ok(Math.abs(variance / (0.25 / 6) - 1) < 0.05, `variance ${variance}`);
  // Half of the mass lies within r · (1 − 1/√2); four standard errors of a share are 0.02.
  const inner = sums.filter((w) => Math.abs(w) < 0.5 * (1 - Math.SQRT1_2)).length / sums.length;
  assert.ok(Math.abs(inner - 0.5) < 0.02, `${inner}`);
  for (
    const [shape, inputs, fanIn] of [[[25, 40], 25, undefined], [[1000], 16, 16]] as const
  ) {
    const drawn = initialWeights(fanInUniform(), shape, stream(), fanIn);
    const range = 1 / Math.sqrt(inputs);
    const largest = drawn.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    assert.ok(largest <= Math.fround(range) && largest > 0.97 * range, `${largest}`);
  }
});

Deno.test("initialWeights gives the same bits for the same stream", () => {
  for (const initializer of [glorotUniform(), orthogonal(), normal({ standardDeviation: 1 })]) {
    assert.deepEqual(
      initialWeights(initializer, [4, 6], stream()),
      initialWeights(initializer, [4, 6], stream()),
    );
  }
});

Deno.test("validateInitializer refuses unknown kinds, options and matrices of one size", () => {
  assert.throws(() => validateInitializer("model: kernel", { kind: "he" }), /one of "zeros"/);
  assert.throws(() => validateInitializer("model: kernel", { kind: "zeros", range: 1 }), /range/);
  assert.throws(
    () => validateInitializer("model: kernel", { kind: "uniform", range: 0 }),
    /above 0/,
  );
  assert.throws(() => initialWeights(orthogonal(), [3], stream()), /needs a matrix/);
});
