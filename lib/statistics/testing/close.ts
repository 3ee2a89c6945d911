import assert from "node:assert/strict";

/** Asserts that two numbers agree within a relative plus an absolute tolerance; NaN is a failure. */
export function assertClose(
  actual: number | null | undefined,
  expected: number,
  relative = 1e-12,
  absolute = 1e-14,
): void {
  const difference = Math.abs((actual ?? NaN) - expected);
  assert.ok(
    difference <= absolute + relative * Math.abs(expected),
    `expected ${expected}, found ${actual}: they differ by ${difference}`,
  );
}
