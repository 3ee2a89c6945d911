import assert from "node:assert/strict";
import { randomStream } from "../../core/random.ts";
import { sobolCoordinate, sobolDimensions } from "./sobol.ts";
import reference from "./_reference/sobol.json" with { type: "json" };

const scrambled = (dimension: number, seed: number) =>
  sobolCoordinate(dimension, randomStream(seed, "sobol", dimension));

Deno.test("sobolCoordinate without scrambling is SciPy's sequence in all 32 dimensions", () => {
  assert.equal(sobolDimensions, 32);
  for (let dimension = 0; dimension < 32; dimension++) {
    const coordinate = sobolCoordinate(dimension, null);
    // Both are multiples of a power of 1/2: they are equal, not only close.
    assert.deepEqual(
      reference.points.map((_, index) => coordinate(index)),
      reference.points.map((point) => point[dimension]),
    );
    const { index, point } = reference.late;
    assert.ok(Math.abs(coordinate(index) - point[dimension]) < 2 ** -29);
  }
});

Deno.test("sobolCoordinate, scrambled, has one of 2^k points in each of 2^k equal parts of every axis", () => {
  for (let seed = 1; seed <= 5; seed++) {
    for (let dimension = 0; dimension < 32; dimension++) {
      const coordinate = scrambled(dimension, seed);
      for (const count of [2, 8, 64]) {
        const parts = Array.from({ length: count }, (_, i) => Math.floor(count * coordinate(i)));
        assert.deepEqual(parts.sort((a, b) => a - b), Array.from(parts, (_, i) => i));
      }
    }
  }
});

Deno.test("sobolCoordinate, scrambled, keeps the stratification of the first two dimensions together", () => {
  // A (0, 2)-sequence: of 16 points one lies in each box of area 1/16, whatever its sides.
  for (let seed = 1; seed <= 20; seed++) {
    const [x, y] = [scrambled(0, seed), scrambled(1, seed)];
    for (const columns of [1, 2, 4, 8, 16]) {
      const boxes = Array.from(
        { length: 16 },
        (_, i) => Math.floor(columns * x(i)) * 16 + Math.floor(16 / columns * y(i)),
      );
      assert.equal(new Set(boxes).size, 16);
    }
  }
});

Deno.test("sobolCoordinate, scrambled, is uniform at each point over the scramblings", () => {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  for (const [dimension, index] of [[0, 0], [3, 1], [7, 5], [20, 12]]) {
    const values = Array.from({ length: 3000 }, (_, seed) => scrambled(dimension, seed)(index));
    // Five standard errors of a mean of 3000 uniform numbers, and of their squares.
    assert.ok(Math.abs(mean(values) - 1 / 2) < 5 * Math.sqrt(1 / 12 / 3000));
    assert.ok(Math.abs(mean(values.map((u) => u * u)) - 1 / 3) < 5 * Math.sqrt(4 / 45 / 3000));
  }
});

Deno.test("sobolCoordinate integrates with a smaller error than independent points do", () => {
  const f = (u: readonly number[]) => u.reduce((product, x) => product * (1 + (x - 0.5) / 2), 1);
  let [sobol, independent] = [0, 0];
  for (let seed = 1; seed <= 20; seed++) {
    const coordinates = [0, 1, 2, 3, 4].map((dimension) => scrambled(dimension, seed));
    const stream = randomStream(seed, "independent");
    let [a, b] = [0, 0];
    for (let index = 0; index < 256; index++) {
      a += f(coordinates.map((coordinate) => coordinate(index))) / 256;
      b += f(coordinates.map(() => stream.uniform())) / 256;
    }
    sobol += (a - 1) ** 2;
    independent += (b - 1) ** 2;
  }
  assert.ok(sobol < independent / 50, `${sobol} against ${independent}`);
});

Deno.test("sobolCoordinate refuses dimensions and indices that it does not have", () => {
  assert.throws(() => sobolCoordinate(32, null), /dimension must be .*31, found 32/);
  assert.throws(() => sobolCoordinate(0, null)(-1), /index must be .* found -1/);
});
