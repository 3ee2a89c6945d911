import assert from "node:assert/strict";
import { studyDifferences } from "../statistics/study_differences.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { syntheticRecords } from "../statistics/testing/synthetic_study.ts";
import { plotVarianceSplit, splitDifferences } from "./variance_split.ts";

Deno.test("shares of a difference sum to 1, and of many those are drawn that vary most", () => {
  const source = syntheticRecords();
  const all = studyDifferences(source);
  const { differences, of } = splitDifferences(all);
  assert.deepEqual([of, differences.length], [19, 10]);
  for (const { shares } of differences) assertClose(shares.fold + shares.seed + shares.rest, 1);
  const { chart } = plotVarianceSplit(source);
  assert.match(chart.subtitle, /Of 19 differences those that vary most over folds/);
  assert.match(chart.title, /^Folds make up \d+\.\d % to \d+\.\d % of the variance/);
});

Deno.test("a study with one seed or without runs has nothing to split, and says so", () => {
  for (const options of [{ seeds: [1] }, { status: () => "missing" as const }]) {
    const figure = plotVarianceSplit(syntheticRecords(options));
    assert.match(
      figure.chart.title,
      /^No variance can be split: that takes two folds and two seeds/,
    );
    assert.match(figure.alt, /there is none that can be split/);
    assert.ok(!/NaN|undefined|Infinity/.test(figure.svg()));
  }
});
