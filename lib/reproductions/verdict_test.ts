import assert from "node:assert/strict";
import { judge, predictionInterval } from "./verdict.ts";

const close = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) <= 1e-9 * Math.abs(b), `${a} ${b}`);

Deno.test("predictionInterval is mean ± t s √(1 + 1/n), worked by hand", () => {
  // Mean 10, s = 0.1, t(0.975; 2) = 4.30265273: half-width 4.30265273 · 0.1 · √(4/3) = 0.496827542350.
  const [low, high] = predictionInterval([9.9, 10, 10.1]);
  close(high, 10.49682754235);
  close(low, 9.50317245765);
  // Squares 1 + 0 + 0 + 1 = 2, s = √(2/3), t(0.975; 3) = 3.182446305: 3.182446305 · √(2/3) · √(5/4).
  const [, four] = predictionInterval([99, 100, 100, 101]);
  close(four, 100 + 3.182446305284263 * Math.sqrt(2 / 3 * 5 / 4));
});

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
