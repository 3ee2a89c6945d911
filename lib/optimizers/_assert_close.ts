import assert from "node:assert/strict";

/**
 * Asserts that the largest difference is at most a share of the largest expected value; NaN fails.
 */
export function assertClose(
  found: ArrayLike<number>,
  expected: readonly number[],
  share: number,
  what: string,
): void {
  assert.equal(found.length, expected.length, what);
  const largest = Math.max(...expected.map(Math.abs));
  const error = Math.max(...expected.map((value, i) => Math.abs(found[i] - value)));
  assert.ok(error <= share * largest, `${what}: error ${error}, largest value ${largest}`);
}
