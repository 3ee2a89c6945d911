import assert from "node:assert/strict";
import { detectableDifference } from "./detectable_difference.ts";
import { assertClose } from "./testing/close.ts";
import reference from "./testing/detectable_reference.json" with { type: "json" };

Deno.test("detectableDifference agrees with SciPy's noncentral t", () => {
  for (const { difference, ...options } of reference.cases) {
    assertClose(detectableDifference(options), difference, 1e-8);
  }
});

Deno.test("detectableDifference is what the frontier of 12 texts says: 0.9 standard deviations, 1.25 at Holm's first of 9", () => {
  const standardError = 1 / Math.sqrt(12);
  const found = [1, 9].map((comparisons) =>
    detectableDifference({ standardError, degreesOfFreedom: 11, comparisons })!
  );
  assertClose(found[0], 0.9, 0.02);
  assertClose(found[1], 1.25, 0.02);
});

Deno.test("detectableDifference grows with the comparisons and with power, and is null beyond what can be computed", () => {
  const at = (options: { comparisons?: number; power?: number; level?: number }) =>
    detectableDifference({ standardError: 1, degreesOfFreedom: 4, ...options })!;
  assert.ok(at({ comparisons: 2 }) > at({}));
  assert.ok(at({ power: 0.9 }) > at({}));
  assertClose(at({ comparisons: 5 }), at({ level: 0.01 }), 1e-9);
  // t is 343 with one degree of freedom and 27 comparisons.
  assert.equal(
    detectableDifference({ standardError: 1, degreesOfFreedom: 1, comparisons: 27 }),
    null,
  );
  assert.throws(() => at({ power: 1 }), RangeError);
  assert.throws(() => detectableDifference({ standardError: 0, degreesOfFreedom: 1 }), RangeError);
});
