import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { correctedTTest } from "./corrected_t.ts";
import { compareWithBaseline } from "./compare.ts";
import { detectableDifference } from "./detectable_difference.ts";
import { effectSize } from "./effect_size.ts";
import { holm } from "./holm.ts";
import { meanInterval } from "./mean_interval.ts";
import { assertClose } from "./testing/close.ts";
import { handStudy } from "./testing/hand_study.ts";
import reference from "./testing/scipy_reference.json" with { type: "json" };
import { syntheticStudy } from "./testing/synthetic_study.ts";

Deno.test("correctedTTest agrees with the formula evaluated by SciPy", () => {
  for (const each of reference.corrected) {
    const sizes = { test: each.testSize, training: each.trainingSize };
    const result = correctedTTest(each.differences, sizes);
    assert.equal(result.state, "tested");
    assertClose(result.statistic, each.statistic, 1e-12);
    assertClose(result.pValue, each.pValue, 1e-10);
    assertClose(result.interval![0], each.interval[0], 1e-10);
    assertClose(result.interval![1], each.interval[1], 1e-10);
  }
});

Deno.test("correctedTTest reports identical, constant and single differences without a p-value", () => {
  const sizes = { test: 1, training: 2 };
  assert.equal(correctedTTest([0, 0, 0], sizes).state, "identical");
  const constant = correctedTTest([0.1 + 0.2, 0.3, 0.3], sizes);
  assert.deepEqual([constant.state, constant.pValue, constant.interval], ["constant", null, null]);
  assert.equal(correctedTTest([0.3], sizes).state, "tooFewFolds");
  assert.throws(() => correctedTTest([1, 2], { test: 0, training: 2 }), RangeError);
});

Deno.test("meanInterval agrees with SciPy's one-sample interval, and with the corrected test where folds overlap", () => {
  for (const { values, confidence, standardError, interval } of reference.means) {
    const found = meanInterval(values, { confidence });
    assert.equal(found.state, "estimated");
    assertClose(found.standardError, standardError);
    interval.forEach((end, at) => assertClose(found.interval![at], end, 1e-10));
  }
  const sizes = { test: 13000, training: 26000 };
  const values = [-0.12, -0.08, -0.15];
  assert.deepEqual(
    meanInterval(values, { sizes }).interval,
    correctedTTest(values, sizes).interval,
  );
});

Deno.test("meanInterval says why there is none of equal values or of one fold", () => {
  const state = (values: number[]) => meanInterval(values).state;
  assert.deepEqual([state([0, 0]), state([2, 2]), state([2]), state([])], [
    "identical",
    "constant",
    "tooFewFolds",
    "tooFewFolds",
  ]);
  assert.throws(() => meanInterval([1, 2], { sizes: { test: 1, training: 0 } }), RangeError);
});

Deno.test("no statistic takes NaN or an infinite value for a number", () => {
  const sizes = { test: 1, training: 2 };
  for (const strange of [NaN, Infinity]) {
    const values = [1, strange, 3];
    assert.throws(() => correctedTTest(values, sizes), /differences must be finite, found/);
    assert.throws(() => effectSize(values), /differences must be finite, found/);
    assert.throws(() => meanInterval(values), /values must be finite, found/);
    assert.throws(() => holm([0.5, strange]), /a p-value must be .* from 0 to 1, found/);
  }
  assert.throws(() => holm([1.5]), RangeError);
});

Deno.test("holm adjusts a hand-worked family and keeps the order of the tests", () => {
  // Sorted 0.01, 0.02, 0.03, 0.5 times 4, 3, 2, 1, then the running largest.
  const adjusted = holm([0.03, 0.01, null, 0.5, 0.02]);
  [0.06, 0.04, null, 0.5, 0.06].forEach((expected, index) => {
    if (expected === null) assert.equal(adjusted[index], null);
    else assertClose(adjusted[index], expected);
  });
  assert.deepEqual(holm([0.9, 0.8]), [1, 1]);
  assert.deepEqual(holm([]), []);
});

const baseline = { lambda: 0 };
const strong = { lambda: 1 };

Deno.test("compareWithBaseline pairs fold by seed and averages the seeds of a fold", () => {
  const losses = [[[2.0, 2.4], [1.8, 2.1]], [[3.0, 3.2], [2.9, 3.0]]]; // [fold][point][seed]
  const { study, runs } = handStudy({
    points: [baseline, strong],
    folds: 2,
    seeds: [1, 2],
    baseline,
    runs: (index, fold, seed) => [[10, 1, losses[fold][index][seed - 1]]],
  });
  const { points } = compareWithBaseline({ record: study, records: runs })!;
  assert.equal(points.length, 1);
  [-0.2, -0.3, -0.1, -0.2].forEach((expected, index) =>
    assertClose(points[0].pairs[index].difference, expected, 1e-12)
  );
  assertClose(points[0].foldDifferences[0], -0.25);
  assertClose(points[0].foldDifferences[1], -0.15);
  assert.equal(points[0].test!.degreesOfFreedom, 1);
  assert.equal(points[0].adjustedPValue, points[0].test!.pValue);
  assertClose(points[0].effect!.dz, -0.2 / Math.sqrt(0.005), 1e-12);
  assert.equal(points[0].signedRank!.state, "tooFewFolds");
});

Deno.test("compareWithBaseline adds a signed-rank test from six folds on", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1e-4] }, folds: 6 });
  const [{ signedRank, foldDifferences }] =
    compareWithBaseline({ record: study, records: runs })!.points;
  assert.ok(foldDifferences.every((difference) => difference < 0));
  assert.deepEqual([signedRank!.statistic, signedRank!.pValue], [0, 2 / 64]);
});

Deno.test("compareWithBaseline against early stopping looks at the baseline's best step", () => {
  const curves: { [lambda: number]: [number, number, number][] } = {
    0: [[5, 2, 1.9], [10, 1, 3]],
    1: [[5, 2, 2.5], [10, 1, 2.2]],
  };
  const { study, runs } = handStudy({
    points: [baseline, strong],
    folds: 2,
    seeds: [1],
    baseline,
    runs: (lambda) => curves[lambda],
  });
  const difference = (options: Parameters<typeof compareWithBaseline>[1]) =>
    compareWithBaseline({ record: study, records: runs }, options)!.points[0].foldDifferences[0];
  assertClose(difference({}), -0.8);
  assertClose(difference({ baselineView: "bestStep" }), 0.3, 1e-12);
  assertClose(difference({ view: "bestStep" }), 0.3, 1e-12);
  assertClose(difference({ quantity: "generalizationGap" }), -0.8, 1e-12);
});

Deno.test("compareWithBaseline gives no test for an incomplete point and counts it out of Holm", () => {
  const { study, runs } = syntheticStudy({
    axes: { lambda: [0, 1e-5, 1e-4] },
    status: (point, fold, seed) =>
      point.lambda === 1e-4 && fold === 0 && seed === 1 ? "diverged" : "completed",
  });
  const { points } = compareWithBaseline({ record: study, records: runs })!;
  assert.equal(points[1].test, null);
  assert.equal(points[1].pairs.length, 8);
  assert.equal(points[0].adjustedPValue, points[0].test!.pValue);
});

Deno.test("compareWithBaseline returns null for a study without a baseline", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [1e-5, 1e-4] } });
  assert.equal(study.baseline, null);
  assert.equal(compareWithBaseline({ record: study, records: runs }), null);
});

Deno.test("compareWithBaseline keeps identical runs from becoming p = 0", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1e-5] } });
  const base = runs.filter((run) => run.point.lambda === 0);
  const copies = base.map((run, index) => ({
    ...run,
    point: { lambda: 1e-5 },
    id: `${index}`.padStart(64, "a"),
  }));
  const [point] = compareWithBaseline({ record: study, records: [...base, ...copies] })!.points;
  assert.equal(point.test!.state, "identical");
  assert.equal(point.adjustedPValue, null);
});

Deno.test("S5: points that a search pruned count in Holm's adjustment and have no verdict", () => {
  const strengths = [0, 1e-6, 1e-5, 1e-4, 3e-4];
  const compare = (pruned: readonly number[]) => {
    const { study, runs } = syntheticStudy({
      axes: { lambda: strengths },
      status: ({ lambda }) => pruned.includes(lambda as number) ? "pruned" : "completed",
    });
    return compareWithBaseline({ record: study, records: runs })!;
  };
  const kept = [3e-4];
  const alone = compare(strengths.filter((each) => each > 0 && !kept.includes(each)));
  assert.equal(alone.family, 4);
  assert.deepEqual(alone.points.map(({ adjustedPValue }) => adjustedPValue !== null), [
    false,
    false,
    false,
    true,
  ]);
  const last = alone.points[3];
  assertClose(last.adjustedPValue, Math.min(1, 4 * last.test!.pValue!), 1e-12);
  assert.equal(compare([]).family, 4);
});

Deno.test("a comparison says which difference it would have shown, and where the next stretch lies", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1e-5, 1e-4] }, folds: 5 });
  const { points, family } = compareWithBaseline({ record: study, records: runs })!;
  assert.equal(family, 2);
  for (const { test, detectable, prediction, foldDifferences } of points) {
    const { standardError, degreesOfFreedom, interval, mean } = test!;
    assertClose(
      detectable,
      detectableDifference({
        standardError: standardError!,
        degreesOfFreedom: degreesOfFreedom!,
        comparisons: 2,
      })!,
    );
    // √(1 + 1/5 + 2 · 13/26) over √(1/5 + 13/26): one more stretch varies more than a mean of five.
    const widths = [prediction!, interval!].map(([low, high]) => high - low);
    assertClose(widths[0] / widths[1], Math.sqrt(2.2 / 0.7), 1e-9);
    assertClose((prediction![0] + prediction![1]) / 2, mean, 1e-9);
    assert.equal(foldDifferences.length, 5);
  }
});

Deno.test("compareWithBaseline compares what runs that stop early kept, with the baseline's best step too", () => {
  const [none, some] = [{ lambda: 0 }, { lambda: 1 }];
  const run = (point: JsonObject, fold: number, losses: readonly number[]) => ({
    point,
    fold,
    seed: 1,
    curve: losses.map((loss, index): [number, number, number] => [10 * index, 1, loss]),
  });
  const { study, runs } = handStudy({
    points: [none, some],
    folds: 3,
    seeds: [1],
    baseline: none,
    // What the baseline kept: 3.0, 3.1, 3.2; the other point 2.9, 2.9, 2.9.
    runs: [
      run(none, 0, [4, 3.0, 3.9]),
      run(none, 1, [4, 3.8, 3.1, 3.9]),
      run(none, 2, [4, 3.8, 3.5, 3.2, 3.9]),
      run(some, 0, [4, 2.9, 3.9]),
      run(some, 1, [4, 2.9, 3.9]),
      run(some, 2, [4, 3.5, 2.9, 3.9]),
    ],
    stopsEarly: () => true,
  });
  const last = compareWithBaseline({ record: study, records: runs })!;
  last.points[0].foldDifferences.forEach((difference, fold) =>
    assertClose(difference, [-0.1, -0.2, -0.3][fold])
  );
  for (const options of [{ view: "bestStep" }, { baselineView: "bestStep" }] as const) {
    const other = compareWithBaseline({ record: study, records: runs }, options)!;
    assert.deepEqual(other.points, last.points);
  }
});

Deno.test("the effect size of a comparison is that of its differences, and is not computed unasked", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1e-5, 1e-4] } });
  const comparison = compareWithBaseline({ record: study, records: runs })!;
  for (const point of comparison.points) {
    assert.equal(typeof Object.getOwnPropertyDescriptor(point, "effect")!.get, "function");
    const [{ tokens: { heldOut, training } }] = runs;
    const sizes = { test: heldOut, training };
    assert.deepEqual(point.effect, effectSize(point.foldDifferences, { sizes }));
  }
});
