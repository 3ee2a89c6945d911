import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import type { SelectionRule } from "../records/study_record.ts";
import { handStudy } from "./testing/hand_study.ts";
import { select } from "./select.ts";
import { type PointSummary, summarizeTrials } from "./summarize.ts";

// Three folds at mean − d, mean, mean + d have standard error d / √3.
function tabulated(rows: readonly (readonly [JsonObject, number, number])[]): PointSummary[] {
  const { study, runs } = handStudy({
    points: rows.map(([point]) => point),
    folds: 3,
    seeds: [1],
    runs: rows.flatMap(([point, mean, standardError]) =>
      [-1, 0, 1].map((side, fold) => ({
        point,
        fold,
        seed: 1,
        curve: [[10, 1, mean + side * standardError * Math.sqrt(3)]] as const,
      }))
    ),
  });
  return summarizeTrials(study, runs);
}

const rule = (kind: SelectionRule["kind"], axes: string[] = []): SelectionRule => ({
  kind,
  metric: "validationLoss",
  axes,
});
const points = (summaries: readonly PointSummary[]) => summaries.map(({ point }) => point);

Deno.test("select by mean takes the lowest mean and the earlier point on a tie", () => {
  const summaries = tabulated([
    [{ lambda: 0 }, 2.5, 0.1],
    [{ lambda: 1 }, 2.25, 0.1],
    [{ lambda: 2 }, 2.25, 0.2],
  ]);
  const selection = select(summaries, rule("mean"), "lastStep");
  assert.deepEqual(selection.selected?.point, { lambda: 1 });
});

Deno.test("select by one standard error takes the strongest point in the band of the best", () => {
  const summaries = tabulated([
    [{ lambda: 0 }, 2.5, 0.01],
    [{ lambda: 1 }, 2.0, 0.1],
    [{ lambda: 2 }, 2.09, 5],
    [{ lambda: 3 }, 2.11, 5],
  ]);
  const selection = select(summaries, rule("oneStandardError"), "lastStep");
  assert.deepEqual(selection.selected?.point, { lambda: 2 });
  assert.deepEqual(selection.best?.point, { lambda: 1 });
  assert.ok(Math.abs(selection.threshold! - 2.1) < 1e-12);
  assert.deepEqual(points(selection.band), [{ lambda: 1 }, { lambda: 2 }]);
});

Deno.test("select on a grid keeps undominated points, then takes the largest first axis", () => {
  const summaries = tabulated([
    [{ lambda: 0, alpha: 0 }, 2.00, 0.1],
    [{ lambda: 0, alpha: 3 }, 2.05, 0.1],
    [{ lambda: 1, alpha: 1 }, 2.05, 0.1],
    [{ lambda: 1, alpha: 2 }, 2.06, 0.1],
    [{ lambda: 2, alpha: 0 }, 2.09, 0.1],
    [{ lambda: 2, alpha: 3 }, 2.20, 0.1],
  ]);
  const selection = select(summaries, rule("oneStandardError"), "lastStep");
  assert.equal(selection.band.length, 5);
  assert.deepEqual(points(selection.undominated), [
    { lambda: 0, alpha: 3 },
    { lambda: 1, alpha: 2 },
    { lambda: 2, alpha: 0 },
  ]);
  assert.deepEqual(selection.selected?.point, { lambda: 2, alpha: 0 });
  const alphaFirst = select(summaries, rule("oneStandardError", ["alpha", "lambda"]), "lastStep");
  assert.deepEqual(alphaFirst.selected?.point, { lambda: 0, alpha: 3 });
});

Deno.test("select takes the lower mean among points equally strong on the rule's axes", () => {
  const summaries = tabulated([
    [{ lambda: 1, hiddenSize: 64 }, 2.04, 0.1],
    [{ lambda: 1, hiddenSize: 128 }, 2.00, 0.1],
  ]);
  const selection = select(summaries, rule("oneStandardError", ["lambda"]), "lastStep");
  assert.deepEqual(selection.selected?.point, { lambda: 1, hiddenSize: 128 });
  assert.equal(selection.undominated.length, 2);
});

Deno.test("select never takes a point with a diverged or missing run, however low its mean", () => {
  const { study, runs } = handStudy({
    points: [{ lambda: 0 }, { lambda: 1 }, { lambda: 2 }],
    folds: 2,
    seeds: [1],
    runs: [
      { point: { lambda: 0 }, fold: 0, seed: 1, curve: [[10, 1, 3]] },
      { point: { lambda: 0 }, fold: 1, seed: 1, curve: [[10, 1, 3]] },
      { point: { lambda: 1 }, fold: 0, seed: 1, curve: [[10, 1, 1]] },
      { point: { lambda: 1 }, fold: 1, seed: 1, curve: [[10, 1, 1]], status: "diverged" },
      { point: { lambda: 2 }, fold: 0, seed: 1, curve: [[10, 1, 1]] },
    ],
  });
  const selection = select(summarizeTrials(study, runs), rule("oneStandardError"), "lastStep");
  assert.deepEqual(selection.selected?.point, { lambda: 0 });
  assert.equal(selection.band.length, 1);
});

Deno.test("select returns nothing when no point is complete, and the best alone with one fold", () => {
  assert.equal(select([], rule("oneStandardError"), "bestStep").selected, null);
  const { study, runs } = handStudy({
    points: [{ lambda: 0 }, { lambda: 1 }],
    folds: 1,
    seeds: [1],
    runs: [0, 1].map((lambda) => ({
      point: { lambda },
      fold: 0,
      seed: 1,
      curve: [[1, 1, 2 + lambda]],
    })),
  });
  const selection = select(summarizeTrials(study, runs), rule("oneStandardError"), "lastStep");
  assert.deepEqual(points(selection.band), [{ lambda: 0 }]);
});

Deno.test("select refuses one standard error on an axis that holds no numbers", () => {
  const summaries = tabulated([[{ penalty: "l1" }, 2, 0.1], [{ penalty: "l2" }, 2, 0.1]]);
  assert.throws(
    () => select(summaries, rule("oneStandardError", ["penalty"]), "lastStep"),
    /select: one standard error needs a number on axis "penalty".*found "l1"/,
  );
});
