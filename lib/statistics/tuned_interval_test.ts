import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { compareWithBaseline } from "./compare.ts";
import { handStudy } from "./testing/hand_study.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";
import { tunedAgainstBaseline } from "./tuned_interval.ts";

/** losses[point][fold]; the first point is the baseline. */
function source(losses: readonly (readonly number[])[]) {
  const points = losses.map((_, alpha) => ({ alpha }));
  const { study: record, runs: records } = handStudy({
    points,
    folds: losses[0].length,
    seeds: [1],
    baseline: points[0],
    runs: (point, fold) => [[10, 1, losses[point][fold]]],
  });
  return { record, records };
}

Deno.test("S7: tunedAgainstBaseline scores on each fold what the others choose, worked by hand", () => {
  // Fold 0: the others prefer point 2 (1.7 against 1.75); folds 1 and 2 prefer point 1.
  const found = tunedAgainstBaseline(
    source([[2, 2.1, 2.2], [1.4, 1.6, 1.9], [1.8, 1.7, 1.7]]),
    "lastStep",
  )!;
  assert.deepEqual(
    found.difference.foldDifferences.map((each) => Number(each.toFixed(9))),
    [-0.2, -0.5, -0.3],
  );
});

Deno.test("S7: the tuned difference of points that differ by noise alone is never below that of the lowest mean, and mostly above", () => {
  const stream = randomStream(1, "optimism");
  let above = 0;
  for (let study = 0; study < 20; study++) {
    const losses = Array.from(
      { length: 10 },
      () => Array.from({ length: 5 }, () => 30 + stream.normal()),
    );
    const given = source(losses);
    const { test } = tunedAgainstBaseline(given, "lastStep")!.difference;
    const lowest = Math.min(
      ...compareWithBaseline(given)!.points.map(({ test }) => test!.mean),
    );
    assert.ok(test!.mean >= lowest - 1e-12);
    if (test!.mean > lowest + 0.1) above++;
  }
  assert.ok(above >= 15, `${above} of 20`);
});

Deno.test("tunedAgainstBaseline is null without a baseline, and without another point that has ended", () => {
  const { study: record, runs: records } = syntheticStudy();
  assert.equal(
    tunedAgainstBaseline({ record: { ...record, baseline: null }, records }, "lastStep"),
    null,
  );
  assert.equal(tunedAgainstBaseline({ record, records: [] }, "lastStep"), null);
  const own = records.filter(({ point }) => point.lambda === 0 && point.alpha === 0);
  assert.equal(tunedAgainstBaseline({ record, records: own }, "lastStep"), null);
});
