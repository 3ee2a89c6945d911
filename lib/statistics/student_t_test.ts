import assert from "node:assert/strict";
import { assertClose } from "./testing/close.ts";
import reference from "./testing/scipy_reference.json" with { type: "json" };
import { studentCumulative, studentQuantile, studentTwoSided } from "./student_t.ts";

Deno.test("studentCumulative agrees with SciPy from half a degree of freedom to ten thousand", () => {
  for (const [t, freedom, expected] of reference.cumulative) {
    assertClose(studentCumulative(t, freedom), expected, 5e-11, 1e-300);
  }
});

Deno.test("studentQuantile agrees with SciPy", () => {
  for (const [probability, freedom, expected] of reference.quantile) {
    assertClose(studentQuantile(probability, freedom), expected, 1e-10, 1e-12);
  }
});

Deno.test("studentTwoSided is symmetric, 1 at zero and 0 at infinity", () => {
  assert.equal(studentTwoSided(0, 3), 1);
  assert.equal(studentTwoSided(2, 3), studentTwoSided(-2, 3));
  assert.equal(studentTwoSided(Infinity, 3), 0);
  assert.ok(Number.isNaN(studentTwoSided(NaN, 3)));
});

Deno.test("studentQuantile and studentCumulative refuse what is outside their range", () => {
  assert.throws(() => studentQuantile(1, 3), RangeError);
  assert.throws(() => studentQuantile(0.5, 0), RangeError);
  assert.throws(() => studentCumulative(1, -1), RangeError);
});
