import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { correctedTTest } from "./corrected_t.ts";
import { correlatedBayesianT } from "./correlated_bayesian_t.ts";
import { equivalencesOf, equivalenceTest } from "./equivalence.ts";
import reference from "./_reference/correlated_t.json" with { type: "json" };
import { regionOf } from "./region_of_baseline.ts";
import { assertClose } from "./testing/close.ts";
import { verdictOn } from "./verdict.ts";

Deno.test("p-values and 90 % intervals of the two one-sided tests are those of scipy", () => {
  for (const { differences, region, pValues: [below, above], interval } of reference.cases) {
    const sizes = { test: 1, training: differences.length - 1 };
    const found = equivalenceTest(differences, { region, sizes })!;
    assertClose(found.pBelow, below, 1e-9, 1e-13);
    assertClose(found.pAbove, above, 1e-9, 1e-13);
    assert.equal(found.pValue, Math.max(found.pBelow, found.pAbove));
    assertClose(found.interval[0], interval[0], 1e-9, 1e-13);
    assertClose(found.interval[1], interval[1], 1e-9, 1e-13);
  }
});

Deno.test("with one degree of freedom the p-values are arctangents", () => {
  // Mean 1, s² = 2, (1/2 + 1/2) · 2 = 2: e = √2; (1 + 3)/√2 and (1 − 3)/√2.
  const found = equivalenceTest([0, 2], { region: 3, sizes: { test: 1, training: 2 } })!;
  assertClose(found.pBelow, 0.5 - Math.atan(4 / Math.SQRT2) / Math.PI, 1e-12);
  assertClose(found.pAbove, 0.5 - Math.atan(2 / Math.SQRT2) / Math.PI, 1e-12);
  assert.equal(found.pValue, found.pAbove);
  assert.equal(found.isEquivalent, false);
});

Deno.test("the test says equivalent exactly where the 90 % interval lies inside the region", () => {
  const stream = randomStream(19, "equivalence");
  const said = new Set<boolean>();
  for (let draw = 0; draw < 300; draw++) {
    const differences = Array.from({ length: 2 + draw % 9 }, () => 0.01 * stream.normal());
    const sizes = { test: 1, training: 2 };
    const region = 0.04 * stream.uniform();
    const { isEquivalent, interval: [low, high] } = equivalenceTest(differences, {
      region,
      sizes,
    })!;
    assert.equal(isEquivalent, -region < low && high < region);
    const { interval } = correctedTTest(differences, sizes, { confidence: 0.9 });
    assertClose(low, interval![0], 1e-9);
    assertClose(high, interval![1], 1e-9);
    said.add(isEquivalent);
  }
  assert.equal(said.size, 2);
});

Deno.test("the posterior's tails are the p-values of the one-sided tests", () => {
  const differences = [0.01, -0.02, 0.004, 0.001];
  const options = { region: 0.02, sizes: { test: 1, training: 3 } };
  const { below, above } = correlatedBayesianT(differences, options)!;
  const { pBelow, pAbove } = equivalenceTest(differences, options)!;
  assertClose(below, pBelow, 1e-12);
  assertClose(above, pAbove, 1e-12);
});

Deno.test("equal differences, and one of them, have no test", () => {
  for (const differences of [[0, 0, 0], [0.1, 0.1], [0.1]]) {
    assert.equal(equivalenceTest(differences, { region: 1 }), null);
  }
  assert.throws(
    () => equivalenceTest([0, 1], { region: -1 }),
    /region must be .* above 0, found -1/,
  );
  assert.throws(
    () => equivalenceTest([0, 1], { region: 1, level: 0.5 }),
    /level must be .* below 0.5/,
  );
});

/** A region of one number, and differences of as many folds. */
const regionAt = (nats: number) =>
  regionOf(
    { select: { kind: "mean", metric: "validationLoss", axes: [] }, folds: [] },
    { nats },
    "missingRuns",
  );
const tested = (values: readonly number[]) => ({
  folds: values.map((_, fold) => fold),
  values,
  test: correctedTTest(values, { test: 1, training: 3 }),
});

Deno.test("Holm adjusts equivalence over the comparisons of the difference tests, pruned points with p = 1", () => {
  const [a, b] = [[0.001, -0.001, 0.0005, 0.0012], [0.002, -0.0015, 0.001, 0.0021]].map(tested);
  const [raw, other] = [a, b].map((each) =>
    equivalencesOf([each], regionAt(0.005))[0]!.test.pValue
  );
  assert.ok(raw < other);
  const pruned = { ...b, test: null };
  const adjusted = equivalencesOf([a, pruned, b], regionAt(0.005), (index) => index === 1);
  assertClose(adjusted[0]!.adjustedPValue, 3 * raw);
  assert.equal(adjusted[1], null);
  assertClose(adjusted[2]!.adjustedPValue, 2 * other);
  const unknown = { ...regionAt(1), halfWidth: null };
  assert.deepEqual(equivalencesOf([a, b], unknown), [null, null]);
});

Deno.test("a difference that is shown keeps its direction, and says whether it lies in the region", () => {
  const judged = (values: readonly number[], nats: number) => {
    const { test } = tested(values);
    const [equivalence] = equivalencesOf([tested(values)], regionAt(nats));
    return { test, adjustedPValue: test.pValue, equivalence };
  };
  const lower = [-0.01, -0.011, -0.0095, -0.0105];
  assert.equal(verdictOn(judged(lower, 0.02)), "lower");
  assert.equal(judged(lower, 0.02).equivalence!.withinRegion, true);
  assert.equal(verdictOn(judged(lower, 0.005)), "lower");
  assert.equal(judged(lower, 0.005).equivalence!.withinRegion, false);
  const around0 = [-0.01, 0.011, -0.0095, 0.0105];
  assert.equal(verdictOn(judged(around0, 0.1)), "equivalent");
  assert.equal(verdictOn(judged(around0, 0.01)), "notShown");
});

Deno.test("a border that was measured on each fold is tested with the difference, so that its noise counts", () => {
  const sizes = { test: 1, training: 3 };
  const differences = [0.01, -0.004, 0.006, 0.002];
  const borders = [0.05, 0.02, 0.04, 0.03];
  const found = equivalenceTest(differences, { region: borders, sizes })!;
  assertClose(found.region, 0.035);
  // The same as two one-sided corrected tests of the sums and of the differences.
  const oneSided = (sign: 1 | -1) => {
    const values = differences.map((each, fold) => borders[fold] + sign * each);
    const { statistic, pValue } = correctedTTest(values, sizes);
    return statistic! > 0 ? pValue! / 2 : 1 - pValue! / 2;
  };
  assertClose(found.pBelow, oneSided(1), 1e-10);
  assertClose(found.pAbove, oneSided(-1), 1e-10);
  const flat = equivalenceTest(differences, { region: [0.03, 0.03, 0.03, 0.03], sizes })!;
  assertClose(flat.pValue, equivalenceTest(differences, { region: 0.03, sizes })!.pValue, 1e-12);
  const { below, above } = correlatedBayesianT(differences, { region: borders, sizes })!;
  assert.deepEqual([below, above], [found.pBelow, found.pAbove]);
  assert.throws(
    () => equivalenceTest(differences, { region: [0.1, 0.1], sizes }),
    /region must be one number, or one for each of the 4 differences, found \[0\.1,0\.1\]/,
  );
});
