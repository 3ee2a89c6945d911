import assert from "node:assert/strict";
import { formatNumber, formatShare, formatSigned } from "./format.ts";

Deno.test("what rounds to 0 has no sign", () => {
  assert.deepEqual([-0.0004, -0.0006, -0, 0.0004].map((value) => formatNumber(value)), [
    "0.000",
    "−0.001",
    "0.000",
    "0.000",
  ]);
  assert.equal(formatNumber(-0.4, 0), "0");
  assert.equal(formatNumber(-10, 0), "−10");
  assert.equal(formatShare(-0.0001), "0.0 %");
  assert.equal(formatSigned(-0.0001), "0.000");
});
