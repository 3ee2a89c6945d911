import assert from "node:assert/strict";
import { judge } from "./verdict.ts";

const close = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) <= 1e-8 * Math.abs(b), `${a} ${b}`);

Deno.test("judge calls a number reproduced inside the interval and not outside it", () => {
  // Half-width 4.30265273 · 0.01 · 1.154700538 = 0.0496827543, 0.5 % of 10.
  const values = [9.99, 10, 10.01];
  assert.equal(judge(10.049, values).verdict, "reproduced");
  assert.equal(judge(9.951, values).verdict, "reproduced");
  assert.equal(judge(10.05, values).verdict, "not reproduced");
  assert.equal(judge(9.95, values).verdict, "not reproduced");
  close(judge(10, values).relativeHalfWidth!, 0.00496827542350);
});

Deno.test("judge concludes nothing from a wide interval, from fewer than 3 seeds, or from NaN", () => {
  // 5 % of 10, wherever the number lies.
  assert.equal(judge(10, [9.9, 10, 10.1]).verdict, "inconclusive");
  assert.equal(judge(20, [9.9, 10, 10.1]).verdict, "inconclusive");
  // 3 % is narrow enough: half-width 4.30265273 · s · 1.154700538 = 0.3 for s = 0.0603831.
  assert.equal(judge(10, [9.93962, 10, 10.06038]).verdict, "reproduced");
  assert.equal(judge(10, [9.93961, 10, 10.06039]).verdict, "inconclusive");
  assert.equal(judge(10, [10, 10.001]).verdict, "inconclusive");
  assert.deepEqual(judge(10, [10]).interval, null);
  assert.equal(judge(10, []).mean, null);
  assert.equal(judge(10, [10, 10, NaN]).verdict, "inconclusive");
  assert.equal(judge(null, [9.99, 10, 10.01]).verdict, "nothing published");
});

Deno.test("S14: a published mean of three seeds has the width √(1/3 + 1/3)", () => {
  // s = 0.01: half-width 4.30265273 · 0.01 · √(2/3) = 0.0351310124 in place of 0.0496827543.
  const values = [9.99, 10, 10.01];
  const judged = judge(10.04, values, { publishedSeeds: 3 });
  close(judged.interval![1], 10.0351310124);
  assert.equal(judged.verdict, "not reproduced");
  assert.equal(judge(10.04, values).verdict, "reproduced");
  assert.throws(() => judge(10, values, { publishedSeeds: 0 }), RangeError);
});

Deno.test("S14: a judgement says which difference would have been seen", () => {
  // 80 % at two degrees of freedom need δ = 5.6534893 (SciPy), times 0.01 · √(1 + 1/3).
  close(judge(10, [9.99, 10, 10.01]).detectable!, 5.653489266405565 * 0.01 * Math.sqrt(4 / 3));
  close(
    judge(null, [9.99, 10, 10.01], { publishedSeeds: 3 }).detectable!,
    5.653489266405565 * 0.01 * Math.sqrt(2 / 3),
  );
  assert.equal(judge(10, [10, 10, 10]).detectable, null);
  assert.equal(judge(10, [10, NaN]).detectable, null);
});
