/**
 * The hierarchical model against baycomp, sampled by Stan (`_reference/hierarchical.py`), and against numerical
 * integration (`_reference/hierarchical_quadrature.py`).
 */
import assert from "node:assert/strict";
import sampled from "./_reference/hierarchical.json" with { type: "json" };
import integrated from "./_reference/hierarchical_quadrature.json" with { type: "json" };
import { type HierarchicalPosterior, hierarchicalT } from "./hierarchical_t.ts";
import { assertClose } from "./testing/close.ts";

const places = ["below", "inside", "above"] as const;

function posterior({ differences, region, correlation }: typeof sampled.cases[number]) {
  // ρ = n_test / (n_test + n_train).
  const sizes = { test: correlation, training: 1 - correlation };
  const studies = differences.map((each) => ({ differences: each, sizes }));
  const found = hierarchicalT(studies, { region, draws: 25_000 });
  assert.equal(found.state, "estimated");
  return found as HierarchicalPosterior;
}

for (const [index, expected] of sampled.cases.entries()) {
  const { name, scale } = expected;

  Deno.test(`the posterior of ${name} is baycomp's, and that of numerical integration`, () => {
    const found = posterior(expected);
    const exact = integrated.cases[index];
    assert.equal(exact.name, name);
    places.forEach((place, at) => {
      assertClose(found.another[place], exact.predictive[at], 0, 0.003);
      assertClose(found.most[place], exact.mostProbable[at], 0, 0.005);
      assertClose(found.another[place], expected.predictive[at], 0, 0.01);
      assertClose(found.most[place], expected.mostProbable[at], 0, 0.01);
    });
    assertClose(found.mean.mean, exact.mean, 0, 0.02 * scale);
    [...found.spread.interval, found.spread.median].forEach((value, at) =>
      assertClose(value, exact.spread[[0, 2, 1][at]], 0.04, 0.02 * scale)
    );
    assertClose(found.mean.mean, expected.mean.mean, 0, 0.03 * scale);
    assertClose(found.mean.median, expected.mean.quantiles[1], 0, 0.03 * scale);
    found.studies.forEach(({ median }, study) =>
      assertClose(median, expected.studies[study].quantiles[1], 0, 0.03 * scale)
    );
    assertClose(found.degreesOfFreedom.median, expected.degreesOfFreedom.quantiles[1], 0.05);
  });
}
