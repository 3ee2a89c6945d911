import assert from "node:assert/strict";
import { compareWithBaseline } from "./compare.ts";
import { contrast } from "./contrast.ts";
import { linearContrasts } from "./linear_contrasts.ts";
import { correctedTTest } from "./corrected_t.ts";
import { holm } from "./holm.ts";
import { assertClose } from "./testing/close.ts";
import { handStudy } from "./testing/hand_study.ts";
import { syntheticRecords as records } from "./testing/synthetic_study.ts";

const points = [{ a: 0, b: 0 }, { a: 1, b: 0 }, { a: 0, b: 1 }, { a: 1, b: 1 }];
const [neither, a, b, both] = points;
const interaction = contrast(both).minus(a).minus(b).plus(neither);

/** Losses of two steps by fold, seed and point; the second step is the last. */
function twoByTwo(losses: (fold: number, seed: number, index: number) => [number, number]) {
  const { study, runs } = handStudy({
    points,
    folds: 3,
    seeds: [1, 2],
    baseline: neither,
    runs: (index, fold, seed) => {
      const [first, last] = losses(fold, seed, index);
      return [[10, 1, first], [20, 1, last]];
    },
  });
  return { record: study, records: runs };
}

Deno.test("linearContrasts takes a contrast on each fold and seed and averages the seeds, by value", () => {
  // a adds −0.2, b −0.1, both together −0.25: the interaction is +0.05, and more in later folds.
  const effect = [0, -0.2, -0.1, -0.25];
  const source = twoByTwo((fold, seed, index) => [
    9,
    2 + fold + seed / 10 + effect[index] + (index === 3 ? 0.01 * fold * seed : 0),
  ]);
  const { contrasts: [result], quantity, view } = linearContrasts(source, [interaction]);
  assert.deepEqual([quantity, view, result.group], ["validationLoss", "lastStep", ""]);
  assert.equal(result.terms, interaction.terms);
  assert.deepEqual(result.folds.map(({ fold }) => fold), [0, 1, 2]);
  [0.05, 0.065, 0.08].forEach((expected, fold) =>
    assertClose(result.folds[fold].value, expected, 1e-12)
  );
  const { heldOut, training } = source.records[0].tokens;
  const due = correctedTTest(result.folds.map(({ value }) => value), { test: heldOut, training });
  assert.deepEqual(result.test, due);
  assert.equal(result.adjustedPValue, due.pValue);
  assertClose(result.effect!.dz, 0.065 / 0.015, 1e-9);
});

Deno.test("linearContrasts of a point and the baseline is what compareWithBaseline says, with Holm over those asked", () => {
  const source = records({ axes: { lambda: [0, 1e-5, 1e-4] }, folds: 5 });
  const { points } = compareWithBaseline(source)!;
  const { contrasts } = linearContrasts(
    source,
    points.map(({ point }) => contrast(point).minus({ lambda: 0 })),
  );
  contrasts.forEach(({ test, folds }, index) => {
    assertClose(test!.pValue, points[index].test!.pValue!, 1e-9);
    folds.forEach(({ value }, fold) => assertClose(value, points[index].foldDifferences[fold]));
  });
  assert.deepEqual(
    contrasts.map(({ adjustedPValue }) => adjustedPValue),
    holm(contrasts.map(({ test }) => test!.pValue)),
  );
});

Deno.test("linearContrasts looks at each term in its own view: early stopping of one point against the end of another", () => {
  const source = twoByTwo((fold, _seed, index) => [1 + fold, index === 0 ? 5 + fold : 2 + fold]);
  const ask = (view?: "bestStep") => {
    const [result] = linearContrasts(source, [contrast(a).minus(neither, { view })]).contrasts;
    return [result.test!.mean, result.test!.state];
  };
  assert.deepEqual(ask(), [-3, "constant"]);
  assert.deepEqual(ask("bestStep"), [1, "constant"]);
});

Deno.test("linearContrasts gives no test where a run is missing and keeps the folds that all terms have", () => {
  const source = records({
    axes: { lambda: [0, 1e-4] },
    seeds: [1],
    status: ({ lambda }, fold) => lambda !== 0 && fold === 1 ? "diverged" : "completed",
  });
  const [result] =
    linearContrasts(source, [contrast({ lambda: 1e-4 }).minus({ lambda: 0 })]).contrasts;
  assert.deepEqual([result.test, result.adjustedPValue, result.effect], [null, null, null]);
  assert.deepEqual(result.folds.map(({ fold }) => fold), [0, 2]);
});

Deno.test("linearContrasts refuses weights that do not sum to 0, single terms and unknown points, and says what it found", () => {
  const source = records({ axes: { lambda: [0, 1] } });
  const term = (lambda: number, weight: number) => ({ point: { lambda }, weight });
  const ask = (...terms: ReturnType<typeof term>[]) =>
    linearContrasts(source, [{ name: "x", terms }]);
  assert.throws(() => ask(term(0, 1)), /"x" must have at least two terms, found 1/);
  assert.throws(() => ask(term(0, 1), term(1, -0.5)), /"x" must sum to 0, found 1, -0\.5/);
  assert.throws(() => ask(term(0, NaN), term(1, 1)), /weight must be a finite number/);
  assert.throws(
    () => ask(term(0, 1), term(2, -1)),
    /points of study synthetic, found \{"lambda":2\}/,
  );
  const options = { view: "late" as "lastStep" };
  assert.throws(() => linearContrasts(source, [], options), /view must be one of/);
  assert.throws(() => linearContrasts(source, [], { views: 1 } as never), /unknown option "views"/);
  assert.deepEqual(linearContrasts(source, []).contrasts, []);
});

Deno.test("contrast is called what it computes until it is named, and each step leaves the one before as it was", () => {
  const first = contrast(a).minus(neither);
  const named = first.named("a", "alone");
  assert.equal(interaction.name, "a = 1, b = 1 − a = 1, b = 0 − a = 0, b = 1 + a = 0, b = 0");
  assert.deepEqual([first.name, first.group], ["a = 1, b = 0 − a = 0, b = 0", undefined]);
  assert.deepEqual([named.name, named.group, named.terms], ["a", "alone", first.terms]);
  assert.deepEqual(named.plus(b).terms.length, 3);
  assert.deepEqual([named.plus(b).name, first.terms.length], ["a", 2]);
});
