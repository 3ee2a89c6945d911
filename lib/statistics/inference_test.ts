import assert from "node:assert/strict";
import { bootstrapInterval, intervalOfSorted } from "./bootstrap.ts";
import { effectSize } from "./effect_size.ts";
import { mean } from "./estimate.ts";
import { holm } from "./holm.ts";
import { noncentralTCumulative } from "./noncentral_t.ts";
import { normalCumulative, normalQuantile } from "./normal.ts";
import { assertClose } from "./testing/close.ts";
import reference from "./testing/inference_reference.json" with { type: "json" };
import { wilcoxonSignedRank } from "./wilcoxon.ts";

Deno.test("normalCumulative and normalQuantile agree with SciPy, far tails included", () => {
  for (const [z, expected] of reference.normal) assertClose(normalCumulative(z), expected, 1e-13);
  for (const [p, expected] of reference.normalQuantile) {
    assertClose(normalQuantile(p), expected, 1e-12, 1e-14);
  }
  assert.equal(normalQuantile(0), -Infinity);
});

Deno.test("noncentralTCumulative agrees with SciPy on both sides of 0", () => {
  for (const [t, freedom, delta, expected] of reference.noncentral) {
    assertClose(noncentralTCumulative(t, freedom, delta), expected, 1e-9, 1e-12);
  }
});

Deno.test("wilcoxonSignedRank agrees with SciPy's exact test, with ties and with zeros", () => {
  for (const { differences, ranked, statistic, pValue } of reference.wilcoxon) {
    const result = wilcoxonSignedRank(differences);
    assert.equal(result.state, "tested");
    assert.deepEqual([result.ranked, result.statistic], [ranked, statistic]);
    assertClose(result.pValue, pValue, 1e-12);
  }
});

Deno.test("wilcoxonSignedRank refuses where it can say nothing, and calls identical pairs identical", () => {
  const refused = wilcoxonSignedRank([1, 2, 3, 4, 5]);
  assert.deepEqual(refused, { state: "tooFewFolds", ranked: 5, statistic: null, pValue: null });
  assert.equal(wilcoxonSignedRank([1, 2, 3, 4, 5, 0, 0]).state, "tooFewFolds");
  assert.deepEqual(wilcoxonSignedRank([0, 0, 0, 0, 0, 0, 0]).state, "identical");
  assert.equal(wilcoxonSignedRank([]).state, "tooFewFolds");
  assert.equal(wilcoxonSignedRank([-1, -2, -3, -4, -5, -6]).pValue, 2 / 64);
  assert.throws(() => wilcoxonSignedRank([1, 2, NaN, 3, 4, 5, 6]), /finite, found NaN/);
});

Deno.test("effectSize agrees with d_z, Hedges's correction and noncentral t intervals of SciPy", () => {
  for (const { differences, sizes, dz, hedges, interval } of reference.effect) {
    const found = effectSize(differences, sizes === null ? {} : { sizes });
    assertClose(found.dz, dz);
    assertClose(found.hedges, hedges, 1e-12);
    assertClose(found.interval![0], interval[0], 1e-8);
    assertClose(found.interval![1], interval[1], 1e-8);
  }
});

Deno.test("effectSize has no size for identical, constant or single differences", () => {
  const states = [[0, 0, 0], [0.1 + 0.2, 0.3, 0.3], [1], []].map((each) => effectSize(each));
  assert.deepEqual(states.map(({ state }) => state), [
    "identical",
    "constant",
    "tooFewFolds",
    "tooFewFolds",
  ]);
  assert.ok(states.every(({ dz, hedges, interval }) => dz ?? hedges ?? interval === null));
  const two = effectSize([1, 2]);
  assert.ok(two.dz! > 2 && two.hedges === null && two.interval !== null);
  // A difference of a hundred times its spread: an interval beyond the computed range is not given.
  assert.equal(effectSize([100, 101, 99, 100.5, 99.5]).interval, null);
});

/** The means of all n^n resamples, in the order of the reference. */
function allMeans(values: readonly number[]): number[] {
  let chosen: number[][] = [[]];
  for (const _ of values) chosen = chosen.flatMap((each) => values.map((v) => [...each, v]));
  return chosen.map(mean);
}

Deno.test("bootstrap intervals of all resamples agree with SciPy, by percentile and by BCa", () => {
  for (const { values, confidence, percentile, bca } of reference.bootstrap) {
    const replicates = Float64Array.from(allMeans(values)).sort();
    const by = (method: "bca" | "percentile") =>
      intervalOfSorted(values, replicates, confidence, method);
    by("percentile").forEach((end, at) => assertClose(end, percentile[at], 1e-12));
    by("bca").forEach((end, at) => assertClose(end, bca[at], 1e-10));
  }
});

Deno.test("bootstrapInterval depends on its seed alone and nears the interval of all resamples", () => {
  const { values, confidence, bca } = reference.bootstrap[0];
  const at = (seed: number) => bootstrapInterval(values, { seed, confidence }).interval!;
  assert.deepEqual(at(1), at(1));
  const many = Array.from({ length: 12 }, (_, index) => Math.sqrt(index));
  const few = (seed: number) => bootstrapInterval(many, { seed, resamples: 200 }).interval;
  assert.notDeepEqual(few(1), few(2));
  // A quarter spans the few means of resamples that lie beside each end.
  at(3).forEach((end, index) => assert.ok(Math.abs(end - bca[index]) < 0.25));
});

Deno.test("bootstrapInterval reports values without spread and refuses what cannot be drawn from", () => {
  const state = (values: number[]) => bootstrapInterval(values, { seed: 1 });
  assert.deepEqual(state([0, 0, 0]), { state: "identical", mean: 0, interval: null });
  assert.equal(state([0.3, 0.3]).state, "constant");
  assert.equal(state([0.3]).state, "tooFewFolds");
  assert.throws(() => state([1, Infinity]), /finite, found Infinity/);
  assert.throws(() => bootstrapInterval([1, 2], { seed: 1, resamples: 10 }), RangeError);
  assert.throws(() => bootstrapInterval([1, 2], { seed: 1, level: 1 } as never), /unknown option/);
});

Deno.test("holm agrees with statsmodels", () => {
  for (const { raw, adjusted } of reference.holm) {
    holm(raw).forEach((value, index) => assertClose(value, adjusted[index]));
  }
});
