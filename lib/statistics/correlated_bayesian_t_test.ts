import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { correlatedBayesianT } from "./correlated_bayesian_t.ts";
import { correctedTTest } from "./corrected_t.ts";
import reference from "./_reference/correlated_t.json" with { type: "json" };
import { assertClose } from "./testing/close.ts";

Deno.test("the posterior probabilities are those of baycomp where folds have no gaps", () => {
  assert.equal(reference.cases.length, 60);
  for (const { differences, region, posterior } of reference.cases) {
    const sizes = { test: 1, training: differences.length - 1 };
    const found = correlatedBayesianT(differences, { region, sizes })!;
    assertClose(found.below, posterior[0], 1e-9, 1e-12);
    assertClose(found.inside, posterior[1], 1e-9, 1e-12);
    assertClose(found.above, posterior[2], 1e-9, 1e-12);
  }
});

Deno.test("with one degree of freedom the posterior is Cauchy's, whose tails are arctangents", () => {
  // Mean 0, s² = 2, (1/2 + 1) · 2 = 3: scale √3; P(|μ| < 3) = 2/π · arctan(√3) = 2/3.
  const found = correlatedBayesianT([-1, 1], { region: 3, sizes: { test: 1, training: 1 } })!;
  assertClose(found.inside, 2 / 3, 1e-12);
  assertClose(found.below, 1 / 6, 1e-12);
});

Deno.test("the posterior's probability of the 95 % interval of the corrected test is 95 %", () => {
  const stream = randomStream(19, "correlated t");
  for (let draw = 0; draw < 50; draw++) {
    const differences = Array.from({ length: 2 + draw % 7 }, () => stream.normal());
    const sizes = { test: 1, training: 1 + draw % 4 };
    const { interval, mean } = correctedTTest(differences, sizes);
    const half = interval![1] - mean;
    const centred = differences.map((each) => each - mean);
    assertClose(correlatedBayesianT(centred, { region: half, sizes })!.inside, 0.95, 1e-10);
  }
});

Deno.test("more shared training text makes a difference near 0 less sure to lie in the region", () => {
  const inside = (training: number) =>
    correlatedBayesianT([0.01, -0.01, 0.02], { region: 0.03, sizes: { test: 1, training } })!
      .inside;
  assert.ok(inside(1) < inside(2) && inside(2) < inside(9));
  assert.ok(inside(9) < correlatedBayesianT([0.01, -0.01, 0.02], { region: 0.03 })!.inside);
});

Deno.test("equal differences, and one of them, have no posterior, and what is no region is refused", () => {
  assert.equal(correlatedBayesianT([0.1, 0.1, 0.1], { region: 1 }), null);
  assert.equal(correlatedBayesianT([0, 0], { region: 1 }), null);
  assert.equal(correlatedBayesianT([0.1], { region: 1 }), null);
  assert.throws(
    () => correlatedBayesianT([0, 1], { region: 0 }),
    /region must be .* above 0, found 0/,
  );
  assert.throws(() => correlatedBayesianT([0, NaN], { region: 1 }), /finite/);
});
