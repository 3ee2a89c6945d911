import assert from "node:assert/strict";
import reference from "./_reference/convergence.json" with { type: "json" };
import { normalScore } from "./_normal_score.ts";
import { convergenceOf } from "./convergence.ts";
import { normalQuantile } from "./normal.ts";
import { assertClose } from "./testing/close.ts";

Deno.test("R-hat and the effective size are those of ArviZ", () => {
  for (const { chains, rHat, effectiveSize } of reference.cases) {
    const found = convergenceOf(chains.map((chain) => Float64Array.from(chain)));
    assertClose(found.rHat, rHat, 1e-9);
    assertClose(found.effectiveSize, effectiveSize, 1e-9);
  }
});

Deno.test("draws that do not vary have no R-hat, and too few are refused", () => {
  const { rHat } = convergenceOf([new Float64Array(10).fill(1), new Float64Array(10).fill(1)]);
  assert.ok(Number.isNaN(rHat));
  assert.throws(() => convergenceOf([new Float64Array(4)]), /from 8 on, found 4/);
  assert.throws(() => convergenceOf([]), /found none/);
  assert.throws(() => convergenceOf([new Float64Array(8), new Float64Array(9)]), /found 8, 9/);
});

Deno.test("normal scores are the quantiles of the normal distribution", () => {
  for (
    const p of [1e-30, 1e-12, 1e-5, 0.01, 0.0749, 0.0751, 0.2, 0.5, 0.7, 0.9249, 0.9251, 0.9999]
  ) {
    assertClose(normalScore(p), normalQuantile(p), 1e-14);
  }
});
