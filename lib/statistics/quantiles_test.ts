import assert from "node:assert/strict";
import { chiSquareCumulative, chiSquareQuantile } from "./chi_square.ts";
import { fCumulative, fQuantile } from "./f_distribution.ts";
import { assertClose } from "./testing/close.ts";
import reference from "./testing/quantiles_reference.json" with { type: "json" };

Deno.test("quantiles of chi-square and F are SciPy's", () => {
  for (const [probability, freedom, expected] of reference.chiSquare) {
    assertClose(chiSquareQuantile(probability, freedom), expected, 1e-10);
  }
  for (const [probability, numerator, denominator, expected] of reference.f) {
    assertClose(fQuantile(probability, [numerator, denominator]), expected, 1e-9);
  }
  assert.equal(reference.chiSquare.length + reference.f.length, 50);
});

Deno.test("a quantile is where its distribution function has that probability", () => {
  for (const probability of [1e-6, 0.3, 0.999]) {
    for (const freedom of [1, 4, 50]) {
      assertClose(
        chiSquareCumulative(chiSquareQuantile(probability, freedom), freedom),
        probability,
      );
      const pair = [freedom, 3] as const;
      assertClose(fCumulative(fQuantile(probability, pair), pair), probability, 1e-11);
    }
  }
});

Deno.test("probabilities of 0 and 1 and freedoms of 0 are refused", () => {
  assert.throws(() => chiSquareQuantile(0, 2), /probability must be .* above 0 .*, found 0/);
  assert.throws(() => fQuantile(1, [2, 2]), /probability must be .* below 1, found 1/);
  assert.throws(() => chiSquareCumulative(1, 0), /degreesOfFreedom must be .*above 0/);
  assert.throws(() => fCumulative(1, [1, 0]), /denominator must be .*above 0/);
});
