import assert from "node:assert/strict";
import { RandomStream, randomStream } from "./random.ts";

Deno.test("randomStream gives other numbers for another seed, fold or purpose, and the same for the same", () => {
  const first = (...purpose: (string | number)[]) => randomStream(1, ...purpose).uniform();
  assert.equal(first("fold 0", "batches"), first("fold 0", "batches"));
  const others = [
    first("fold 0", "batches"),
    first("fold 1", "batches"),
    first("fold 0", "dropout"),
    randomStream(2, "fold 0", "batches").uniform(),
    first("fold 0batches"),
  ];
  assert.equal(new Set(others).size, others.length);
});

Deno.test("randomStream is the stored sequence: a change would change every stored run", () => {
  const stream = randomStream(1, "fold 0", "batches");
  const drawn = [stream.uint32(), stream.uint32(), stream.uint32()];
  assert.deepEqual(drawn, goldenUint32);
  assert.equal(stream.uniform(), goldenUniform);
});
const goldenUint32 = [3115931240, 300892466, 1746251837];
const goldenUniform = 0.9544515188297784;

Deno.test("RandomStream continues from its state as if nothing had happened, spare normal included", () => {
  const stream = randomStream(3, "x");
  stream.normal();
  const copy = RandomStream.from(JSON.parse(JSON.stringify(stream.state())));
  for (let i = 0; i < 5; i++) assert.equal(copy.normal(), stream.normal());
  assert.equal(copy.uint32(), stream.uint32());
});

Deno.test("RandomStream.uniform and .normal have their means and variances", () => {
  const stream = randomStream(5, "moments");
  const count = 50000;
  const uniform = Array.from({ length: count }, () => stream.uniform());
  const normal = Array.from({ length: count }, () => stream.normal());
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / count;
  const variance = (values: number[], center = mean(values)) =>
    mean(values.map((value) => (value - center) ** 2));
  // Four standard errors: 4·0.2887/√n and 4/√n; of variances 4·√(1/180)/√n and 4·√2/√n.
  assert.ok(Math.abs(mean(uniform) - 0.5) < 0.0052);
  assert.ok(Math.abs(mean(normal)) < 0.018);
  assert.ok(Math.abs(variance(uniform) - 1 / 12) < 0.00134);
  assert.ok(Math.abs(variance(normal) - 1) < 0.0253);
  assert.ok(uniform.every((u) => u >= 0 && u < 1));
});

Deno.test("RandomStream.integer is uniform and refuses counts it cannot serve", () => {
  const stream = randomStream(9, "dice");
  const counts = new Array(6).fill(0);
  for (let i = 0; i < 60000; i++) counts[stream.integer(6)]++;
  // χ² with 5 degrees of freedom: 20.5 has probability 0.001.
  const chiSquare = counts.reduce((sum, n) => sum + (n - 10000) ** 2 / 10000, 0);
  assert.ok(chiSquare < 20.5, `χ² = ${chiSquare}`);
  for (const count of [0, -1, 1.5, NaN, 2 ** 53]) {
    assert.throws(() => stream.integer(count), RangeError);
  }
});

Deno.test("RandomStream.integer is uniform over more than 32 bits, in the lower ones too", () => {
  const stream = randomStream(9, "far");
  // Not a power of two, so that values are drawn anew.
  const count = Math.floor(5 * 2 ** 50 / 3);
  const [high, low] = [new Array(8).fill(0), new Array(7).fill(0)];
  for (let draw = 0; draw < 40_000; draw++) {
    const value = stream.integer(count);
    assert.ok(Number.isSafeInteger(value) && value >= 0 && value < count);
    high[Math.floor(value / count * 8)]++;
    low[value % 7]++;
  }
  // χ² with 7 and 6 degrees of freedom: 24.3 and 22.5 have probability 0.001.
  for (const [counts, most] of [[high, 24.3], [low, 22.5]] as const) {
    const expected = 40_000 / counts.length;
    const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    assert.ok(chiSquare < most, `χ² = ${chiSquare}`);
  }
  // Drawn from 53 bits: the upper 21 first, then 32.
  const [drawn, bits] = [randomStream(3, "bits"), randomStream(3, "bits")];
  const expected = BigInt(bits.uint32() >>> 11) * 2n ** 32n + BigInt(bits.uint32());
  assert.equal(BigInt(drawn.integer(2 ** 53 - 1)), expected);
});

Deno.test("RandomStream.integer below 2^32 takes one draw of 32 bits", () => {
  for (const count of [1, 6, 2 ** 31, 2 ** 32]) {
    const [drawn, bits] = [randomStream(4, "same"), randomStream(4, "same")];
    assert.equal(drawn.integer(count), bits.uint32() % count);
    assert.deepEqual(drawn.state(), bits.state());
  }
});

Deno.test("RandomStream.permutation holds every number once", () => {
  const order = randomStream(1, "order").permutation(100);
  assert.deepEqual([...order].sort((a, b) => a - b), [...Array(100).keys()]);
  assert.notDeepEqual([...order], [...Array(100).keys()]);
});
