import assert from "node:assert/strict";
import { chrf } from "./chrf.ts";
import { editDistance } from "../core/edit_distance.ts";
import reference from "./_reference/chrf.json" with { type: "json" };

for (const [name, { written, references, ...expected }] of Object.entries(reference.corpora)) {
  Deno.test(`chrf gives sacrebleu's score, and editDistance the definition's: ${name}`, () => {
    const score = chrf(written, references);
    assert.ok(Math.abs(score - expected.chrf) <= 1e-9 * 100, `${score}, expected ${expected.chrf}`);
    const distances = written.map((text, index) => editDistance(text, references[index]));
    assert.deepEqual(distances, expected.distances);
    assert.deepEqual(
      written.map((text, index) => editDistance(references[index], text)),
      distances,
    );
  });
}

Deno.test("chrf refuses lists of different lengths and empty ones", () => {
  assert.throws(() => chrf(["a"], []), /found 0 for 1/);
  assert.throws(() => chrf([], []), /at least one text/);
});
