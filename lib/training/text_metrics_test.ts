import assert from "node:assert/strict";
import { bleu } from "./bleu.ts";
import { chrf } from "./chrf.ts";
import { editDistance } from "../core/edit_distance.ts";
import { rougeL } from "./rouge_l.ts";
import reference from "./_reference/chrf.json" with { type: "json" };
import metrics from "./_reference/written_metrics.json" with { type: "json" };

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

for (const [name, { written, references, ...expected }] of Object.entries(metrics.corpora)) {
  Deno.test(`bleu gives sacrebleu's score, and rougeL rouge-score's: ${name}`, () => {
    const score = bleu(written, references);
    assert.ok(Math.abs(score - expected.bleu) <= 1e-9 * 100, `${score}, expected ${expected.bleu}`);
    const rouge = rougeL(written, references);
    assert.ok(Math.abs(rouge - expected.rougeL) <= 1e-12, `${rouge}, expected ${expected.rougeL}`);
  });
}

Deno.test("bleu and rougeL are worked by hand, and refuse lists of different lengths and empty ones", () => {
  // Of five tokens four match, of four pairs two, of three triples one, of two quadruples none: half a match.
  const by = (4 / 5) * (2 / 4) * (1 / 3) * (1 / 2 / 2);
  const score = bleu(["a b c x d"], ["a b c d"]);
  assert.ok(Math.abs(score - 100 * by ** 0.25) < 1e-9, `${score}`);
  // One token less than the reference: exp(1 − 5/4).
  const short = bleu(["a b c d"], ["a b c d e"]);
  assert.ok(Math.abs(short - 100 * Math.exp(1 - 5 / 4)) < 1e-9, `${short}`);
  assert.equal(rougeL(["b a"], ["a b"]), 0.5);
  assert.equal(rougeL(["鲸"], ["鲸"]), 0);
  for (const metric of [bleu, rougeL]) {
    assert.throws(() => metric(["a"], []), /found 0 for 1/);
    assert.throws(() => metric([], []), /at least one text/);
  }
});
