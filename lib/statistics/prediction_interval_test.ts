import assert from "node:assert/strict";
import { predictionInterval } from "./prediction_interval.ts";
import { assertClose } from "./testing/close.ts";

Deno.test("predictionInterval is mean ± t s √(1/m + 1/n + 2 n_test/n_train), worked by hand", () => {
  // Mean 10, s = 0.1, t(0.975; 2) = 4.30265273: half-width 4.30265273 · 0.1 · √(4/3) = 0.496827542350.
  const [low, high] = predictionInterval([9.9, 10, 10.1]);
  assertClose(high, 10.49682754235, 1e-9);
  assertClose(low, 9.50317245765, 1e-9);
  // Squares 1 + 0 + 0 + 1 = 2, s = √(2/3), t(0.975; 3) = 3.182446305: 3.182446305 · √(2/3) · √(5/4).
  const [, four] = predictionInterval([99, 100, 100, 101]);
  assertClose(four, 100 + 3.182446305284263 * Math.sqrt(2 / 3 * 5 / 4), 1e-9);
  // The mean of three more: √(1/3 + 1/3).
  const [, three] = predictionInterval([9.9, 10, 10.1], { count: 3 });
  assertClose(three, 10 + 0.43026527299 * Math.sqrt(2 / 3), 1e-9);
  // Folds of three blocks: n_test/n_train = 1/2, √(1 + 1/3 + 1).
  const [, fold] = predictionInterval([9.9, 10, 10.1], { sizes: { test: 1, training: 2 } });
  assertClose(fold, 10 + 0.43026527299 * Math.sqrt(7 / 3), 1e-9);
});

Deno.test("predictionInterval of equal values is their mean, and one value or NaN has none", () => {
  assert.deepEqual(predictionInterval([2, 2, 2]), [2, 2]);
  assert.throws(() => predictionInterval([2]), /at least two values, found 1/);
  assert.throws(() => predictionInterval([2, NaN]), RangeError);
});
