import assert from "node:assert/strict";
import { testGap } from "./generalization_gap.ts";
import { assertClose } from "./testing/close.ts";

Deno.test("S13: a gap of 3.3 naive standard errors over two folds is not shown", () => {
  // Mean 0.2, s = 0.0848528, s/√2 = 0.06; corrected √(1/2 + 1) · s = 0.103923.
  const { test, verdict, detectable } = testGap([0.14, 0.26], { test: 1, training: 1 });
  assertClose(test.mean, 0.2, 1e-12);
  assertClose(test.standardError, 0.103923048454, 1e-10);
  // With one degree of freedom P(|T| > t) = 1 − 2 atan(t) / π.
  assertClose(test.pValue, 1 - 2 * Math.atan(0.2 / 0.103923048454) / Math.PI, 1e-9);
  assert.equal(verdict, "notShown");
  assert.ok(detectable! > 1);
});

Deno.test("S13: a true gap that noise hides is not called none, and the smallest that could be seen is given", () => {
  const { verdict, detectable } = testGap([0.1, 0.2, 0.3], { test: 1, training: 2 });
  assert.equal(verdict, "notShown");
  // s √(1/3 + 1/2) = 0.0912871; 80 % at two degrees of freedom need δ = 5.6534893 (SciPy).
  assertClose(detectable, 0.0912870929 * 5.653489266, 1e-8);
});

Deno.test("testGap says over-fitting, a gap below 0, and what cannot be tested", () => {
  const sizes = { test: 1, training: 9 };
  assert.equal(testGap([0.5, 0.6, 0.55, 0.52], sizes).verdict, "overFits");
  assert.equal(testGap([-0.5, -0.6, -0.55, -0.52], sizes).verdict, "negative");
  assert.equal(testGap([0.5, 0.5], sizes).verdict, "notTested");
  assert.equal(testGap([0.5], sizes).verdict, "notTested");
  assert.throws(() => testGap([0.5, NaN], sizes), RangeError);
});
